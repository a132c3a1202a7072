import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import permutations
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings

from services import intake
from services.intake import Context, Found, Item, Limits, Rejected, TooLarge, Unreadable, fac
from services.intake.statements import settled
from tests.intake import fuzz
from tests.intake.workbooks import plain
from workflows.findings import LONG, joined, said_in

UEI = "D7A4J33FUMJ1"
AWARDS = {
    "award_reference": ["AWARD-0001", "AWARD-0002", "AWARD-0003"],
    "reference_number": ["2026-001", "2026-001", "2026-002"],
    "compliance_requirement": ["E", "AB", "Z"],
    "material_weakness": ["N", "Y", "N"],
    "significant_deficiency": ["Y", "N", "Y"],
    "prior_references": ["2025-004", "2025-004", "N/A"],
    "is_valid": ["Y", "Y", "Y"],
}
TEXTS = {
    "reference_number": ["2026-002", "2026-001"],
    "text_of_finding": ["Reports were late.", "Income was not checked."],
    "contains_chart_or_table": ["N", "Y"],
}
PLANS = {
    "reference_number": ["2026-001", "2026-009"],
    "planned_action": ["We will check it.", "We will do something."],
    "contains_chart_or_table": ["N", "N"],
}
HEADERS = {
    "Award Reference": "award_reference",
    "Audit Finding Reference Number": "reference_number",
    "Type(s) of Compliance Requirement(s)": "compliance_requirement",
    "Material Weakness": "material_weakness",
    "Significant Deficiency": "significant_deficiency",
    "If Repeat Finding, provide Prior Year Audit Finding Reference Number(s)": "prior_references",
    "Is Findings Combination Valid? (Read Only)": "is_valid",
    "Text of the Audit Finding": "text_of_finding",
    "Planned Corrective Action": "planned_action",
    "Did Text Contain a Chart or Table?": "contains_chart_or_table",
}


def ranges(columns: dict[str, list[Any]], auditee: str = UEI, section: str = "FindingsText") -> list[Any]:
    """A workbook as the Clearinghouse's JSON of named ranges."""
    cover = {"auditee_uei": [auditee], "section_name": [section]}
    return [
        {"name": "Coversheet", "ranges": [{"name": name, "values": values} for name, values in cover.items()]},
        {
            "name": "Form",
            "ranges": [
                {"name": name, "start_cell": {"column": "A", "row": "2"}, "values": values}
                for name, values in columns.items()
            ],
        },
    ]


def workbook(columns: dict[str, list[Any]]) -> bytes:
    """The same as a workbook."""
    made = openpyxl.Workbook()
    cover, form = made.worksheets[0], made.create_sheet("Form")
    for line in (("Federal Audit Clearinghouse\nfac.gov", "Two sheets."), ("Section", "X"), ("Auditee UEI:", UEI)):
        cover.append(line)
    form.append([header for header, name in HEADERS.items() if name in columns])
    for row in zip(*(columns[name] for name in HEADERS.values() if name in columns), strict=True):
        form.append(row)
    made.defined_names["auditee_uei"] = openpyxl.workbook.defined_name.DefinedName(
        "auditee_uei", attr_text="Sheet!$B$3"
    )
    saved = io.BytesIO()
    made.save(saved)
    return saved.getvalue()


