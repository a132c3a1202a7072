import json
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.intake import csv_table, tables
from services.intake.items import Context, Found, Item, Limits, Rejected, TooLarge, Unreadable
from services.intake.profiles import Column, Profile
from tests.intake.samples import SAMPLES, beside

HEAD = "external_id,client,standard,clause,title,statement,objective_evidence,grade"
ROW = "7,acme,ISO 9001:2015,8.4,Suppliers,Not evaluated.,List of suppliers.,minor"
BY_TITLE = Profile(fields={"external_id": Column(columns=("Date", "Title")), "title": Column(columns=("Title",))})


def read(document: str | bytes, context: Context | None = None) -> list[Item]:
    raw = document.encode() if isinstance(document, str) else document
    return list(csv_table.read(raw, context or Context(client="acme", system="log")))


def refused(document: str | bytes, context: Context | None = None) -> Unreadable | TooLarge:
    with pytest.raises((Unreadable, TooLarge)) as found:
        read(document, context)
    assert isinstance(found.value, Unreadable | TooLarge)
    return found.value


def titles(document: str | bytes, context: Context | None = None) -> list[str]:
    return [item.finding.title for item in read(document, context) if isinstance(item, Found)]


def test_our_own_column_names_need_no_profile() -> None:
    [item] = read(f"{HEAD}\n{ROW}\n")
    assert isinstance(item, Found)
    finding = item.finding
    assert (finding.source.system, finding.source.external_id, finding.client) == ("log", "7", "acme")
    assert (finding.title, finding.statement, finding.objective_evidence, finding.grade) == (
        "Suppliers", "Not evaluated.", "List of suppliers.", "minor",
    )  # fmt: skip
    assert [one.model_dump(exclude_none=True) for one in finding.requirements] == [
        {"standard": "ISO 9001", "edition": "2015", "clause": "8.4"}
    ]
    assert titles("External ID; TITLE ;Objective Evidence\n1;x;y") == ["x"]


def test_every_field_has_a_column() -> None:
    head = (
        "external_id,title,sites,certificates,audit_ref,audit_stage,audit_ended_on,audit_team,requirements,updated_at,"
        "recurrence_of"
    )
    row = '1,x,Linz;Graz,C-1,A-7,Surveillance,2026-03-13,Ines; Jo,"ISO 9001:2015 8.4",2026-03-14T00:00:00Z,NC-2025-0003'
    [item] = read(f"{head}\n{row}")
    assert isinstance(item, Found)
    finding = item.finding
    assert (finding.sites, finding.certificates) == (("Linz", "Graz"), ("C-1",))
    assert finding.recurrence_of == "NC-2025-0003"
    assert finding.audit is not None
    assert (finding.audit.ref, finding.audit.stage, finding.audit.team) == ("A-7", "surveillance", ("Ines", "Jo"))
    assert item.revision is not None
    assert item.revision.isoformat() == "2026-03-14T00:00:00+00:00"


def test_a_table_with_other_columns_asks_for_a_profile() -> None:
    error = refused("a,b\n1,2\n")
    assert error.code == "profile_needed"
    assert "closeout profile suggest" in error.detail
    assert "standard" in refused("external_id,title,clause\n1,x,8.4\n").detail


@pytest.mark.parametrize(
    ("encoding", "name", "assumed"),
    [
        ("utf-8", "utf-8", False),
        ("utf-8-sig", "utf-8", False),
        ("utf-16", "utf-16", False),
        ("utf-16-le", "utf-16-le", False),
        ("utf-32", "utf-32", False),
        ("cp1252", "cp1252", True),
    ],
)
def test_the_code_page_is_found_and_said(encoding: str, name: str, assumed: bool) -> None:
    document = "external_id,title,statement\n1,Prüfung der Größe,Überwachung fehlt für März\n".encode(encoding)
    [item] = read(document)
    assert isinstance(item, Found)
    assert item.finding.title == "Prüfung der Größe"
    opened = csv_table.opened(document, Limits())
    assert (opened.encoding, [flag.code for flag in item.flags]) == (name, ["code_page_assumed"] if assumed else [])
    assert name in opened.notes[0]


def test_a_stated_code_page_holds() -> None:
    document = "external_id,title\n1,Zażółć\n".encode("cp1250")
    stated = Profile(encoding="cp1250", fields={name: Column(columns=(name,)) for name in ("external_id", "title")})
    context = Context(client="acme", system="s", profile=stated)
    [item] = read(document, context)
    assert isinstance(item, Found)
    assert (item.finding.title, list(item.flags)) == ("Zażółć", [])
    error = refused(document, Context(profile=stated.model_copy(update={"encoding": "ascii"})))
    assert (error.code, getattr(error, "line", None)) == ("not_decodable", 2)


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_and_said(sign: str) -> None:
    document = f'external_id{sign}title\n1{sign}"a, b; c{sign} d"\n2{sign}y\n'
    assert titles(document) == [f"a, b; c{sign} d", "y"]
    assert csv_table.opened(document.encode(), Limits()).delimiter == sign


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_hint_of_excel_is_no_row(end: str) -> None:
    document = end.join(("sep=;", "external_id;title", "1;x, y", "2"))
    first, second = read(document)
    assert isinstance(first, Found)
    assert first.finding.title == "x, y"
    assert isinstance(second, Rejected)
    assert second.problem.detail.startswith("Line 4: 1 cells")


