"""Aggregation: the systemic major exists before its minors end; lineage both ways; a merge of clients."""

from typing import Any

import pytest

from tests.rules import lineage_stories as n
from tests.rules import walks as w
from tests.rules.life import CASE, Step, Steps, Wait, World, policy
from workflows.decider import Command, Refusal
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.entry import case_entry
from workflows.people import Actor, Role
from workflows.registry import DECIDERS

SISTER = "nonconformity/0190-sister"


def lived(steps: Steps, **changes: Any) -> World:
    return World(policy(**changes)).walk(steps)


def at(world: World, name: str) -> Case:
    state = world.state(name)
    assert isinstance(state, Case)
    return state


def systemic(world: World) -> str:
    """The stream of the systemic major."""
    found = [
        name
        for name, stream in world.streams.items()
        if name.startswith("nonconformity") and at(world, name).aggregates
    ]
    assert len(found) == 1
    return found[0]


def test_several_minors_become_one_major_with_lineage_both_ways() -> None:
    world = lived(n.AGGREGATED)
    major = at(world, systemic(world))
    own = systemic(world).partition("/")[2]
    assert world.refused == []
    assert (major.status, major.grade, major.number) == ("open", "major", "NC-2026-0003")
    assert major.policy is not None
    assert [date.kind for date in major.deadlines if date.kind == "closure"] == ["closure"]
    assert [(minor.id, minor.number) for minor in major.aggregates] == [
        ("0190-case", "NC-2026-0001"),
        ("0190-sister", "NC-2026-0002"),
    ]
    for name in (CASE, SISTER):
        minor = at(world, name)
        assert (minor.status, minor.superseded_by) == ("superseded", own)
        assert "NC-2026-0003" in (minor.ended_because or "")


def test_the_major_exists_before_its_minors_end() -> None:
    world = lived(n.AGGREGATED)
    order = [(turn.stream, turn.happened[-1].event.type.partition(".")[2]) for turn in world.turns[-4:]]
    assert order == [
        (CASE, "aggregated"),
        (systemic(world), "systemic_raised"),
        (CASE, "superseded"),
        (SISTER, "superseded"),
    ]


def test_a_superseded_minor_never_wakes() -> None:
    world = lived(n.AGGREGATED)
    before = [len(world.stream(name).history) for name in (CASE, SISTER)]
    for name in (CASE, SISTER):
        assert world.due(name) is None
        assert not DECIDERS["nonconformity"].lives(world.state(name))
    world.wait("P3Y")
    assert [len(world.stream(name).history) for name in (CASE, SISTER)] == before
    assert at(world, systemic(world)).escalation is not None


def test_a_minor_that_ended_meanwhile_keeps_its_end() -> None:
    world = lived((*n.MINOR, *n.SISTER_CLOSED))
    assert at(world, SISTER).status == "closed"
    body = {"by": "0190-systemic", "number": "NC-2026-0009"}
    command = Command(id="-", name="supersede", body=body, actor=Actor(id="reaction:nonconformity/x", kind="reaction"))
    before = at(world, SISTER)
    world.send(SISTER, command)
    after = at(world, SISTER)
    assert after == before.model_copy(update={"superseded_by": "0190-systemic"})
    # Whoever comes second does not take it over.
    world.send(SISTER, command.model_copy(update={"body": {**body, "by": "0190-other"}}))
    assert at(world, SISTER) == after


def test_a_major_that_is_refused_leaves_its_minors_alone() -> None:
    world = lived(n.BESIDE)
    # The client is gone between the aggregation and its reaction: nothing else can stop it.
    gone = world.streams.pop("client/acme")
    world.walk((n.aggregate(),))
    assert world.refused == ["client_unknown"]
    assert [at(world, name).status for name in (CASE, SISTER)] == ["open", "open"]
    assert [at(world, name).superseded_by for name in (CASE, SISTER)] == [None, None]
    aggregated, lapsed = (happened.event for happened in world.stream(CASE).history[-2:])
    assert isinstance(aggregated, e.Aggregated) and isinstance(lapsed, e.AggregationLapsed)
    assert (lapsed.systemic, lapsed.code, at(world, CASE).aggregating) == (
        aggregated.systemic,
        "client_unknown",
        None,
    )
    # It binds neither: each may lead anew.
    world.streams["client/acme"] = gone
    world.do("auditor", "aggregate", {"others": ["0190-case"], "reason": "One cause", **n.TWO}, "sister")
    assert [at(world, name).status for name in (CASE, SISTER)] == ["superseded", "superseded"]
    assert systemic(world) != f"nonconformity/{aggregated.systemic}"


