"""Audits: who may do what, on which days, and what others know of them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest

from tests.rules import audits as a
from tests.rules import walks as w
from tests.rules.audit_world import code, state
from tests.rules.certificates import APPLY
from tests.rules.life import AUDIT, SIGN, START, Day, Step, Steps, World, policy
from workflows.audit import events as e
from workflows.audit.audit import Audit
from workflows.audit.commands import Member, Plan
from workflows.audit.entry import audit_entry, audit_view
from workflows.audit.guards import audits
from workflows.audit.planning import known_client
from workflows.audit.rules import PROCEDURE, Audits
from workflows.decider import Client, Command, Refusal, Wants
from workflows.entries import CaseQuery
from workflows.grades import Stage
from workflows.people import Actor
from workflows.procedure import parse

LAW = Audits()


def held(**changes: Any) -> Audit:
    outline = e.Outline.model_validate(
        {
            "key": "A-1",
            "client": "acme",
            "stage": "stage2",
            "standards": ("ISO 9001",),
            "starts_on": date(2026, 3, 2),
            "ends_on": date(2026, 3, 4),
            **changes,
        }
    )
    return Audit(status="ended", outline=outline)


def test_a_revision_changes_what_it_names() -> None:
    world = World(policy()).walk(a.PLANNED)
    world.walk((a.by("auditor", "revise", sites=["Graz"], team=[a.SECOND], scope="All"),))
    planned = state(world).outline
    assert planned is not None
    assert (planned.sites, planned.scope, planned.standards) == (("Graz",), "All", ("ISO/IEC 27001:2022", "ISO 9001"))
    assert [member.person for member in planned.team] == ["Auditor2"]
    assert code(world, a.START) == "not_on_team"
    world.walk((a.by("auditor2", "start"),))


def test_a_new_team_takes_over_what_came_due() -> None:
    deferred = (*w.opened("minor"), *w.ACCEPTED[1:], Step("reviewer", "defer_verification", {"reason": "Next visit"}))
    world = World(policy()).walk((*deferred, a.plan("surveillance"), a.START))
    assert (state(world).called, world.types()[-1]) == (("0190-case",), "called_up")
    world.walk((a.by("auditor", "revise", team=[a.SECOND, a.EXPERT]),))
    revised = world.stream(AUDIT).history[-1]
    assert isinstance(revised.event, e.Revised)
    [reaction] = LAW.react(state(world), revised)
    assert (reaction.name, reaction.body) == ("call_up", {"audit": "A-1", "team": ["Auditor2"]})
    world.walk((a.by("auditor2", "revise", sites=["Graz"]), a.by("auditor2", "end", on="2026-03-02")))
    assert (world.types().count("called_up"), world.types()[-1], world.refused) == (2, "regraded", [])


def test_whoever_planned_an_audit_may_hold_the_strings() -> None:
    planned = a.plan(team=[a.SECOND])
    world = World(policy()).walk((Step("auditor", "plan", planned.body, "audit"), a.START, a.END))
    assert state(world).status == "ended"


@pytest.mark.parametrize(("role", "may"), [("lead", True), ("auditor", True), ("expert", False), ("observer", False)])
def test_experts_and_observers_do_not_audit(role: str, may: bool) -> None:
    team = [Member.model_validate({"person": "eva muster ", "role": role})]
    audit = held(team=team)
    assert audits(audit, Actor(id="7", name="Eva Muster")) is may
    assert audits(audit, Actor(id="eva muster")) is may
    assert not audits(audit, Actor(id="8", name="Eva Mustermann"))


def test_a_merged_duplicate_is_audited_no_more() -> None:
    world = World(policy())
    body = Plan.model_validate({**a.plan().body, "starts_on": "2026-03-02", "ends_on": "2026-03-04"})
    merged = replace(world.context(AUDIT, world.actor("auditor")).facts, client=Client("acme", merged_into="globex"))
    context = replace(world.context(AUDIT, world.actor("auditor")), facts=merged)
    with pytest.raises(Refusal, match="was merged into globex: plan the audit there"):
        known_client.test(Audit(), body, context)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"ends_on": "2026-03-01"}, "/ends_on"),
        ({"standards": []}, "/standards"),
        ({"standards": ["ISO 27001", "iso27001"]}, "/standards"),
        ({"sites": ["Graz", "Graz"]}, "/sites"),
        ({"team": [a.LEAD, {**a.SECOND, "role": "lead"}]}, "/team"),
        ({"team": [a.LEAD, {"person": "auditor"}]}, "/team"),
        ({"stage": "stage3"}, "/stage"),
        ({"key": "A/1"}, "/key"),
        ({"starts_on": 5}, "/starts_on"),
    ],
)
def test_a_plan_has_its_shape(changes: dict[str, Any], pointer: str) -> None:
    body = {"key": "A-1", "client": "acme", "stage": "stage2", "standards": ["ISO 9001"]}
    days = {"starts_on": "2026-03-02", "ends_on": "2026-03-02"}
    command = Command(id="-", name="plan", body={**body, **days}, actor=Actor(id="manager"))
    assert parse(Plan, command).standards == ("ISO 9001",)
    with pytest.raises(Refusal) as refused:
        parse(Plan, command.model_copy(update={"body": {**body, **days, **changes}}))
    assert (refused.value.code, refused.value.pointer) == ("shape", pointer)


@pytest.mark.parametrize("stage", ["stage2", "surveillance", "recertification"])
def test_a_major_that_an_earlier_audit_left_open_is_no_recommendation(stage: str) -> None:
    left = w.opened("major", audit={"ref": "A-0", "stage": "surveillance"})
    world = World(policy()).walk((*left, a.plan(stage), a.START, a.END))
    assert code(world, a.conclude()) == code(world, a.conclude("recommended_on_plan")) == "better_than_standing"
    world.walk((a.conclude("not_recommended"),))
    assert state(world).status == "concluded"


def test_a_minor_upgraded_at_the_end_is_no_recommendation() -> None:
    left = w.opened("minor", audit={"ref": "A-0", "stage": "stage2"})
    deferral = Step("reviewer", "defer_verification", {"reason": "Next visit"})
    world = World(policy()).walk((*left, *w.ACCEPTED[1:], deferral, a.plan("surveillance"), a.START, a.END))
    assert world.types()[-1] == "regraded"
    assert code(world, a.conclude("recommended_on_plan")) == "better_than_standing"


@pytest.mark.parametrize(
    ("steps", "command", "wants"),
    [
        ((), "plan", Wants(client="acme")),
        (a.PLANNED, "plan", Wants()),
        (a.PLANNED, "start", Wants(cases=CaseQuery(client="acme", living=True, deferred=True))),
        (a.UNDER_WAY, "end", Wants(cases=CaseQuery(client="acme", living=True, deferred=True))),
        (a.UNDER_WAY, "revise", Wants(cases=CaseQuery(client="acme", living=True, deferred=True))),
        (a.ENDED, "revise", Wants(cases=CaseQuery(client="acme", living=True, deferred=True))),
        (a.CONCLUDED, "revise", Wants()),
        (a.ENDED, "conclude", Wants(client="acme", audits=True, cases=CaseQuery(client="acme", unsettled=True))),
        (a.CONCERNED, "conclude", Wants(cases=CaseQuery(client="acme", audit="A-1", unsettled=True))),
        (a.ENDED, "", Wants()),
    ],
)
def test_an_audit_asks_for_what_it_needs(steps: Steps, command: str, wants: Wants) -> None:
    world = World(policy()).walk(steps)
    asked = Command(id="-", name=command, body={"client": "acme"}, actor=world.actor("auditor"))
    assert LAW.wants(state(world), asked, START) == wants
    nonsense = Command(id="-", name="plan", body={"client": 5}, actor=world.actor("auditor"))
    assert LAW.wants(Audit(), nonsense, START) == Wants()


def test_a_clients_own_auditor_plans_and_holds_internal_audits() -> None:
    revised = a.itself("revise", ends_on=Day(1), team=[a.LEADS, {"person": "All_In_One"}])
    noted = a.itself("note_positive", text="Leavers are known within the hour")
    concluded = a.itself("conclude", recommendation="recommended", reasons="As found", signature=SIGN)
    world = World(policy()).walk((a.INTERNAL, revised, *a.INTERNALLY[1:], noted, concluded))
    assert state(world).status == "concluded"
    assert world.types("audit") == ["planned", "revised", "started", "ended", "positive_noted", "concluded"]
    world = World(policy()).walk((a.INTERNAL, a.itself("cancel", reason="Nobody has time")))
    assert state(world).status == "cancelled"


@pytest.mark.parametrize("stage", [stage for stage in get_args(Stage) if stage != "internal"])
def test_what_the_body_audits_is_closed_to_a_clients_own_auditor(stage: str) -> None:
    own = a.plan(stage)
    assert code(World(policy()), replace(own, actor="internal_auditor")) == "internal_audits_only"
    world = World(policy()).walk((own,))
    seen = world.context(AUDIT, world.actor("internal_auditor"))
    allowed = {one.command: one.why_not for one in PROCEDURE.allowed(state(world), seen)}
    assert "internal audits" in (allowed["start"] or "")
    assert code(world, a.itself("start")) == "internal_audits_only"


def test_nobody_audits_another_client() -> None:
    world = World(policy()).walk((w.GLOBEX,))
    assert code(world, replace(a.INTERNAL, actor="stranger")) == "another_client"
    world.walk((a.INTERNAL,))
    for step in (a.itself("revise", ends_on=Day(1)), a.itself("start"), a.itself("cancel", reason="So")):
        assert code(world, replace(step, actor="stranger")) == "another_client"


def test_an_audit_covers_sites_and_certificates_of_its_client() -> None:
    sites = Step("scheme_manager", "revise", {"sites": ["Vienna", "Graz"]}, "client")
    world = World(policy()).walk((sites, APPLY))
    with pytest.raises(Refusal) as refused:
        world.walk((a.plan(sites=["Graz", "Linz"]),))
    assert (refused.value.pointer, str(refused.value)) == (
        "/sites/1",
        "Linz is no site of the client acme: it has Vienna, Graz.",
    )
    with pytest.raises(Refusal) as refused:
        world.walk((a.plan(certificates=["C-1", "C-9"]),))
    assert (refused.value.code, refused.value.pointer) == ("certificate_unknown", "/certificates/1")
    world.walk((a.plan(sites=["Graz"], certificates=["C-1"]),))
    assert code(world, a.by("scheme_manager", "revise", sites=["Linz"])) == "site_unknown"
    assert code(world, a.by("scheme_manager", "revise", certificates=["C-9"])) == "certificate_unknown"
    world.walk((a.by("scheme_manager", "revise", sites=["Vienna"], certificates=["C-1"]),))


def test_its_entry_is_what_others_know_of_it() -> None:
    world = World(policy()).walk(a.UNDER_WAY)
    known = audit_entry("A-1", state(world))
    assert known is not None
    assert (known.key, known.client, known.stage, known.status) == ("A-1", "acme", "stage2", "under_way")
    assert (known.standards, known.team) == (("ISO/IEC 27001", "ISO 9001"), ("Auditor", "Dr. Expert"))
    assert (known.starts_on, known.ends_on) == (date(2026, 3, 2), date(2026, 3, 4))
    world.walk((a.END,))
    ended = audit_entry("A-1", state(world))
    assert ended is not None
    assert (ended.ends_on, ended.status) == (date(2026, 3, 2), "ended")
    view = audit_view("A-1", state(world))
    assert ended.model_dump(mode="json").items() <= view.items()
    assert (view["due_at"], view["recommendation"], view["concerns"]) == ("2026-09-02T23:59:59.000000Z", None, 0)
    assert audit_entry("A-1", Audit()) is None
    assert audit_view("A-1", Audit()) == {"key": "A-1", "status": ""}


@pytest.mark.parametrize("steps", [a.PLANNED, a.UNDER_WAY, a.ENDED, a.CONCLUDED, a.LAPSED])
def test_a_merged_client_s_audits_go_with_it(steps: Steps) -> None:
    world = World(policy()).walk(steps)
    before = state(world)
    actor = Actor(id="reaction:client/acme", kind="reaction")
    world.send(AUDIT, Command(id="-", name="change_client", body={"client": "globex"}, actor=actor))
    assert (state(world).client, state(world).status) == ("globex", before.status)


def test_what_a_lost_beginning_leaves_can_still_be_folded() -> None:
    """The payload that planned it was erased: nothing of it is told, and nothing breaks."""
    world = World(policy()).walk(a.CONCLUDED)
    audit = LAW.initial()
    for happened in world.stream(AUDIT).history[1:]:
        audit = LAW.evolve(audit, happened)
    assert (audit.status, audit.outline, audit_entry("A-1", audit)) == ("concluded", None, None)
    assert LAW.react(audit, world.stream(AUDIT).history[1]) == ()


def test_another_kind_s_event_is_no_event_of_an_audit() -> None:
    world = World(policy())
    with pytest.raises(TypeError, match="is no event of an audit"):
        LAW.evolve(Audit(), world.stream("client/acme").history[0])


def test_dates_are_those_of_the_client_s_zone() -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    world = World(policy(), zone="Europe/Vienna", now=late)
    world.walk((a.plan(starts_on="2026-03-03", ends_on="2026-03-03"), a.START))
    world.walk((a.by("auditor", "end", on="2026-03-03"),))
    assert state(world).ended_on == date(2026, 3, 3)


def test_an_audit_whose_team_cannot_conclude_it_is_no_dead_end() -> None:
    world = World(policy()).walk((*a.ENDED, a.by("scheme_manager", "revise", team=[a.SECOND])))
    assert code(world, a.conclude()) == "not_on_team"
    world.walk((a.conclude(actor="auditor2"),))
    assert state(world).status == "concluded"
    world = World(policy()).walk((*a.ENDED, a.CANCEL))
    assert (state(world).status, state(world).due_at, LAW.lives(state(world))) == ("cancelled", None, False)


@pytest.mark.parametrize(("zone", "early"), [("UTC", True), ("Pacific/Kiritimati", False)])
def test_an_audit_starts_a_day_early_at_most_by_the_clients_day(zone: str, early: bool) -> None:
    # In the first zone it is the second of March, in the other the third.
    world = World(policy(), zone=zone, now=datetime(2026, 3, 2, 12, tzinfo=UTC))
    world.walk((a.plan(starts_on="2026-03-04", ends_on="2026-03-05"),))
    if early:
        assert code(world, a.START) == "too_early"
        world.walk((a.by("scheme_manager", "revise", starts_on="2026-03-03"),))
    world.walk((a.START,))
    assert state(world).status == "under_way"


def test_an_audit_that_started_early_ends_on_its_first_day_or_later() -> None:
    world = World(policy()).walk((a.plan(starts_on=Day(1)), a.START))
    assert code(world, a.END) == "day_before_start"
    world.walk((a.by("scheme_manager", "revise", starts_on=Day(0)), a.END))
    assert state(world).status == "ended"


def test_people_of_another_client_may_audit() -> None:
    world = World(policy()).walk((a.plan(team=[a.LEAD, {"person": "stranger", "role": "expert"}]),))
    assert state(world).status == "planned"
