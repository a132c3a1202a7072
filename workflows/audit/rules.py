"""The procedure of an audit: plan, hold, end, conclude (17021-1 9.2 to 9.4; ISO 19011 6), and what its windows do."""

from collections.abc import Sequence
from datetime import datetime
from typing import get_args

from workflows.audit import clocks, records
from workflows.audit import commands as c
from workflows.audit import events as e
from workflows.audit import guards as g
from workflows.audit import planning as p
from workflows.audit.audit import Audit, Status, audit_content
from workflows.audit.folds import evolve
from workflows.audit.standing import looked_at
from workflows.decider import Command, Context, Event, Happened, Reaction, Wants, stream_of
from workflows.entries import CaseQuery
from workflows.people import Role
from workflows.procedure import Procedure, Row

PLANNED, UNDER_WAY, HELD = frozenset({"planned"}), frozenset({"under_way"}), frozenset({"ended", "concluded"})
TAKEN = frozenset({"planned", "under_way", "ended", "concluded", "lapsed", "cancelled"})
PLANNERS = p.BODY | {Role.INTERNAL_AUDITOR}
AUDITOR = frozenset({Role.AUDITOR})
AUDITORS = AUDITOR | {Role.INTERNAL_AUDITOR}
CLIENT = frozenset({Role.CLIENT_OWNER, Role.CLIENT_APPROVER})


PROCEDURE: Procedure[Audit] = Procedure(
    thing="audit",
    states=get_args(Status),
    status=lambda audit: audit.status,
    client=lambda audit: audit.client,
    rows=(
        Row(
            c.Plan,
            frozenset({""}),
            ("planned",),
            PLANNERS,
            records.plan,
            (
                p.may_plan,
                p.known_client,
                p.own_sites,
                p.own_certificates,
                p.not_the_clients,
                p.waives_at_stage2,
                g.under_policy,
            ),
            source="17021-1 5.2, 9.1.3, 9.2.1, 9.3.1.1; ISO 19011 5.5",
        ),
        Row(
            c.Revise,
            PLANNED | UNDER_WAY | {"ended"},
            (),
            PLANNERS,
            records.revise,
            (
                p.may_hold,
                g.on_team_or_planner,
                g.still_open,
                g.days_in_order,
                p.own_sites,
                p.own_certificates,
                p.not_the_clients,
                p.waives_at_stage2,
            ),
            source="17021-1 5.2, 9.2.2, 9.2.3; ISO 19011 6.3.2",
        ),
        Row(
            c.Start,
            PLANNED,
            ("under_way",),
            PLANNERS,
            records.start,
            (p.may_hold, g.on_team_or_planner, g.has_team, g.on_its_day),
            source="17021-1 9.4.2; ISO 19011 6.4.3",
        ),
        Row(
            c.End,
            UNDER_WAY,
            ("ended",),
            PLANNERS,
            records.end,
            (p.may_hold, g.on_team_or_planner, g.sound_day),
            source="17021-1 9.4.7; ISO 19011 6.4.10",
        ),
        Row(
            c.NotePositive,
            UNDER_WAY | {"ended"},
            (),
            AUDITORS,
            records.note_positive,
            (p.may_hold, g.on_team, g.room_for_positives, p.seen_at_own_site),
            source="17021-1 9.4.5; ISO 19011 6.4.8",
        ),
        Row(
            c.RaiseConcern,
            UNDER_WAY,
            (),
            AUDITOR,
            records.raise_concern,
            (g.on_team, g.takes_concerns, g.new_concern),
            source="17021-1 9.3.1.2",
        ),
        Row(
            c.RepairConcern,
            UNDER_WAY | HELD,
            (),
            CLIENT,
            records.repair_concern,
            (g.to_repair,),
            source="17021-1 9.3.1.2",
        ),
        Row(
            c.ReturnConcern,
            UNDER_WAY | HELD,
            (),
            AUDITOR,
            records.return_concern,
            (g.on_team, g.to_return),
            source="policy",
        ),
        Row(
            c.ClearConcern,
            UNDER_WAY | HELD,
            (),
            AUDITOR,
            records.clear_concern,
            (g.on_team, g.to_clear),
            source="17021-1 9.3.1.2",
        ),
        Row(
            c.Conclude,
            HELD,
            ("concluded",),
            AUDITORS,
            records.conclude,
            (p.may_hold, g.leads, g.not_settled, g.as_it_stands),
            signs=audit_content,
            meaning="I led this audit, and recommend so on what the team found.",
            source="17021-1 9.4.6, 9.5.2, 9.5.3; ISO 19011 6.4.9",
        ),
        Row(
            c.Cancel,
            PLANNED | UNDER_WAY | {"ended"},
            ("cancelled",),
            PLANNERS,
            records.cancel,
            (p.may_hold, g.on_team_or_planner, g.still_open),
            source="policy",
        ),
        Row(c.ChangeClient, TAKEN, (), frozenset(), records.change_client, source="policy", internal=True),
    ),
)