def test_a_minor_is_aggregated_once() -> None:
    world = lived(n.BESIDE)
    pending = at(world, CASE).model_copy(update={"aggregating": "0190-systemic"})
    world.stream(CASE).state = pending
    for stream, others, code in (
        ("nonconformity", [n.SISTER_ID], "aggregation_pending"),
        ("sister", ["0190-case"], "other_taken"),
    ):
        with pytest.raises(Refusal, match="0190-systemic") as refused:
            world.do("auditor", "aggregate", {"others": others, "reason": "One cause", **n.TWO}, stream)
        assert refused.value.code == code
    assert (at(world, CASE), at(world, SISTER).aggregating) == (pending, None)


def test_minors_of_a_major_that_stands_are_taken_though_they_have_not_ended_yet() -> None:
    world = lived(n.AGGREGATED)
    own = systemic(world)
    for name in (CASE, SISTER):
        still = at(world, name).model_copy(update={"status": "open", "superseded_by": None})
        world.stream(name).state = still
    with pytest.raises(Refusal, match=str(at(world, own).number)) as refused:
        world.walk((n.aggregate(),))
    assert (refused.value.code, refused.value.pointer) == ("other_taken", "/others")


def test_a_lapse_of_another_aggregation_changes_nothing() -> None:
    world = lived(n.BESIDE)
    world.stream(CASE).state = at(world, CASE).model_copy(update={"aggregating": "0190-other"})
    world.walk((n.LAPSE,))
    assert at(world, CASE).aggregating == "0190-other"


def test_a_major_whose_minors_went_elsewhere_is_not_raised() -> None:
    world = lived(n.AGGREGATED)
    minors = [minor.model_dump(mode="json") for minor in at(world, systemic(world)).aggregates]
    reaction = Actor(id="reaction:nonconformity/0190-sister", kind="reaction")
    command = Command(id="-", name="raise_systemic", body={**n.RAISED, "aggregates": minors}, actor=reaction)
    with pytest.raises(Refusal, match="NC-2026-0001, NC-2026-0002") as refused:
        world.send("nonconformity/0190-second", command)
    assert refused.value.code == "minors_taken"
    free = [{"id": f"0190-{name}", "number": None} for name in ("third", "fourth")]
    world.send(
        "nonconformity/0190-second", command.model_copy(update={"body": {**n.RAISED, "aggregates": [*minors, *free]}})
    )
    assert [minor.id for minor in at(world, "nonconformity/0190-second").aggregates] == ["0190-third", "0190-fourth"]


def test_an_open_review_of_a_minor_is_left() -> None:
    world = lived((*n.BESIDE, Step("auditor", "escalate", {"reason": "So"}), n.aggregate()))
    assert world.review.status == "discontinued"
    assert world.refused == []


def test_who_aggregated_has_a_part_in_the_major_and_does_not_regrade_it() -> None:
    world = lived(n.AGGREGATED)
    name = systemic(world)
    assert (at(world, name).issued_by, at(world, name).took_part) == ("auditor", ("auditor",))
    regrade = Command(id="-", name="regrade", body={"grade": "minor", "reason": "So"}, actor=world.actor("auditor"))
    with pytest.raises(Refusal, match="issuer"):
        world.send(name, regrade)


@pytest.mark.parametrize(
    ("own", "other", "shared"),
    [
        ({}, {}, True),
        ({"requirements": n.ELSEWHERE}, {}, False),
        ({"requirements": n.ELSEWHERE, "department": "IT"}, {"department": "it"}, True),
        ({"requirements": n.ELSEWHERE, "process": "Purchasing"}, {"process": "Purchasing"}, True),
        ({"requirements": n.ELSEWHERE, "process": "Purchasing"}, {"department": "Purchasing"}, False),
        (
            {"requirements": n.ELSEWHERE, "audit": {"ref": "A-1", "stage": "surveillance"}},
            {"audit": {"ref": "A-1", "stage": "surveillance"}},
            True,
        ),
    ],
)
def test_what_is_aggregated_has_one_ground(own: dict[str, Any], other: dict[str, Any], shared: bool) -> None:
    world = lived((*w.opened("minor", **own), n.sister(**other)))
    if not shared:
        with pytest.raises(Refusal) as refused:
            world.walk((n.aggregate(),))
        assert refused.value.code == "nothing_in_common"
        return
    world.walk((n.aggregate(),))
    finding = at(world, systemic(world)).finding
    assert finding is not None
    named = {f"{item.standard} {item.clause}" for item in finding.requirements}
    assert "ISO/IEC 27001 A.5.18" in named
    assert ("ISO 9001 8.4" in named) == bool(own)
    assert (finding.audit is not None) == ("audit" in own)