def test_quotes_and_lines_within_cells() -> None:
    lines = 'external_id,title,statement\r\n1,"a ""b"", c","one\r\ntwo\n\nthree"\r\n\r\n  ,\t,\r\n2,y,z\r\n3,z\r\n'
    first, second, third = read(lines)
    assert isinstance(first, Found)
    assert (first.finding.title, first.finding.statement) == ('a "b", c', "one\r\ntwo\n\nthree")
    assert isinstance(second, Found)
    assert isinstance(third, Rejected)
    assert third.problem.detail == "Line 9: 2 cells, where the header has 3."


@pytest.mark.parametrize("row", ["7,x,y,z", "7", "7,x,,,z"])
def test_a_ragged_row_is_refused_by_its_line_and_loses_no_other(row: str) -> None:
    first, ragged, last = read(f"external_id,title,statement\n1,a,\n{row}\n2,b,\n")
    assert isinstance(first, Found)
    assert isinstance(last, Found)
    assert isinstance(ragged, Rejected)
    assert (ragged.index, ragged.problem.code) == (1, "ragged_row")
    assert ragged.problem.detail.startswith("Line 3: ")


def test_blank_cells_beyond_the_header_are_nothing() -> None:
    assert titles("external_id,title,,\n1,a,,,,\n2,b\n") == ["a", "b"]


def test_a_stray_quote_is_refused_by_its_line_and_loses_no_other() -> None:
    first, stray, last = read('external_id,title\n1,a\n2,"b" c\n3,d\n')
    assert isinstance(first, Found)
    assert isinstance(stray, Rejected)
    assert (stray.problem.code, stray.problem.detail[:6]) == ("stray_quote", "Line 3")
    assert isinstance(last, Found)


def test_a_quote_that_never_closes_leaves_the_end_of_every_row_open() -> None:
    error = refused('external_id,title\n1,a\n2,"b\n3,c\n')
    assert (error.code, getattr(error, "line", None)) == ("open_quote", 3)


@pytest.mark.parametrize(
    "text", ["=1+1", "+43 1", "-", "@SUM(A1)", "=cmd|'/C calc'!A0", "\u202egnp", "{{7*7}}", "a\x00b"]
)
def test_text_comes_back_as_it_went_in(text: str) -> None:
    [item] = read(f'external_id,title,statement\n1,"{text}","{text}"\n')
    assert isinstance(item, Found)
    assert item.finding.title == text.replace("\x00", "\x1a0000")
    assert list(item.escaped) == (["/title", "/statement"] if "\x00" in text else [])


def test_a_column_that_is_there_twice_is_no_answer() -> None:
    assert refused("external_id,title,Title\n1,a,b\n").code == "duplicate_header"
    assert titles("external_id,title,x,x\n1,a,b,c\n") == ["a"]


def test_an_item_without_id_or_title_is_refused_by_field_and_line() -> None:
    no_id, no_title = read("external_id,title\n,a\n1,\n")
    assert isinstance(no_id, Rejected)
    assert isinstance(no_title, Rejected)
    assert (no_id.problem.pointer, no_title.problem.pointer) == ("/source/external_id", "/title")
    assert no_title.problem.detail == "Line 3, column 'title': This field is required."
    assert no_title.external_id == "1"


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(bytes=10), "too_many_bytes"),
        (Limits(items=2), "too_many_items"),
        (Limits(columns=1), "too_many_columns"),
    ],
)
def test_bounds(limits: Limits, code: str) -> None:
    assert refused("external_id,title\n1,a\n2,b\n3,c\n", Context(limits=limits)).code == code
    assert refused("external_id,title\n" + "1,a\n" * 11_000).code == "too_many_items"


@pytest.mark.parametrize("document", [b"", b" \r\n\t", b"\xef\xbb\xbf", b"\x00\x00"])
def test_nothing_is_said_to_be_nothing(document: bytes) -> None:
    assert refused(document).code == "empty"