class Audits:
    """The decider of audits."""

    kind = "audit"
    state = Audit
    version = 3

    def initial(self) -> Audit:
        """Not planned."""
        return Audit()

    def wants(self, state: Audit, command: Command, now: datetime) -> Wants:
        """The client to plan for; its deferred cases, to call up or off; to conclude, all by which it stands.

        The client, its certificates and its people, where a plan names any of what it has, or a team.
        """
        body = command.body
        match command.name, state.outline:
            case "plan", None:
                client = body.get("client")
                return Wants(
                    client=client if isinstance(client, str) else None,
                    certificates=bool(body.get("certificates")),
                    people=bool(body.get("team")),
                )
            case "start" | "end" | "revise" | "cancel", e.Outline() as outline if state.status in (
                "planned",
                "under_way",
                "ended",
            ):
                revised = command.name == "revise"
                named = revised and bool(body.get("sites") or body.get("certificates") or body.get("team"))
                return Wants(
                    client=outline.client if named else None,
                    certificates=named,
                    people=named,
                    cases=CaseQuery(client=outline.client, living=True, deferred=True),
                )
            case "note_positive", e.Outline() as outline:
                return Wants(client=outline.client if body.get("site") else None)
            case "conclude", e.Outline() as outline:
                second = outline.stage == "stage2"
                return Wants(client=outline.client if second else None, audits=second, cases=looked_at(outline))
        return Wants()

    def decide(self, state: Audit, command: Command, context: Context) -> Sequence[Event]:
        """The row's events, or its refusal."""
        return PROCEDURE.decide(state, command, context)

    def evolve(self, state: Audit, happened: Happened) -> Audit:
        """The fold."""
        return evolve(state, happened)

    def lives(self, state: Audit) -> bool:
        """Until it is concluded or over, and no window is open."""
        if state.status == "concluded":
            return any(clock.is_open for clock in state.clocks)
        return state.status in ("planned", "under_way", "ended")

    def next_wakeup(self, state: Audit) -> datetime | None:
        """The end of the first window that runs."""
        if state.status not in HELD:
            return None
        return min((at for clock in state.clocks if (at := clocks.wakes(clock)) is not None), default=None)

    def on_wakeup(self, state: Audit, now: datetime) -> Sequence[Event]:
        """A window closed: the audit has to be held again."""
        if state.status not in HELD:
            return ()
        passed = [clock for clock in state.clocks if (at := clocks.wakes(clock)) is not None and at <= now]
        first = min(passed, key=lambda clock: clock.due_at, default=None)
        if first is None:
            return ()
        return (e.Lapsed(clock=first.kind, due_at=first.due_at, because=_because(state, first)),)

    def react(self, state: Audit, happened: Happened) -> Sequence[Reaction]:
        """Deferred cases follow its days, come due at its start, are judged at its end, or wait for another audit."""
        outline = state.outline
        if outline is None:
            return ()
        team = [member.person for member in outline.team if member.role in ("lead", "auditor")]
        match happened.event:
            case e.Started(called=called) | e.Revised(called=called, moved=()):
                return [_to_case(case, "call_up", {"audit": outline.key, "team": team}) for case in called]
            case e.Revised(moved=moved):
                return [_to_case(case, "move_verification", {"audit": outline.key}) for case in moved]
            case e.Cancelled(called_off=called_off):
                return [_to_case(case, "call_off", {"audit": outline.key}) for case in called_off]
            case e.Ended(on=on, due=due):
                return [_to_case(case, "audit_ended", {"audit": outline.key, "on": on.isoformat()}) for case in due]
        return ()

    def status(self, state: Audit) -> str:
        """Its state."""
        return state.status


def _because(audit: Audit, clock: clocks.Clock) -> str:
    if clock.kind == "repair":
        return "The areas of concern were not repaired in time: stage 1 has to be audited again."
    stage = {"stage2": "stage 2"}.get(g.outline_of(audit).stage, "the audit")
    return f"No recommendation came within {audit.terms.conclude} of the last day: {stage} has to be repeated."


def _to_case(id: str, command: str, body: dict[str, object]) -> Reaction:
    return Reaction(stream_of("nonconformity", id), command, body)
