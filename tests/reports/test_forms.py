"""The form as PDF and DOCX: what it says stands in it as text, and nothing of it is ever run."""

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import docx
import pypdf
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH
from pydantic import BaseModel

from services.confined import Busy
from services.reports.apart import Asked, Format
from services.reports.docx import BadTemplate
from services.reports.docx import docx as word
from services.reports.form import Form
from services.reports.minutes.form import Minutes
from services.reports.paper import FOLDER, Paper, ours, own
from services.reports.pdf import STAND_IN, pdf
from services.reports.press import Press, Unrendered
from tests.reports.conftest import HOSTILE, form, hostile
from tests.reports.drawing import DRAWN

DEFAULT = ours(Form, "docx")
KINDS: tuple[type[Paper], ...] = (Form, Minutes)
JUDGED = ("<script>alert(1)</script>", "{{7*7}}", '#eval("1+1")', "#sys.version", "{_{ 1 }_}", "&amp;", "{% for %}")


def said(document: bytes) -> str:
    """The text of a PDF, blanks as one."""
    pages = pypdf.PdfReader(io.BytesIO(document)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def written(document: bytes) -> str:
    """The text of a DOCX, tables and footer with it."""
    paper = docx.Document(io.BytesIO(document))
    parts = [paragraph.text for paragraph in paper.paragraphs]
    parts += [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    parts += [paragraph.text for paragraph in paper.sections[0].footer.paragraphs]
    return "\n".join(parts)


def template(*paragraphs: str, header: str = "") -> bytes:
    """A body's own template."""
    paper = docx.Document()
    for each in paragraphs:
        paper.add_paragraph(each)
    if header:
        paper.sections[0].header.paragraphs[0].text = header
    made = io.BytesIO()
    paper.save(made)
    return made.getvalue()


def test_a_pdf_is_tagged_titled_and_in_a_language() -> None:
    read = pypdf.PdfReader(io.BytesIO(pdf(form())))
    root: Any = read.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/StructTreeRoot"]["/K"]
    assert root["/Lang"] == "en-GB"
    assert read.metadata is not None
    assert read.metadata.title == "Nonconformity report NC-2026-0007"
    assert b"pdfuaid" in root["/Metadata"].get_data()


def test_what_stands_in_a_form_is_text() -> None:
    document = said(pdf(hostile()))
    for code in JUDGED:
        assert code in document
    assert "49" not in document
    text = written(word(hostile(), DEFAULT.read_bytes()))
    assert text.count(HOSTILE) == 10
    assert "49" not in text


def test_a_pdf_holds_no_action() -> None:
    for part in (b"/JavaScript", b"/JS", b"/OpenAction", b"/Launch", b"/URI"):
        assert part not in pdf(hostile())


def test_scripts_from_right_to_left_and_many_alphabets_are_shown() -> None:
    texts = ("Zażółć gęślą jaźń", "Προϊόν", "Съёмка", "זכויות גישה", "حقوق الوصول")
    document = said(pdf(form(statement="\n".join(texts))))
    for word_ in (word_ for text in texts[:3] for word_ in text.split()):
        assert word_ in document
    assert STAND_IN not in document
    assert any("\u05d0" <= one <= "\u05ea" for one in document)
    assert any("\u0627" <= one <= "\u064a" for one in document)


def test_what_no_font_shows_is_a_square_and_named_at_the_end() -> None:
    document = said(pdf(form(statement="不符合 ok", title="\U0001f600")))
    assert f"{STAND_IN * 3} ok" in document
    for code in ("U+4E0D", "U+7B26", "U+5408", "U+1F600"):
        assert code in document
    assert "不符合" in written(word(form(statement="不符合"), DEFAULT.read_bytes()))


def test_whatever_unicode_holds_is_set() -> None:
    """Also characters that are half of something: combining marks, joiners, private use, isolates."""
    odd = "a\u0301 \u0301 \u200d \ue000 \u2066x\u2069 \u202eabc \ufeff \u00ad \U0010fffd \u0915\u094d\u0937 \u0e01"
    assert said(pdf(form(statement=odd, title=odd))).startswith("Certification body")


def test_a_long_word_stays_on_the_page() -> None:
    """Broken over lines: on one it would be cut at the edge of the sheet."""
    read = pypdf.PdfReader(io.BytesIO(pdf(form(statement="x" * 500))))
    lines = [line for line in read.pages[0].extract_text().splitlines() if "xxx" in line]
    assert len(lines) > 3
    assert sum(line.count("x") for line in lines) == 500
    assert not any(" " in line for line in lines)


@pytest.mark.parametrize("kind", KINDS)
def test_our_template_is_as_drawn(kind: type[Paper]) -> None:
    def body(document: bytes) -> bytes:
        return zipfile.ZipFile(io.BytesIO(document)).read("word/document.xml")

    assert body(ours(kind, "docx").read_bytes()) == body(DRAWN[kind]()), "python -m tests.reports.drawing"


def test_lines_of_a_text_are_lines_of_the_document() -> None:
    made = word(form(statement="first\nsecond & third"), DEFAULT.read_bytes())
    assert "first\nsecond & third" in written(made)


def test_what_runs_from_right_to_left_is_marked_so() -> None:
    texts = {"זכויות גישה, ISO": True, "123. حقوق الوصول": True, "Access, זכויות": False, "12.5 %": False}
    own = template(
        *(f"{{{{ {name} }}}}" for name in ("title", "statement", "process", "department")), header="{{ title }}"
    )
    title, statement, process, department = texts
    made = word(form(title=title, statement=statement, process=process, department=department), own)
    paper = docx.Document(io.BytesIO(made))
    for paragraph in [*paper.paragraphs, *paper.sections[0].header.paragraphs]:
        if paragraph.text:
            assert bool(paragraph._p.xpath("./w:pPr/w:bidi")) is texts[paragraph.text], paragraph.text
            assert [bool(run.font.rtl) for run in paragraph.runs if run.text] == [texts[paragraph.text]]
    assert paper.sections[0].header.paragraphs[0].text == title


def test_the_marks_of_a_paragraph_stand_in_the_order_of_the_standard() -> None:
    paper = docx.Document()
    paper.add_paragraph("{{ statement }}", style="List Bullet").alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    held = io.BytesIO()
    paper.save(held)
    made = docx.Document(io.BytesIO(word(form(statement="זכויות"), held.getvalue())))
    properties = made.paragraphs[0]._p.get_or_add_pPr()
    assert [one.tag.partition("}")[2] for one in properties] == ["pStyle", "bidi", "jc"]


def test_a_template_of_ones_own() -> None:
    own = template(
        "Bericht {{ number }} für {{ client.name }}", "{%p for one in sites %}", "{{ one }}", "{%p endfor %}"
    )
    assert written(word(form(), own)).split("\n")[:2] == ["Bericht NC-2026-0007 für Acme Ltd", "Vienna"]


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (b"no archive", ["no Word document"]),
        (template("{{ numbr }}"), ["word/document.xml", "'{{ numbr }}'", "'numbr' is undefined"]),
        (template("fine", "{% if number %}"), ["word/document.xml", "Unexpected end of template"]),
        (template("{{ client.nme }}"), ["{{ client.nme }}", "has no attribute 'nme'"]),
        (template("{{ 1 / 0 }}"), ["'{{ 1 / 0 }}'", "ZeroDivisionError"]),
        (template("ok", header="{{ nobody }}"), ["word/header", "'nobody' is undefined"]),
        (template("{{ ''.__class__.__mro__ }}"), ["unsafe"]),
        (template("{% include 'other' %}"), ["no loader"]),
        (template("{{ number.format.__globals__ }}"), ["unsafe"]),
    ],
)
def test_a_bad_template_is_said_with_its_place(bad: bytes, says: Sequence[str]) -> None:
    with pytest.raises(BadTemplate) as raised:
        word(form(), bad)
    for part in says:
        assert part in str(raised.value)