@pytest.mark.parametrize(
    ("document", "looks"),
    [
        (b"a,b\n1,2\n", True),
        (b"sep=;\na;b\n1;2\n", True),
        ("a\tb\n1\t2\n".encode("utf-16"), True),
        (b'{"a": 1,\n"b": 2}', False),
        (b"[1,2]\n[3,4]", False),
        (b"<a,b>\n<c,d>", False),
        (b"PK\x03\x04,,\n,,", False),
        (b"one line", False),
        (b"", False),
    ],
)
def test_what_looks_like_a_table(document: bytes, looks: bool) -> None:
    assert csv_table.looks(document) is looks


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=80)
    | st.text(alphabet='external_id,title;"\n\r\t|sep=é\x00', max_size=60).map(str.encode)
    | st.text(alphabet='x,;"\n\r\x00é\ud800', max_size=60).map(
        lambda tail: ("external_id,title\n" + tail).encode("utf-8", "surrogatepass")
    )
)
@example(b"\xff\xfe\x00")
@example(b"external_id,title\n1,\xff\n")
@example(b"external_id,title\r1,x\r\x85")
def test_no_bytes_cause_anything_but_items_or_a_named_refusal(document: bytes) -> None:
    csv_table.looks(document)
    with suppress(Unreadable, TooLarge):
        found = read(document)
        assert [item.index for item in found] == list(range(len(found)))


@beside
@pytest.mark.parametrize(
    "name",
    [
        "comma_in_quotes",
        "empty",
        "empty_crlf",
        "escaped_quotes",
        "json",
        "newlines",
        "newlines_crlf",
        "quotes_and_newlines",
        "simple",
        "simple_crlf",
        "utf8",
    ],
)
def test_the_acid_test_of_csv(name: str) -> None:
    folder = SAMPLES / "malformed/csv_spectrum"
    [table] = csv_table.opened((folder / f"csvs/{name}.csv").read_bytes(), Limits()).tables
    names = tables.headers(table, 0)
    answer = json.loads((folder / f"json/{name}.json").read_text(encoding="utf-8"))
    expected = answer if isinstance(answer, list) else [answer]
    read_back = [dict(zip(names, row.values, strict=True)) for row in table.rows[1:]]
    # One more is published with an answer to another file.
    # The answers write every line end within a cell as \n; a record keeps what was written.
    plain = [{key: str(value).replace("\r\n", "\n") for key, value in row.items()} for row in read_back]
    assert plain == [{key: value.replace("\r\n", "\n") for key, value in row.items()} for row in expected]


@beside
@pytest.mark.parametrize(
    ("file", "count", "title"),
    [
        ("malformed/derived/generic_csv_bom_crlf.csv", 4, "Server leaks inodes via ETags"),
        ("malformed/derived/generic_csv_injection.csv", 4, "=cmd|'/C calc'!A0"),
        ("defectdojo_generic/generic_report1.csv", 5, "ASDF"),
        ("defectdojo_generic/generic_report3.csv", 2, "Mitigated_ISO_Finding"),
    ],
)
def test_real_tables_by_a_profile(file: str, count: int, title: str) -> None:
    found = titles((SAMPLES / file).read_bytes(), Context(client="acme", system="s", profile=BY_TITLE))
    assert len(found) == count
    assert any(one.startswith(title) for one in found)


@beside
@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("defectdojo_generic/generic_report_kev_cvssv4.csv", "open_quote"),
        ("scanner_other/wiz_multiple_findings.csv", "profile_needed"),
        ("prowler_csv/prowler5_aws.csv", "profile_needed"),
    ],
)
def test_real_tables_that_are_refused(file: str, code: str) -> None:
    assert refused((SAMPLES / file).read_bytes()).code == code


def test_a_long_cell_costs_its_row_and_no_other() -> None:
    rows = [ROW, ROW.replace("7,", "8,").replace("Not evaluated.", "x" * 140_000), ROW.replace("7,", "9,")]
    one, long, other = read("\n".join([HEAD, *rows]))
    assert isinstance(one, Found)
    assert isinstance(long, Rejected)
    assert (long.external_id, long.problem.code, long.problem.pointer) == ("8", "too_long", "/statement")
    assert isinstance(other, Found)


def test_a_long_cell_of_a_column_that_nobody_reads_costs_nothing() -> None:
    [item] = read(f"{HEAD},notes\n{ROW},{'x' * 140_000}\n")
    assert isinstance(item, Found)


def test_every_fault_of_a_row_is_told_with_its_column() -> None:
    [item] = read("external_id,title,detected_at,grade,requirements\n7,,31.02.2026,grave,nothing\n")
    assert isinstance(item, Rejected)
    assert {problem.pointer: problem.detail.partition(": ")[0] for problem in item.problems} == {
        "/detected_at": "Line 2, column 'detected_at'",
        "/requirements": "Line 2, column 'requirements'",
        "/title": "Line 2, column 'title'",
        "/grade": "Line 2, column 'grade'",
    }
    assert len(item.problems) == 4
