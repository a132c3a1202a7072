"""Forms out of schemas, and bodies out of what was typed."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.console.forms import typed
from services.console.forms.choices import begins
from services.console.forms.fields import MANY, Asking, fields, schema_of, unplaced
from services.console.frame.navigation import PATHS
from workflows.audit.commands import Plan, Revise
from workflows.client.commands import Register
from workflows.committee.commands import Vote
from workflows.nonconformity import commands as c
from workflows.procedure import Body, Row
from workflows.registry import PROCEDURES

BESIDE = ("sites", "scope", "team", "certificates", "stage1_waived")
"""What may be said of an audit that is planned."""

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
ROWS = [row for kind in PATHS for row in PROCEDURES[kind].rows if not row.internal and "" not in row.states]

BODIES: list[Body] = [
    c.RecordCorrection(text="Two\nlines.", not_possible_because="It is gone."),
    c.RecordCause(
        method="ishikawa",
        steps=("One.", "Two."),
        causes=(c.Cause(key="a", text="First", category="Method"), c.Cause(key="b", text="Second")),
        extent=c.Extent(looked_at=("here", "there"), found=()),
    ),
    c.PlanAction(key="a1", text="Do it.", causes=("a", "b"), owner="Mara", after=("a0",)),
    c.AttachEvidence(shows=("a1",), name="x", sha256="0" * 64, media_type="text/plain", size=12),
    c.ReturnPlan(sections=(c.ReturnedSection(section="cause", reason="No."),)),
    c.RecordExtent(site="Utrecht", affected=False, text="Not there."),
    c.RequestExtension(
        deadline="plan", until=datetime(2026, 7, 1, 10, tzinfo=UTC), reason="Closed.", containment="Locked."
    ),
    c.ProposePlan(),
]


def json_of(body: Body) -> dict[str, Any]:
    return body.model_dump(mode="json", exclude_none=True)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.command)
def test_every_command_has_a_form(row: Row) -> None:
    schema = schema_of(row.body)
    shown = fields(Asking(schema, {}))
    assert {field.name for field in shown} == row.body.model_fields.keys() - {"signature"}
    assert all(field.label and field.place for field in shown)


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.command)
def test_a_body_that_is_written_into_a_form_comes_back(body: Body) -> None:
    schema = schema_of(type(body))
    sent = typed.compacted(typed.written(json_of(body)))
    again = type(body).model_validate(typed.body(schema, sent, AMSTERDAM))
    assert again == body


def test_a_list_is_emptied_where_the_form_began_with_entries_and_they_are_gone() -> None:
    schema = schema_of(Revise)
    cleared = {"sites": [""], "certificates": [" ", ""], "team.0.person": [""], "team.1.role": [""], "scope": [""]}
    sent = typed.compacted(cleared)
    assert typed.body(schema, sent, AMSTERDAM) == {}
    assert typed.body(schema, sent, AMSTERDAM, {"sites", "team", "standards", "scope"}) == {"sites": [], "team": []}
    kept = typed.compacted(cleared | {"sites": ["", "Utrecht"], "team.1.person": ["Mara"]})
    told = typed.body(schema, kept, AMSTERDAM, {"sites", "team"})
    assert told == {"sites": ["Utrecht"], "team": [{"person": "Mara"}]}


def test_the_hour_that_is_typed_is_the_clients() -> None:
    schema = schema_of(c.GrantExtension)
    told = typed.body(schema, {"until": ["2026-07-01T12:00"], "reason": ["Yes."]}, AMSTERDAM)
    assert c.GrantExtension.model_validate(told).until == datetime(2026, 7, 1, 10, tzinfo=UTC)


def test_what_has_no_shape_is_left_to_be_refused() -> None:
    schema = schema_of(c.AttachEvidence)
    told = typed.body(schema, {"size": ["many"], "shows": ["a1"], "produced_on": ["soon"]}, AMSTERDAM)
    assert told == {"shows": ["a1"], "size": "many", "produced_on": "soon"}


def test_rows_in_between_that_are_empty_are_closed_up() -> None:
    sent = {
        "causes.0.key": [" "],
        "causes.3.key": ["b"],
        "causes.3.text": ["B"],
        "causes.1.text": ["A"],
        "method": ["x"],
    }
    assert typed.compacted(sent) == {
        "causes.0.text": ["A"],
        "causes.1.key": ["b"],
        "causes.1.text": ["B"],
        "method": ["x"],
    }


def test_another_row_is_empty_and_may_stay_so() -> None:
    asking = Asking(schema_of(c.RecordCause), {"causes.0.key": ["a"]}, more="causes")
    [causes] = [field for field in fields(asking) if field.name == "causes"]
    first, second = causes.rows
    assert [field.required for field in first] == [True, True, False]
    assert not any(field.required or field.values for field in second)


def test_another_cause_has_a_short_name_that_none_has_which_alone_is_nothing() -> None:
    sent = {"causes.0.key": ["c3"], "causes.0.text": ["A"], "causes.2.key": ["c1"], "causes.2.text": ["B"]}
    begun = begins("record_cause", sent)
    [causes] = [
        field for field in fields(Asking(schema_of(c.RecordCause), sent, more="causes", begins=begun)) if field.rows
    ]
    assert [row[0].value for row in causes.rows] == ["c3", "c1", "c4"]
    assert typed.compacted(sent | {"causes.3.key": ["c4"]}) == typed.compacted(sent)
    assert typed.compacted({"causes.0.key": ["c1"]}) == {"causes.0.key": ["c1"]}


@pytest.mark.parametrize(
    ("shape", "names"),
    [
        (Vote, ["choice", "until", "reason"]),
        (c.RequestExtension, ["deadline", "until", "containment", "reason"]),
        (c.DecideDispute, ["outcome", "effect", "reason"]),
        (c.Dispute, ["wanted", "reason"]),
        (c.RecordCause, ["method", "steps", "causes", "extent"]),
        (c.DeferVerification, ["audit", "reason"]),
        (Revise, ["standards", "sites", "scope", "team", "starts_on", "ends_on", "certificates", "stage1_waived"]),
        (
            Plan,
            ["key", "client", "stage", "standards", "starts_on", "ends_on", *BESIDE],
        ),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_what_has_to_be_said_is_asked_first_and_why_last(shape: type[Body], names: list[str]) -> None:
    assert [field.name for field in fields(Asking(schema_of(shape), {}))] == names


def test_what_exists_is_there_to_be_ticked_and_anything_else_to_be_typed() -> None:
    known = {"sites": [("Utrecht", ""), ("Vienna", "")], "team.person": [("Mara", "")]}
    sent = {"sites": ["Vienna", "Graz\r\nLinz"], "team.0.person": ["Nora"]}
    shown = {field.name: field for field in fields(Asking(schema_of(Revise), sent, known=known))}
    sites, [[person, _]] = shown["sites"], shown["team"].rows
    assert (sites.kind, sites.listed, sites.others) == ("lines", ["Vienna", "Graz", "Linz"], "Graz\nLinz")
    assert (person.kind, person.value, person.known) == ("line", "Nora", [("Mara", "")])
    assert typed.body(schema_of(Revise), sent, AMSTERDAM)["sites"] == ["Vienna", "Graz", "Linz"]


def test_more_that_exists_than_one_looks_through_is_typed() -> None:
    known = {"sites": [(f"Site {number}", "") for number in range(100)]}
    [sites] = [one for one in fields(Asking(schema_of(Revise), {"sites": ["Site 99"]}, known=known)) if one.known]
    assert len(sites.known) == MANY
    assert sites.others == "Site 99"


@pytest.mark.parametrize(
    ("text", "length", "is_near"), [("", 0, False), (" ab\r\nc ", 4, False), ("é" * 18_000, 18_000, True)]
)
def test_a_text_is_counted_as_the_record_does(text: str, length: int, is_near: bool) -> None:
    [reason] = fields(Asking(schema_of(c.Dismiss), {"reason": [text]}))
    assert (reason.most, reason.length, reason.length >= reason.near) == (20_000, length, is_near)


def test_what_is_short_by_nature_is_not_counted() -> None:
    country = next(field for field in fields(Asking(schema_of(Register), {})) if field.name == "country")
    assert country.most is None


def test_a_fault_stands_at_its_field_and_any_other_above_the_form() -> None:
    faults = {"/causes/0/text": "This text is empty.", "/elsewhere": "Nothing like it."}
    shown = fields(Asking(schema_of(c.RecordCause), {}, faults=faults))
    [causes] = [field for field in shown if field.name == "causes"]
    assert [field.fault for field in causes.rows[0]] == ["", "This text is empty.", ""]
    assert unplaced(faults, shown) == ["Nothing like it."]
