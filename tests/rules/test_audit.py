"""Audits: their windows, who may do what, what others know of them."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules import audits as a
from tests.rules import walks as w
from tests.rules.certificates import APPLY
from tests.rules.life import AUDIT, SIGN, START, Day, Step, Steps, Wait, World, policy
from workflows.audit import clocks
from workflows.audit import events as e
from workflows.audit.audit import Audit
from workflows.audit.commands import Member, Plan
from workflows.audit.entry import audit_entry, audit_view
from workflows.audit.guards import audits
from workflows.audit.planning import known_client
from workflows.audit.rules import PROCEDURE, Audits
from workflows.audit.standing import standing
from workflows.decider import Client, Command, Happened, Refusal, Wants
from workflows.durations import Duration
from workflows.entries import CaseQuery
from workflows.people import Actor
from workflows.policy import Stage
from workflows.procedure import parse

MOMENT = timedelta.resolution
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


def state(world: World) -> Audit:
    found = world.stream(AUDIT).state
    assert isinstance(found, Audit)
    return found


def code(world: World, step: Step) -> str:
    with pytest.raises(Refusal) as refused:
        world.do(step.actor, step.command, step.body, step.kind)
    return refused.value.code


@pytest.mark.parametrize(
    ("stage", "zone", "day", "due"),
    [
        ("stage2", "UTC", date(2026, 3, 2), datetime(2026, 9, 2, 23, 59, 59, tzinfo=UTC)),
        ("recertification", "UTC", date(2026, 3, 1), datetime(2026, 9, 1, 23, 59, 59, tzinfo=UTC)),
        ("stage2", "Europe/Vienna", date(2026, 3, 2), datetime(2026, 9, 2, 21, 59, 59, tzinfo=UTC)),
    ],
)
def test_six_months_run_from_the_last_day(stage: str, zone: str, day: date, due: datetime) -> None:
    world = World(policy(), zone=zone)
    world.walk((a.plan(stage, starts_on="2026-03-01"), a.START, a.by("auditor", "end", on=day.isoformat())))
    [clock] = state(world).clocks
    assert (clock.kind, clock.due_at, clock.state, LAW.next_wakeup(state(world))) == (
        "conclude",
        due,
        "running",
        due + MOMENT,
    )
    assert clock.explanation[0].startswith("P6M from the last day of the audit 2026-03-0")
    assert "default" in clock.explanation[0]
    world.wait_until(due)
    assert state(world).status == "ended"
    world.wait("PT1S")
    assert (state(world).status, state(world).clocks[0].state) == ("lapsed", "missed")
    assert not LAW.lives(state(world))
    assert "has to be repeated" in standing(state(world), []).reasons[0].text


@pytest.mark.parametrize(
    ("last_day", "until"),
    [
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2027, 8, 30), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2027, 6, 30)),
        (date(2026, 2, 28), date(2026, 8, 28)),
    ],
)
def test_a_month_ends_no_later_than_its_last_day(last_day: date, until: date) -> None:
    clock = clocks.open_conclude(Duration(months=6), last_day, START, "Europe/Vienna", "p")
    assert clock.due_at == datetime.combine(until, time(23, 59, 59), ZoneInfo("Europe/Vienna"))


def test_a_window_of_seconds_counts_from_the_end_as_recorded() -> None:
    world = World(policy(audits={"repair": "PT3S", "conclude": "PT2S"})).walk((a.plan(), a.START, Wait("PT1H"), a.END))
    assert state(world).due_at == world.now + timedelta(seconds=2)
    world.wait("PT3S")
    assert state(world).status == "lapsed"


@pytest.mark.parametrize("stage", ["surveillance", "special", "internal", "stage1"])
def test_other_audits_have_no_window(stage: Stage) -> None:
    world = World(policy()).walk((a.plan(stage), a.START, a.END))
    assert state(world).clocks == ()
    assert (LAW.next_wakeup(state(world)), LAW.lives(state(world))) == (None, True)
    world.walk((Wait("P1000D"), a.conclude()))
    assert (state(world).status, LAW.lives(state(world))) == ("concluded", False)


def test_a_recommendation_ends_the_window_and_a_refusal_leaves_it_open() -> None:
    world = World(policy()).walk((*w.found("major"), *a.ENDED, a.conclude("not_recommended")))
    assert LAW.lives(state(world))
    assert code(world, a.conclude("recommended_on_plan")) == "better_than_standing"
    world.walk((*w.VERIFIED[1:], Wait("P60D"), a.conclude()))
    assert (state(world).status, state(world).clocks[0].state) == ("concluded", "met")
    world.wait("P365D")
    assert state(world).status == "concluded"


def test_not_recommended_and_never_again_lapses() -> None:
    world = World(policy()).walk((*a.ENDED, a.conclude("not_recommended"), Wait("P190D")))
    assert state(world).status == "lapsed"
    assert code(world, a.conclude()) == "wrong_state"


def test_on_acceptance_of_the_plan() -> None:
    world = World(policy()).walk((*w.found("minor"), *a.ENDED))
    assert code(world, a.conclude()) == "better_than_standing"
    world.walk((a.conclude("recommended_on_plan"),))
    assert state(world).clocks[0].state == "met"
    world.walk((*w.ACCEPTED[1:], a.conclude()))
    last = world.stream(AUDIT).history[-1].event
    assert isinstance(last, e.Concluded)
    assert (last.recommendation, last.standing) == ("recommended", "recommended")


def test_concerns_are_repaired_within_a_window_that_stops_while_the_body_looks() -> None:
    world = World(policy()).walk((*a.CONCERNED, a.concern("k2"), a.END))
    [window] = state(world).clocks
    assert (window.kind, window.due_at) == ("repair", datetime(2026, 6, 2, 23, 59, 59, tzinfo=UTC))
    world.walk((Wait("P10D"), a.REPAIR))
    assert state(world).clocks[0].state == "running"
    world.walk((a.by("owner", "repair_concern", key="k2", text="Done"),))
    assert state(world).clocks[0].state == "stopped"
    world.walk((Wait("P100D"), a.RETURN))
    [window] = state(world).clocks
    assert (window.state, window.due_at) == ("running", datetime(2026, 9, 10, 23, 59, 59, tzinfo=UTC))
    assert len(window.explanation) == 3
    world.walk((a.REPAIR, a.CLEAR, a.by("auditor", "clear_concern", key="k2")))
    assert (state(world).clocks[0].state, state(world).due_at) == ("met", None)
    world.walk((a.conclude(), Wait("P1000D")))
    assert state(world).status == "concluded"


def test_concerns_not_repaired_in_time_call_for_another_stage_1() -> None:
    world = World(policy()).walk((*a.CONCERNED, a.END, a.conclude("recommended_on_plan")))
    assert LAW.lives(state(world))
    world.wait("P93D")
    assert state(world).status == "lapsed"
    assert "stage 1 has to be audited again" in (state(world).ended_because or "")
    assert code(world, a.REPAIR) == "wrong_state"


@pytest.mark.parametrize("steps", [(*a.CONCERNED, a.CLEAR, a.END), (*a.STAGE1, a.END)])
def test_without_concerns_there_is_no_window(steps: Steps) -> None:
    assert state(World(policy()).walk(steps)).clocks == ()


def test_all_repaired_at_the_end_is_with_the_body_at_once() -> None:
    world = World(policy()).walk((*a.REPAIRED, a.END, Wait("P400D")))
    assert (state(world).status, state(world).clocks[0].state) == ("ended", "stopped")
    world.walk((a.CLEAR, a.conclude()))
    assert not LAW.lives(state(world))


@given(
    st.integers(0, 8 * 366 * 86400).map(lambda seconds: START + timedelta(seconds=seconds)),
    st.lists(st.tuples(st.integers(0, 40 * 86400), st.integers(0, 40 * 86400)), max_size=6),
    st.sampled_from(["UTC", "Europe/Vienna", "America/Santiago", "Pacific/Kiritimati"]),
)
def test_a_window_gives_back_the_days_for_which_it_stood_still(
    start: datetime, spans: list[tuple[int, int]], zone: str
) -> None:
    area, at = ZoneInfo(zone), start
    window = first = clocks.open_repair(Duration(months=3), start, zone, "p")
    days = 0
    for running, still in spans:
        stopped = at + timedelta(seconds=running)
        at = stopped + timedelta(seconds=still)
        window = clocks.resume(clocks.stop(window, stopped, zone), at, zone)
        days += (at.astimezone(area).date() - stopped.astimezone(area).date()).days
        assert clocks.wakes(window) == window.due_at + MOMENT
    ends = window.due_at.astimezone(area)
    assert (ends.date() - first.due_at.astimezone(area).date()).days == days
    assert ends.time() == time(23, 59, 59)
    assert clocks.wakes(clocks.stop(window, at, zone)) is None
    assert clocks.stop(clocks.meet(window, at, zone), at, zone).state == "met"


def test_a_wake_up_before_its_time_says_nothing() -> None:
    audit = state(World(policy()).walk(a.ENDED))
    due = audit.clocks[0].due_at
    assert LAW.on_wakeup(audit, due) == ()
    assert [event.type for event in LAW.on_wakeup(audit, due + MOMENT)] == ["audit.lapsed"]
    lapsed = LAW.evolve(audit, Happened(LAW.on_wakeup(audit, due + MOMENT)[0], 9, due + MOMENT, "clock", AUDIT))
    assert (LAW.on_wakeup(lapsed, due + timedelta(days=9)), LAW.next_wakeup(lapsed)) == ((), None)


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
    world.walk((a.by("auditor", "revise", sites=["Graz"]), a.by("auditor2", "end", on="2026-03-02")))
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
        ({"ends_on": "2026-03-01"}, ""),
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


def test_the_policy_is_that_of_a_major_and_its_terms_stay() -> None:
    world = World(policy(grades=["major"], audits={"conclude": "P2M"}))
    world.walk(a.ENDED)
    assert state(world).terms.conclude == Duration(months=2)
    assert state(world).due_at == datetime(2026, 5, 2, 23, 59, 59, tzinfo=UTC)


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