def test_the_major_names_every_site_and_what_each_minor_found() -> None:
    world = lived((*w.opened("minor", sites=["Linz"]), n.sister(sites=["Wien", "Linz"]), n.aggregate()))
    finding = at(world, systemic(world)).finding
    assert finding is not None
    assert finding.sites == ("Linz", "Wien")
    assert "NC-2026-0001: Accounts 17" in finding.objective_evidence
    assert "NC-2026-0002: Keys were not returned" in finding.objective_evidence


def test_an_aggregated_minor_takes_no_more_commands() -> None:
    world = lived((*n.AGGREGATED, Wait("P1D")))
    with pytest.raises(Refusal) as refused:
        world.walk((Step("owner", "record_correction", w.CORRECTION),))
    assert refused.value.code == "wrong_state"
    with pytest.raises(Refusal) as refused:
        world.walk((n.aggregate(),))
    assert refused.value.code == "wrong_state"


@pytest.mark.parametrize("steps", [w.REPORTED, w.OPEN, w.CLOSED, w.DISMISSED])
def test_a_merged_clients_case_is_the_survivors_with_its_dates(steps: Steps) -> None:
    world = lived(steps)
    before = world.case
    world.walk((n.CHANGE,))
    assert (world.case.client, world.case.status, world.case.deadlines) == ("globex", before.status, before.deadlines)
    told = world.stream(CASE).history[-1].event
    assert (getattr(told, "client", None), getattr(told, "was", None)) == ("globex", "acme")


@pytest.mark.parametrize("named", ["NC-2026-0001", n.SISTER_ID])
def test_a_finding_says_by_number_or_id_what_it_is_again(named: str) -> None:
    world = lived((*n.SISTER_CLOSED, n.again(named)))
    assert (world.case.status, world.case.recurrence_of) == ("open", SISTER)
    assert case_entry("0190-case", world.case).recurrence_of == n.SISTER_ID


@pytest.mark.parametrize(
    ("source", "client", "seen"), [("tool", None, True), ("log", None, False), ("log", "acme", True)]
)
def test_a_machine_names_what_it_sees(source: str, client: str | None, seen: bool) -> None:
    found = {**w.FINDING, "source": {"system": "tool", "external_id": "8"}}
    world = lived(
        tuple(
            Step(
                s.actor,
                s.command,
                s.body if s.command != "report" else {"finding": {**found, "grade": "minor"}},
                s.kind,
            )
            for s in n.SISTER_CLOSED
            if isinstance(s, Step)
        )
    )
    key = Actor(id="k", kind="key", roles=frozenset({Role.INTEGRATION}), source=source, client=client)
    command = Command(id="-", name="report", body=dict(n.again().body), actor=key)
    if seen:
        world.send(CASE, command)
        assert world.case.recurrence_of == SISTER
        return
    with pytest.raises(Refusal) as refused:
        world.send(CASE, command)
    assert (refused.value.code, refused.value.pointer) == ("ancestor_unknown", "/recurrence_of")


def test_the_reference_goes_before_what_is_named() -> None:
    world = lived(n.SISTER_CLOSED)
    body = {**n.again().body, "recurrence_of": "nonconformity/0190-nearer"}
    world.do("auditor", "report", body)
    assert world.case.recurrence_of == "nonconformity/0190-nearer"


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Auckland", "UTC"])
def test_a_date_without_a_time_on_the_day_of_issue_is_in_order(zone: str) -> None:
    history = {"grade": "minor", "issued_on": "2026-02-20", "deadlines": {"Plan": "2026-02-20"}}
    world = World(policy(), zone=zone).walk(w.report(history=history))
    assert world.case.status == "open"


@pytest.mark.parametrize(
    ("deadlines", "pointer"),
    [
        ({"review": "2026-04-01"}, "/finding/history/deadlines/0/kind"),
        (
            [{"kind": "plan", "due_at": "2026-04-01"}, {"kind": "plan", "due_at": "2026-05-01"}],
            "/finding/history/deadlines",
        ),
    ],
)
def test_a_history_brings_each_date_that_a_client_owes_once(deadlines: object, pointer: str) -> None:
    history = {"grade": "minor", "issued_on": "2026-02-01", "deadlines": deadlines}
    with pytest.raises(Refusal) as refused:
        lived(w.report(history=history))
    assert (refused.value.code, refused.value.pointer) == ("shape", pointer)
