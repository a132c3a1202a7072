from datetime import date, datetime, time, timedelta

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from services.intake import tables, xlsx
from services.intake.items import Context, Found, Limits, Rejected
from services.intake.profiles import Column, Profile
from services.intake.table_values import Misread, key
from tests.intake.samples import SAMPLES, beside
from tests.intake.workbooks import HEAD, book, changed, plain, read, refused, sheet

NAIVE = datetime(2026, 3, 1, 9, 30)  # noqa: DTZ001


def profile(**fields: str) -> Context:
    own = {name: Column(columns=(header,)) for name, header in fields.items()}
    return Context(client="acme", system="log", profile=Profile(fields=own))


def test_our_own_column_names_need_no_profile() -> None:
    [item] = read(plain())
    assert isinstance(item, Found)
    finding = item.finding
    assert (finding.source.external_id, finding.title, finding.statement) == ("7", "Suppliers", "Not evaluated.")
    assert [(one.standard, one.edition, one.clause) for one in finding.requirements] == [("ISO 9001", "2015", "8.4")]
    assert finding.detected_at is not None
    assert (finding.detected_at.isoformat(), [one.code for one in item.flags]) == (
        "2026-03-01T00:00:00+00:00",
        ["date_only"],
    )


def test_cells_become_text_as_they_are_meant() -> None:
    cells = (7, 7.0, 2.5, True, date(2026, 3, 1), NAIVE, time(9, 30), timedelta(hours=30), 10**14)
    [_, *values] = [
        item.finding.statement
        for item in read(book(HEAD[:3], ("0", "x", "y"), *((f"a{i}", "x", cell) for i, cell in enumerate(cells))))
        if isinstance(item, Found)
    ]
    assert values == [
        "7", "7", "2.5", "TRUE", "2026-03-01", "2026-03-01T09:30:00", "09:30:00", "1 day, 6:00:00", "100000000000000",
    ]  # fmt: skip


def test_date_cells_need_no_format_and_take_the_stated_zone() -> None:
    document = book(("Id", "T", "When"), (1, "x", NAIVE))
    when = Column(columns=("When",), zone="Europe/Berlin", format="%d/%m/%Y")
    fields = {"external_id": Column(columns=("Id",)), "title": Column(columns=("T",)), "detected_at": when}
    [item] = read(document, Context(client="acme", system="s", profile=Profile(fields=fields)))
    assert isinstance(item, Found)
    assert item.finding.detected_at is not None
    assert (item.finding.detected_at.isoformat(), list(item.flags)) == ("2026-03-01T08:30:00+00:00", [])


@pytest.mark.parametrize(
    ("cell", "code"),
    [(5.1, "number_for_text"), (NAIVE, "date_for_text"), (time(5, 10), "date_for_text")],
)
def test_a_clause_that_the_spreadsheet_made_a_number_or_a_date_is_refused(cell: object, code: str) -> None:
    [item] = read(book(HEAD[:5], ("1", "x", "y", "ISO 9001", cell)))
    assert isinstance(item, Rejected)
    assert (item.problem.code, item.problem.pointer) == (code, "/requirements")
    assert item.problem.detail.startswith("Cell E2 ('clause') of sheet 'Log': ")


def test_a_number_is_no_date() -> None:
    [item] = read(book(HEAD, ("1", "x", "y", None, None, 46000)))
    assert isinstance(item, Rejected)
    assert (item.problem.code, item.problem.pointer) == ("date", "/detected_at")


FORMULAS = """
<row r="1">
  <c r="A1" t="inlineStr"><is><t>external_id</t></is></c><c r="B1" t="inlineStr"><is><t>title</t></is></c>
  <c r="C1" t="inlineStr"><is><t>statement</t></is></c>
</row>
<row r="2">
  <c r="A2"><v>1</v></c><c r="B2" t="str"><f>1+1</f><v>saved</v></c><c r="C2" t="str"><f>A9</f><v></v></c>
</row>
<row r="3">
  <c r="A3"><v>2</v></c><c r="B3"><f>1+1</f></c><c r="C3" t="e"><f>1/0</f><v>#DIV/0!</v></c>
</row>
<row r="4"><c r="B4"><f>1+1</f></c></row>
"""


