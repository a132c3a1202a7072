"""The procedure of an audit: plan, hold, end, conclude (17021-1 9.2 to 9.4; ISO 19011 6), and what its windows do."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from workflows.audit import clocks
from workflows.audit import commands as c
from workflows.audit import events as e
from workflows.audit import guards as g
from workflows.audit.audit import Audit, audit_content
from workflows.audit.folds import evolve
from workflows.audit.standing import standing
from workflows.decider import Command, Context, Event, Happened, Reaction, Wants, stream_of
from workflows.entries import CaseEntry, CaseQuery
from workflows.people import Role
from workflows.procedure import Procedure, Row, signed

PLANNED, UNDER_WAY, HELD = frozenset({"planned"}), frozenset({"under_way"}), frozenset({"ended", "concluded"})
TAKEN = frozenset({"planned", "under_way", "ended", "concluded", "lapsed", "cancelled"})
PLANNERS = g.MANAGERS | {Role.AUDITOR}
AUDITOR = frozenset({Role.AUDITOR})
CLIENT = frozenset({Role.CLIENT_OWNER, Role.CLIENT_APPROVER})


def comes_due(audit: e.Outline, case: CaseEntry) -> bool:
    """Whether a deferred nonconformity is verified at an audit: at the one it names, else at the next one that fits.

    That is one of the body that found it (an internal audit verifies what an internal audit found) which covers one of
    the standards that were not fulfilled.
    """
    if case.deferred_to is not None:
        return case.deferred_to == audit.key
    if (case.stage == "internal") != (audit.stage == "internal"):
        return False
    covered = tuple(f"{name} " for name in c.names(audit.standards))
    return not case.requirements or any(line.startswith(covered) for line in case.requirements)


def _plan(audit: Audit, body: c.Plan, context: Context) -> Sequence[Event]:
    chosen = g.policy_for(body.stage, body.standards, context)
    outline = e.Outline(**body.model_dump())
    zone = context.facts.client.zone if context.facts.client else "UTC"
    named = f"{chosen.name} {chosen.version}"
    return (e.Planned(outline=outline, policy=named, terms=chosen.audits, zone=zone),)


def _revise(audit: Audit, body: c.Revise, context: Context) -> Sequence[Event]:
    before = g.outline_of(audit)
    changes = {name: getattr(body, name) for name in body.model_fields_set if getattr(body, name) is not None}
    outline = before.model_copy(update=changes)
    changed = audit.status == "under_way" and outline.team != before.team
    return (e.Revised(outline=outline, called=_called(audit, outline, context) if changed else ()),)


def _start(audit: Audit, body: c.Start, context: Context) -> Sequence[Event]:
    return (e.Started(called=_called(audit, g.outline_of(audit), context)),)


def _end(audit: Audit, body: c.End, context: Context) -> Sequence[Event]:
    key = g.outline_of(audit).key
    # Deferred to this very audit while it was on: due here too, though it was not called up at its start.
    due = (case.id for case in context.facts.cases if case.id in audit.called or case.deferred_to == key)
    return (e.Ended(on=body.on, summary=body.summary, due=_each_once(due)),)


def _note_positive(audit: Audit, body: c.NotePositive, context: Context) -> Sequence[Event]:
    return (e.PositiveNoted(**body.model_dump()),)


def _raise_concern(audit: Audit, body: c.RaiseConcern, context: Context) -> Sequence[Event]:
    return (e.ConcernRaised(key=body.key, text=body.text),)


def _repair_concern(audit: Audit, body: c.RepairConcern, context: Context) -> Sequence[Event]:
    return (e.ConcernRepaired(key=body.key, text=body.text),)


def _return_concern(audit: Audit, body: c.ReturnConcern, context: Context) -> Sequence[Event]:
    return (e.ConcernReturned(key=body.key, reason=body.reason),)


def _clear_concern(audit: Audit, body: c.ClearConcern, context: Context) -> Sequence[Event]:
    return (e.ConcernCleared(key=body.key),)


def _conclude(audit: Audit, body: c.Conclude, context: Context) -> Sequence[Event]:
    return (
        e.Concluded(
            recommendation=body.recommendation,
            standing=standing(audit, context.facts.cases).recommendation,
            reasons=body.reasons,
            signature=signed(body, context),
        ),
    )


def _cancel(audit: Audit, body: c.Cancel, context: Context) -> Sequence[Event]:
    return (e.Cancelled(reason=body.reason),)


def _change_client(audit: Audit, body: c.ChangeClient, context: Context) -> Sequence[Event]:
    return (e.ClientChanged(client=body.client),)


def _called(audit: Audit, outline: e.Outline, context: Context) -> tuple[str, ...]:
    due = (case.id for case in context.facts.cases if comes_due(outline, case))
    return _each_once((*audit.called, *due))


def _each_once(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))


PROCEDURE: Procedure[Audit] = Procedure(
    thing="audit",
    status=lambda audit: audit.status,
    client=lambda audit: audit.client,
    rows=(
        Row(
            c.Plan,
            frozenset({""}),
            ("planned",),
            PLANNERS,
            _plan,
            (g.known_client, g.under_policy),
            source="17021-1 9.1.3, 9.2.1; ISO 19011 5.5",
        ),
        Row(
            c.Revise,
            PLANNED | UNDER_WAY,
            (),
            PLANNERS,
            _revise,
            (g.days_in_order,),
            source="17021-1 9.2.2, 9.2.3; ISO 19011 6.3.2",
        ),
        Row(
            c.Start,
            PLANNED,
            ("under_way",),
            PLANNERS,
            _start,
            (g.on_team_or_planner, g.has_team),
            source="17021-1 9.4.2; ISO 19011 6.4.3",
        ),
        Row(
            c.End,
            UNDER_WAY,
            ("ended",),
            PLANNERS,
            _end,
            (g.on_team_or_planner, g.sound_day),
            source="17021-1 9.4.7; ISO 19011 6.4.10",
        ),
        Row(
            c.NotePositive,
            UNDER_WAY | {"ended"},
            (),
            AUDITOR,
            _note_positive,
            (g.on_team, g.room_for_positives),
            source="17021-1 9.4.5; ISO 19011 6.4.8",
        ),
        Row(
            c.RaiseConcern,
            UNDER_WAY,
            (),
            AUDITOR,
            _raise_concern,
            (g.on_team, g.takes_concerns, g.new_concern),
            source="17021-1 9.3.1.2",
        ),
        Row(
            c.RepairConcern,
            UNDER_WAY | HELD,
            (),
            CLIENT,
            _repair_concern,
            (g.to_repair,),
            source="17021-1 9.3.1.2",
        ),
        Row(
            c.ReturnConcern,
            UNDER_WAY | HELD,
            (),
            AUDITOR,
            _return_concern,
            (g.on_team, g.to_return),
            source="policy",
        ),
        Row(
            c.ClearConcern,
            UNDER_WAY | HELD,
            (),
            AUDITOR,
            _clear_concern,
            (g.on_team, g.to_clear),
            source="17021-1 9.3.1.2",
        ),
        Row(
            c.Conclude,
            HELD,
            ("concluded",),
            AUDITOR,
            _conclude,
            (g.leads, g.not_settled, g.as_it_stands),
            signs=audit_content,
            meaning="I led this audit, and recommend so on what the team found.",
            source="17021-1 9.4.6, 9.5.2, 9.5.3; ISO 19011 6.4.9",
        ),
        Row(
            c.Cancel,
            PLANNED | UNDER_WAY,
            ("cancelled",),
            PLANNERS,
            _cancel,
            (g.on_team_or_planner,),
            source="policy",
        ),
        Row(c.ChangeClient, TAKEN, (), frozenset(), _change_client, source="policy", internal=True),
    ),
)


class Audits:
    """The decider of audits."""

    kind = "audit"
    state = Audit
    version = 1

    def initial(self) -> Audit:
        """Not planned."""
        return Audit()

    def wants(self, state: Audit, command: Command, now: datetime) -> Wants:
        """The client to plan for; the deferred cases of the client to call up; the audit's own cases to conclude."""
        match command.name, state.outline:
            case "plan", None:
                client = command.body.get("client")
                return Wants(client=client if isinstance(client, str) else None)
            case "start" | "end" | "revise", e.Outline() as outline if state.status in ("planned", "under_way"):
                return Wants(cases=CaseQuery(client=outline.client, living=True, deferred=True))
            case "conclude", e.Outline() as outline:
                return Wants(cases=CaseQuery(client=outline.client, audit=outline.key))
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
        """Deferred cases come due at its start, for its team to verify, and are judged at its end."""
        outline = state.outline
        if outline is None:
            return ()
        team = [member.person for member in outline.team if member.role in ("lead", "auditor")]
        match happened.event:
            case e.Started(called=called) | e.Revised(called=called):
                return [_to_case(case, "call_up", {"audit": outline.key, "team": team}) for case in called]
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