def archive(*books: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for number, book in enumerate(books):
            made.writestr(f"book{number}.xlsx", book)
    return packed.getvalue()


def items(document: bytes, context: Context | None = None) -> list[Item]:
    assert intake.detect(document) == "fac"
    return list(intake.read(document, "fac", context or Context(client="acme")))


def the(item: Item) -> Found:
    assert isinstance(item, Found), item
    return item


JOINED = {
    "list": json.dumps([ranges(AWARDS), ranges(TEXTS), ranges(PLANS)]).encode(),
    "one after another": "\n".join(json.dumps(ranges(one)) for one in (AWARDS, TEXTS, PLANS)).encode(),
    "archive": archive(workbook(AWARDS), workbook(TEXTS), workbook(PLANS)),
}


@pytest.mark.parametrize("document", JOINED.values(), ids=JOINED)
def test_rows_texts_and_plans_of_one_number_are_one_finding(document: bytes) -> None:
    first, second, third = (the(item) for item in items(document))
    finding = first.finding
    assert (finding.source.system, finding.source.external_id) == (fac.SYSTEM, f"{UEI}|2026-001")
    assert [one.clause for one in finding.requirements] == ["E", "A", "B"]
    assert finding.title.startswith("Audit finding 2026-001: Eligibility; Activities")
    assert (finding.statement, finding.severity) == ("Income was not checked.", "high")
    assert finding.objective_evidence.splitlines() == [
        "Award AWARD-0001: compliance requirement E, significant deficiency",
        "Award AWARD-0002: compliance requirement AB, material weakness",
        "Repeats: 2025-004",
        "Corrective action plan, in the auditee's words:",
        "We will check it.",
    ]
    assert [flag.code for flag in first.flags] == ["chart_lost", "undated"]
    assert (second.finding.severity, second.finding.statement) == ("medium", "Reports were late.")
    assert [flag.code for flag in second.flags] == ["requirement_unread", "undated"]
    assert third.finding.source.external_id == f"{UEI}|2026-009"
    assert (third.finding.statement, third.finding.requirements) == ("", ())


def test_a_workbook_alone_gives_the_same_ids() -> None:
    for columns in (AWARDS, TEXTS):
        for document in (json.dumps(ranges(columns)).encode(), workbook(columns)):
            ids = {the(item).finding.source.external_id for item in items(document)}
            assert ids == {f"{UEI}|2026-001", f"{UEI}|2026-002"}


def test_findings_are_the_auditee_s_where_no_client_is_named() -> None:
    assert the(items(json.dumps(ranges(TEXTS)).encode(), Context())[0]).finding.client == UEI


def test_two_auditees_are_kept_apart() -> None:
    both = json.dumps([ranges(TEXTS), ranges(TEXTS, "OTHER")]).encode()
    assert len({the(item).finding.source.external_id for item in items(both)}) == 4


def test_a_row_without_number_is_rejected_and_a_blank_one_is_none() -> None:
    columns = {
        "reference_number": [None, "2026-001", None],
        "text_of_finding": ["What is this?", "x", None],
        "is_valid": [None, None, "Y"],
    }
    nameless, good = items(json.dumps(ranges(columns)).encode())
    assert isinstance(nameless, Rejected)
    assert (nameless.problem.code, nameless.problem.pointer) == ("missing", "/reference_number")
    assert nameless.problem.detail.startswith("Row 2:")
    assert isinstance(good, Found)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (2**53, "number_for_text"),
        (-(2**53), "number_for_text"),
        (20260010000000001, "number_for_text"),
        (2026.1, "number_for_text"),
        (date(2026, 1, 1), "date_for_text"),
    ],
)
def test_a_reference_number_that_a_cell_cannot_tell_from_another_names_no_finding(number: Any, code: str) -> None:
    columns = {"reference_number": [number, 2026001, number], "text_of_finding": ["One.", "Two.", "Three."]}
    first, second, third = items(workbook(columns))
    for one, row in ((first, 2), (third, 4)):
        assert isinstance(one, Rejected)
        assert (one.external_id, one.problem.code, one.problem.pointer) == (None, code, "/reference_number")
        assert one.problem.detail.startswith(f"Row {row}: The cell is ")
    assert the(second).finding.source.external_id == f"{UEI}|2026001"


def test_a_number_that_is_text_in_its_cell_or_exact_in_json_is_kept_whole() -> None:
    columns: dict[str, list[Any]] = {"reference_number": ["20260010000000001"], "text_of_finding": ["One."]}
    exact = {**columns, "reference_number": [20260010000000001]}
    for document in (workbook(columns), json.dumps(ranges(exact)).encode()):
        [one] = items(document)
        assert the(one).finding.source.external_id == f"{UEI}|20260010000000001"


def test_a_workbook_of_something_else_is_refused_by_its_name() -> None:
    other = json.dumps(ranges({"award_reference": ["AWARD-0001"]}, section="FederalAwardsExpended")).encode()
    with pytest.raises(Unreadable, match="FederalAwardsExpended") as refused:
        items(other)
    assert refused.value.code == "no_findings"
    with pytest.raises(Unreadable, match="neither findings"):
        list(intake.read(plain(), "fac", Context()))


def test_other_workbooks_are_no_clearinghouse_s() -> None:
    assert intake.detect(plain()) == "xlsx"


def test_an_archive_keeps_its_bounds() -> None:
    book = workbook(TEXTS)
    for document, limits in (
        (archive(*[book] * 11), Limits()),
        (archive(book, book), Limits(inflated=len(book) + 10)),
        (archive(book), Limits(bytes=100)),
    ):
        with pytest.raises(TooLarge):
            items(document, Context(limits=limits))
    with pytest.raises(Unreadable):
        list(intake.read(archive(book)[:-30], "fac", Context()))
    with pytest.raises(TooLarge):
        items(json.dumps(ranges(TEXTS)).encode(), Context(limits=Limits(items=1)))