def test_formulas_are_never_evaluated() -> None:
    document = changed(plain(), sheet(FORMULAS))
    found = [item.finding for item in read(document) if isinstance(item, Found)]
    assert [(one.title, one.statement) for one in found] == [("saved", ""), ("=1+1", "#DIV/0!")]
    assert "3 cells hold an error or a formula" in xlsx.opened(document, Limits()).notes[0]


@pytest.mark.parametrize("text", ["=1+1", "+43 1", "-x", "@SUM(A1)", "=cmd|'/C calc'!A0", "\u202egnp", "{{7*7}}"])
def test_text_comes_back_as_it_went_in(text: str) -> None:
    def fill(log: Worksheet) -> None:
        for column in (2, 3):
            log.cell(2, column, text).data_type = "s"

    [item] = read(book(HEAD[:3], ("1",), Log=fill))
    assert isinstance(item, Found)
    assert (item.finding.title, item.finding.statement) == (text, text)


def test_the_header_may_stand_below_a_preface_and_blank_rows_are_none() -> None:
    def fill(log: Worksheet) -> None:
        log["C4"], log["D4"], log["C7"], log["D7"] = "External ID", "Title", "7", "x"
        log["B9"] = "  "

    document = book(("Audit of March",), Log=fill)
    [item] = read(document)
    assert isinstance(item, Found)
    found = tables.locate(xlsx.opened(document, Limits()), None)
    assert (found.table.rows[found.at].number, found.headers[2:], found.table.sheet) == (
        4,
        ["External ID", "Title"],
        "Log",
    )


def test_a_merged_header_is_one_header_of_several_columns() -> None:
    def fill(log: Worksheet) -> None:
        log.merge_cells("C1:E1")
        log.merge_cells("A1:A2")

    document = book(("Id", "Title", "Mappings"), (), (1, "x", "CM-2", None, "AC-3"), Log=fill)
    context = profile(external_id="Id", title="Title", sites="Mappings")
    [item] = read(document, context)
    assert isinstance(item, Found)
    assert item.finding.sites == ("CM-2", "AC-3")
    below = book(("Id", "Finding"), (None, "Title", "Text"), (1, "x", "y"), Log=fill)
    assert context.profile is not None
    stated = Context(
        client="a",
        system="s",
        profile=context.profile.model_copy(
            update={
                "header_row": 2,
                "fields": {"external_id": Column(columns=("Id",)), "title": Column(columns=("Text",))},
            }
        ),
    )
    [item] = read(below, stated)
    assert isinstance(item, Found)
    assert item.finding.title == "y"


def test_a_column_that_is_there_twice_is_no_answer() -> None:
    document = book(("Id", "Title", "Title"), (1, "x", "y"))
    error = refused(document, profile(external_id="Id", title="Title"))
    assert error.code == "duplicate_header"
    assert "cell B1 of sheet 'Log' and cell C1" in error.detail


def test_hidden_sheets_are_said_and_read_only_where_stated() -> None:
    def fill(other: Worksheet) -> None:
        other.sheet_state = "hidden"
        other.append(("external_id", "title"))
        other.append(("9", "hidden"))

    document = book(("Nothing here",), Secret=fill)
    assert xlsx.opened(document, Limits()).notes == ("The hidden sheet 'Secret' is not read.",)
    assert "Hidden sheets are read only where the profile states them: Secret" in refused(document).detail
    fields = {name: Column(columns=(name,)) for name in ("external_id", "title")}
    [item] = read(document, Context(client="a", system="s", profile=Profile(sheet="secret", fields=fields)))
    assert isinstance(item, Found)
    error = refused(document, Context(profile=Profile(sheet="Other", fields=fields)))
    assert (error.code, error.detail) == ("no_such_sheet", "There is no sheet 'Other'; there are 'Log', 'Secret'.")