@pytest.mark.parametrize("format", ["pdf", "docx"])
async def test_the_press_renders_in_a_process_of_its_own(format: Format) -> None:
    document = await Press().render(Asked(paper=form(), format=format))
    assert document.startswith(b"%PDF" if format == "pdf" else b"PK")


async def test_a_template_that_takes_all_memory_takes_only_its_own(tmp_path: Path) -> None:
    greedy = tmp_path / "greedy.docx"
    greedy.write_bytes(template("{% set x = 'x' * 2000000000 %}{{ x }}"))
    with pytest.raises(Unrendered) as raised:
        await Press().render(Asked(paper=form(), format="docx", template=greedy))
    assert raised.value.code == "too_large"


async def test_a_template_that_never_ends_is_ended(tmp_path: Path) -> None:
    endless = tmp_path / "endless.docx"
    loops = "".join(f"{{% for {name} in range(99999) %}}" for name in "abc") + "{% endfor %}" * 3
    endless.write_bytes(template(loops))
    with pytest.raises(Unrendered) as raised:
        await Press(longest=5).render(Asked(paper=form(), format="docx", template=endless))
    assert raised.value.code == "too_slow"


async def test_who_gets_no_turn_is_told_so() -> None:
    press = Press(patience=0.01)
    async with press.turn(), press.turn():
        with pytest.raises(Busy):
            async with press.turn():
                pass
    async with press.turn():
        pass


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_is_told_to_who_writes_templates(kind: type[Paper]) -> None:
    told = (Path(__file__).parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")
    assert f"TENANT/{own(kind)}" in told
    shapes: list[type[BaseModel]] = [kind]
    while shapes:
        for name, field in shapes.pop().model_fields.items():
            assert f"`{name}`" in told, name
            kinds = (field.annotation, *get_args(field.annotation))
            shapes += [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_a_paper_stands_in_both_templates(kind: type[Paper]) -> None:
    """`language` apart, which is a word for machines, and `ended_at`, which the close-out says."""
    set_by = [ours(kind, "typ"), FOLDER / "paper.typ"]
    typeset = "".join(one.read_text(encoding="utf-8") for one in set_by)
    words = written(ours(kind, "docx").read_bytes())
    for name in set(kind.model_fields) - {"language", "ended_at"}:
        assert f"form.{name}" in typeset, name
        assert name in words, name
