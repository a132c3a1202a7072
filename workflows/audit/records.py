"""What each command on an audit records."""

from collections.abc import Iterable, Sequence

from workflows.audit import commands as c
from workflows.audit import events as e
from workflows.audit import guards as g
from workflows.audit.audit import Audit
from workflows.audit.standing import covers, standing
from workflows.decider import Context, Event
from workflows.entries import CaseEntry, looks_back
from workflows.procedure import signed


def comes_due(audit: e.Outline, case: CaseEntry) -> bool:
    """Whether a deferred nonconformity is verified at an audit: at the one it names, else at the next one that fits.

    That is another one than that in which it was found, which looks back at what that left open (`looks_back`, as the
    dates do), and covers one of the standards that were not fulfilled.
    """
    if case.deferred_to is not None:
        return case.deferred_to == audit.key
    if case.audit == audit.key or not looks_back(audit.stage, case.stage):
        return False
    return covers(audit.standards, case)


def plan(audit: Audit, body: c.Plan, context: Context) -> Sequence[Event]:
    """Its outline, and the terms of the policy by which its clocks run."""
    chosen = g.policy_for(body.stage, body.standards, context)
    outline = e.Outline(**body.model_dump())
    zone = context.facts.client.zone if context.facts.client else "UTC"
    named = f"{chosen.name} {chosen.version}"
    return (e.Planned(outline=outline, policy=named, terms=chosen.audits, zone=zone),)


def revise(audit: Audit, body: c.Revise, context: Context) -> Sequence[Event]:
    """The outline as it then stands; a new team takes over what had come due, what waits for it follows its days."""
    before = g.outline_of(audit)
    changes = {name: getattr(body, name) for name in body.model_fields_set if getattr(body, name) is not None}
    outline = before.model_copy(update=changes)
    another_day = outline.ends_on != before.ends_on
    called: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    if audit.status == "under_way" and (another_day or outline.team != before.team):
        called = _called(audit, outline, context)
    if audit.status == "planned" and another_day:
        moved = _each_once(case.id for case in context.facts.cases if comes_due(before, case))
    return (e.Revised(outline=outline, called=called, moved=moved),)


def start(audit: Audit, body: c.Start, context: Context) -> Sequence[Event]:
    """What was deferred to it comes due."""
    return (e.Started(called=_called(audit, g.outline_of(audit), context)),)


def end(audit: Audit, body: c.End, context: Context) -> Sequence[Event]:
    """Its last day; what had come due is judged."""
    # Deferred to this very audit while it was on: due here too, though it was not called up at its start.
    due = (case.id for case in context.facts.cases if case.id in audit.called or _waits(audit, case))
    return (e.Ended(on=body.on, summary=body.summary, due=_each_once(due)),)


def note_positive(audit: Audit, body: c.NotePositive, context: Context) -> Sequence[Event]:
    """The text, and where it was seen."""
    return (e.PositiveNoted(**body.model_dump()),)


def raise_concern(audit: Audit, body: c.RaiseConcern, context: Context) -> Sequence[Event]:
    """Open."""
    return (e.ConcernRaised(key=body.key, text=body.text),)


def repair_concern(audit: Audit, body: c.RepairConcern, context: Context) -> Sequence[Event]:
    """What the client did."""
    return (e.ConcernRepaired(key=body.key, text=body.text),)


def return_concern(audit: Audit, body: c.ReturnConcern, context: Context) -> Sequence[Event]:
    """Why the repair does not do."""
    return (e.ConcernReturned(key=body.key, reason=body.reason),)


def clear_concern(audit: Audit, body: c.ClearConcern, context: Context) -> Sequence[Event]:
    """No more."""
    return (e.ConcernCleared(key=body.key),)


def conclude(audit: Audit, body: c.Conclude, context: Context) -> Sequence[Event]:
    """The recommendation, beside the standing at this moment."""
    return (
        e.Concluded(
            recommendation=body.recommendation,
            standing=standing(audit, context.facts.cases, context.facts.audits).recommendation,
            reasons=body.reasons,
            signature=signed(body, context),
        ),
    )


def cancel(audit: Audit, body: c.Cancel, context: Context) -> Sequence[Event]:
    """Why; what waits for it has to wait for another."""
    waiting = (case.id for case in context.facts.cases if _waits(audit, case))
    return (e.Cancelled(reason=body.reason, called_off=_each_once(waiting)),)


def change_client(audit: Audit, body: c.ChangeClient, context: Context) -> Sequence[Event]:
    """The client that took the other one's place."""
    return (e.ClientChanged(client=body.client),)


def _waits(audit: Audit, case: CaseEntry) -> bool:
    return case.deferred_to == g.outline_of(audit).key


def _called(audit: Audit, outline: e.Outline, context: Context) -> tuple[str, ...]:
    """The deferred nonconformities that come due, and of those that came due before what is still deferred."""
    return _each_once(case.id for case in context.facts.cases if case.id in audit.called or comes_due(outline, case))


def _each_once(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))