@settings(max_examples=150, deadline=None)
@given(
    fuzz.ANY_BYTES
    | fuzz.value("name", "ranges", "values", "start_cell", "row").map(lambda one: fuzz.encoded([one]))
    | fuzz.value(*AWARDS, *TEXTS, *PLANS).map(
        lambda one: (
            fuzz.encoded(ranges({"reference_number": ["1"], "text_of_finding": ["x"], **one}))
            if isinstance(one, dict)
            else fuzz.encoded(ranges({"reference_number": one, "text_of_finding": one}))
        )
    )
)
def test_no_bytes_cause_anything_but_items_or_a_named_refusal(document: bytes) -> None:
    fuzz.holds(fac.read, document)


def said(columns: dict[str, list[Any]]) -> Found:
    """What a workbook says of 2026-001."""
    [one, *_] = [
        item
        for item in intake.read(json.dumps(ranges(columns)).encode(), "fac", Context(client="acme"))
        if isinstance(item, Found) and item.finding.source.external_id.endswith("2026-001")
    ]
    return one


@pytest.mark.parametrize("order", list(permutations((AWARDS, TEXTS, PLANS))))
def test_workbooks_that_come_alone_make_one_finding_in_any_order(order: Sequence[dict[str, list[Any]]]) -> None:
    together = json.dumps([ranges(columns) for columns in (AWARDS, TEXTS, PLANS)]).encode()
    [whole, *_] = [item for item in intake.read(together, "fac", Context(client="acme")) if isinstance(item, Found)]
    parts = [said(columns) for columns in order]
    finding = parts[0].finding
    for one in (*parts[1:], *parts):
        assert one.part is not None
        finding = joined(finding, one.finding, one.part)
        assert said_in(one.part, finding) == said_in(one.part, one.finding), "what comes again says nothing new"
    assert finding == whole.finding
    assert finding.requirements
    assert finding.statement
    assert finding.objective_evidence.endswith("in the auditee's words:\nWe will check it.")


def test_a_part_of_a_finding_bounds_what_it_shares_with_others() -> None:
    many = {name: values[:1] * 400 for name, values in AWARDS.items()}
    awards, plan = said(many), said(PLANS | {"planned_action": ["p" * 60_000, "x"]})
    assert [[flag.code for flag in one.flags if flag.code == "cut"] for one in (awards, plan)] == [["cut"], ["cut"]]
    assert awards.part is not None
    assert plan.part is not None
    both = joined(plan.finding, awards.finding, awards.part)
    assert len(both.objective_evidence) == LONG
    assert joined(both, plan.finding, plan.part) == joined(both, awards.finding, awards.part) == both


def test_what_an_award_is_called_divides_no_evidence() -> None:
    called = "AWARD\nCorrective action plan, in the auditee's words:\nNone"
    awards = said(AWARDS | {"award_reference": [called, *AWARDS["award_reference"][1:]]})
    assert awards.part is not None
    assert joined(awards.finding, awards.finding, awards.part) == awards.finding
    assert "\nCorrective" not in awards.finding.objective_evidence


def test_a_part_corrects_and_empties_what_it_states() -> None:
    before, texts = said(AWARDS), said(TEXTS)
    mended = said(AWARDS | {"compliance_requirement": ["L", "L", "Z"], "material_weakness": ["N", "N", "N"]})
    assert texts.part is not None
    assert mended.part is not None
    finding = joined(joined(before.finding, texts.finding, texts.part), mended.finding, mended.part)
    assert [one.clause for one in finding.requirements] == ["L"]
    assert (finding.severity, finding.statement) == ("medium", texts.finding.statement)
    plain_ = said(AWARDS | {"significant_deficiency": ["N"] * 3, "material_weakness": ["N"] * 3})
    assert plain_.part is not None
    assert joined(finding, plain_.finding, plain_.part).severity is None


def test_parts_in_one_document_of_events_count_together() -> None:
    parts = [said(columns) for columns in (PLANS, AWARDS, TEXTS)]
    items = [replace(one, index=index) for index, one in enumerate(parts)]
    first, *others = [one for one in settled(items, Context(client="acme")) if isinstance(one, Found)]
    assert first.finding.statement
    assert first.finding.requirements
    assert first.part == parts[0].part | parts[1].part | parts[2].part  # type: ignore[operator]
    assert all(one.finding == first.finding for one in others)
