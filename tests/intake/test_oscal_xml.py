"""XML of OSCAL: what becomes of elements and markup, and everything hostile that XML allows."""

import http.server
import threading
import xml.sax.saxutils
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake import Context, Limits, TooLarge, Unreadable, oscal, oscal_xml

NS = 'xmlns="http://csrc.nist.gov/ns/oscal/1.0"'
BILLION = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def value(inner: str, limits: Limits | None = None) -> Any:
    document = f"<assessment-results {NS}>{inner}</assessment-results>"
    return oscal_xml.value(document.encode(), limits or Limits())["assessment-results"]


def field(markup: str) -> Any:
    read = value(f"<remarks>{markup}</remarks>")
    return read["remarks"]


@pytest.mark.parametrize(
    ("markup", "markdown"),
    [
        ("plain", "plain"),
        ("<p>one\n   line</p><p>two</p>", "one line\n\ntwo"),
        ("<p>a <code>b</code> <em>c</em> <strong>d</strong></p>", "a `b` *c* **d**"),
        ('<p><a href="https://x.example/">here</a></p>', "[here](https://x.example/)"),
        ('<p><img src="a.png" alt="A"/></p>', "![A](a.png)"),
        ('<p><insert type="param" id-ref="ac-1"/></p>', "{{ insert: param, ac-1 }}"),
        ("<ul><li>a</li><li>b<ol><li>c</li><li>d</li></ol></li></ul>", "* a\n* b\n  \n  1. c\n  2. d"),
        ("<p>a</p><ul><li>b</li></ul><p>c</p>", "a\n\n* b\n\nc"),
        ("<h2>Title</h2><blockquote><p>said</p></blockquote>", "## Title\n\n> said"),
        ("<pre>a\n  b</pre>", "```\na\n  b\n```"),
        (
            "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>",
            "| a | b |\n| --- | --- |\n| 1 | 2 |",
        ),
        ("H<sub>2</sub>O<sup>!</sup> <q>x</q>", 'H~2~O^!^ "x"'),
        ("&lt;script&gt; &#x202e;", "<script> \u202e"),
        ("<![CDATA[<b>&x;</b>]]>", "<b>&x;</b>"),
    ],
)
def test_markup_is_markdown(markup: str, markdown: str) -> None:
    assert field(markup) == markdown


def test_elements_are_the_fields_of_json() -> None:
    read = value(
        '<metadata><revisions><revision><title>r</title></revision></revisions><party uuid="p" type="person">'
        "<name>A</name><email-address>a@x.example</email-address></party>"
        '<document-id scheme="s">d</document-id></metadata>'
        '<result uuid="r"><finding uuid="f"><associated-risk risk-uuid="k"/></finding>'
        "<observation><type>finding</type><method>TEST</method><subject subject-uuid='s'><include-all/></subject>"
        "</observation><risk><response><task type='milestone'/></response><status>open</status></risk></result>"
        "<back-matter><resource uuid='b'><rlink href='h'><hash algorithm='SHA-256'>00</hash></rlink></resource>"
        "</back-matter>"
    )
    assert read == {
        "metadata": {
            "revisions": [{"title": "r"}],
            "parties": [{"uuid": "p", "type": "person", "name": "A", "email-addresses": ["a@x.example"]}],
            "document-ids": [{"scheme": "s", "identifier": "d"}],
        },
        "results": [
            {
                "uuid": "r",
                "findings": [{"uuid": "f", "related-risks": [{"risk-uuid": "k"}]}],
                "observations": [
                    {
                        "types": ["finding"],
                        "methods": ["TEST"],
                        "subjects": [{"subject-uuid": "s", "include-all": {}}],
                    }
                ],
                "risks": [{"remediations": [{"tasks": [{"type": "milestone"}]}], "status": "open"}],
            }
        ],
        "back-matter": {
            "resources": [{"uuid": "b", "rlinks": [{"href": "h", "hashes": [{"algorithm": "SHA-256", "value": "00"}]}]}]
        },
    }


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine, and what was asked of it."""
    paths: list[str] = []

    class Listening(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(200)
            self.end_headers()

    server = http.server.HTTPServer(("127.0.0.1", 0), Listening)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", paths
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE assessment-results SYSTEM "{url}/a.dtd">',
        '<!DOCTYPE assessment-results PUBLIC "-//X//Y" "{url}/b.dtd">',
        '<!DOCTYPE assessment-results [<!ENTITY x SYSTEM "{url}/c">]>',
        '<!DOCTYPE assessment-results [<!ENTITY % p SYSTEM "{url}/d"> %p;]>',
        '<!DOCTYPE assessment-results [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        "<!DOCTYPE assessment-results>",
        f'<!DOCTYPE assessment-results [<!ENTITY l0 "ha">{BILLION}<!ENTITY x "&l9;">]>',
        f'<!DOCTYPE assessment-results [<!ENTITY x "{"a" * 50_000}">]>',
    ],
)
def test_a_document_type_is_refused_and_nothing_is_fetched(doctype: str, asked: tuple[str, list[str]]) -> None:
    url, paths = asked
    document = f"{doctype.replace('{url}', url)}\n<assessment-results {NS}>{'&x;' * 1000}</assessment-results>"
    assert oscal.looks(document.encode())
    with pytest.raises(Unreadable) as caught:
        list(oscal.read(document.encode(), Context(client="acme")))
    assert (caught.value.code, caught.value.line) == ("doctype", 1)
    assert paths == []


@pytest.mark.parametrize(
    ("document", "code", "line"),
    [
        ("<assessment-results>\n<a></b></assessment-results>", "not_xml", 2),
        ("<assessment-results>\n\n&x;</assessment-results>", "not_xml", 3),
        ("<assessment-results", "not_xml", 1),
        ("<assessment-results>\n<x xmlns='urn:other'/></assessment-results>", "not_oscal", 2),
        ("<?xml version='1.0' encoding='none-such'?><assessment-results/>", "not_xml", 1),
        ("<?xml version='1.0' encoding='utf-7'?><assessment-results/>", "not_xml", 1),
    ],
)
def test_what_is_no_xml_says_its_line(document: str, code: str, line: int) -> None:
    with pytest.raises(Unreadable) as caught:
        oscal_xml.value(document.encode(), Limits())
    assert (caught.value.code, caught.value.line) == (code, line)
    assert caught.value.column


@pytest.mark.parametrize(
    ("inner", "code"),
    [
        ("<part>" * 70 + "</part>" * 70, "too_deep"),
        ("<remarks>" + "<ul><li>" * 70 + "</li></ul>" * 70 + "</remarks>", "too_deep"),
        ("<prop/>" * 1001, "too_many_values"),
        ("<prop name='a' value='b'/>" * 400, "too_many_values"),
    ],
)
def test_bounds(inner: str, code: str) -> None:
    with pytest.raises(TooLarge) as caught:
        value(inner, Limits(values=1000))
    assert caught.value.code == code


_NAMES = st.sampled_from(["p", "ul", "li", "table", "tr", "td", "a", "code", "title", "prop", "part", "risk", "h1"])
_TREES = st.recursive(
    st.text(alphabet="ab<&\n \u202e", max_size=6).map(xml.sax.saxutils.escape),
    lambda inner: st.builds(
        lambda name, parts: f"<{name} uuid='1'>{''.join(parts)}</{name}>", _NAMES, st.lists(inner, max_size=4)
    ),
    max_leaves=20,
)


@given(tree=_TREES)
def test_any_tree_becomes_a_value(tree: str) -> None:
    assert isinstance(value(f"<metadata a='1'>{tree}</metadata>")["metadata"], dict)