def test_of_two_sheets_that_fit_one_must_be_stated() -> None:
    def fill(other: Worksheet) -> None:
        other.append(("external_id", "title"))

    assert refused(book(("external_id", "title"), ("1", "x"), More=fill)).code == "several_sheets"


def test_a_row_that_is_no_finding_is_named_by_its_cell() -> None:
    first, second = read(book(HEAD[:2], (None, "x"), ("2", None)))
    assert isinstance(first, Rejected)
    assert isinstance(second, Rejected)
    assert first.problem.detail == "Cell A2 ('external_id') of sheet 'Log': This field is required."
    assert (second.problem.pointer, second.external_id) == ("/title", "2")


@beside
@pytest.mark.parametrize(
    ("file", "rows"),
    [
        ("xlsx/fac-audit-findings-text-workbook.xlsx", {"Coversheet": 4, "Form": 2}),
        ("xlsx/fac-audit-findings-text-workbook--EMPTY.xlsx", {"Coversheet": 4, "Form": 1}),
        ("xlsx/fac-corrective-action-plan-workbook.xlsx", {"Coversheet": 4, "Form": 2}),
        ("xlsx/fac-corrective-action-plan-workbook--EMPTY.xlsx", {"Coversheet": 4, "Form": 1}),
        (
            "xlsx/fac-federal-awards-audit-findings-workbook.xlsx",
            {"Coversheet": 4, "Form": 2, "ComplianceRequirementTypes": 8192},
        ),
        ("xlsx_bad_headers/trestle_good.xlsx", {"example_best_practices_controls": 11}),
    ],
)
def test_real_workbooks(file: str, rows: dict[str, int]) -> None:
    opened = xlsx.opened((SAMPLES / file).read_bytes(), Limits())
    assert {table.sheet: len(table.rows) for table in opened.tables} == rows


@beside
@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("xlsx_bad_headers/trestle_duplicate_column_heading.xlsx", "duplicate_header"),
        ("xlsx_bad_headers/trestle_missing_column_heading.xlsx", "columns_missing"),
        ("xlsx_bad_headers/trestle_bad_parameter_name_and_description.xlsx", None),
        ("xlsx_bad_headers/trestle_good.xlsx", None),
        ("malformed/derived/xlsx_truncated.xlsx", "not_xlsx"),
    ],
)
def test_real_workbooks_by_a_profile(file: str, code: str | None) -> None:
    document, context = (SAMPLES / file).read_bytes(), profile(external_id="ControlId", title="ControlText")
    if code:
        assert refused(document, context).code == code
    else:
        assert {type(item) for item in read(document, context)} == {Found}


def test_whole_numbers_that_a_cell_cannot_tell_apart_name_nothing() -> None:
    numbers = ("1234567890123456768", "1234567890123457024", str(-(2**53)), str(2**53))
    cells = "".join(f'<row r="{row}"><c r="A{row}"><v>{one}</v></c></row>' for row, one in enumerate(numbers, 2))
    head = '<row r="1"><c r="A1" t="inlineStr"><is><t>external_id</t></is></c></row>'
    named = profile(external_id="external_id", title="external_id")
    items = read(changed(plain(), sheet(head + cells)), named)
    assert [one.problem.code for one in items if isinstance(one, Rejected)] == ["number_for_text"] * 4
    [exact] = read(changed(plain(), sheet(head + f'<row r="2"><c r="A2"><v>{2**53 - 1}</v></c></row>')), named)
    assert isinstance(exact, Found)
    assert exact.finding.source.external_id == str(2**53 - 1)


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
def test_what_is_no_number_names_nothing_and_is_no_fraction(number: float) -> None:
    with pytest.raises(Misread, match="that names nothing") as refused:
        key(number)
    assert refused.value.code == "number_for_text"
