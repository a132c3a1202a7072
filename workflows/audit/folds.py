"""How each event changes an audit."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from workflows.audit import clocks
from workflows.audit import events as e
from workflows.audit.audit import Audit, Concern, Conclusion, Positive
from workflows.audit.clocks import Clock
from workflows.decider import Happened

WINDOWED = frozenset({"stage2", "recertification"})
"""The stages whose recommendation must come within the policy's window."""


def evolve(audit: Audit, happened: Happened) -> Audit:
    """The audit after one more event."""
    changes = _of_course(audit, happened)
    if changes is None:
        changes = _of_findings(audit, happened)
    if changes is None:
        raise TypeError(f"{happened.event.type} is no event of an audit")
    return audit.model_copy(update=changes)


def _of_course(audit: Audit, happened: Happened) -> dict[str, Any] | None:
    """What the events of an audit's course change; None for another."""
    match happened.event:
        case e.Planned() as planned:
            return {
                "status": "planned",
                "outline": planned.outline,
                "policy": planned.policy,
                "terms": planned.terms,
                "zone": planned.zone,
                "planned_by": happened.actor,
            }
        case e.Revised() as revised:
            called = tuple(dict.fromkeys((*audit.called, *revised.called)))
            return {"outline": revised.outline, "called": called, "left": _left(audit, revised.outline)}
        case e.Started() as started:
            return {"status": "under_way", "started_at": happened.at, "called": started.called}
        case e.Ended() as ended:
            held = {"status": "ended", "ended_on": ended.on, "summary": ended.summary}
            return {**held, "clocks": _opened(audit.model_copy(update=held), happened.at)}
        case e.Concluded() as concluded:
            return _concluded(audit, concluded, happened)
        case e.Lapsed() as lapsed:
            missed = _each(audit, lapsed.clock, lambda clock: clocks.miss(clock, happened.at, audit.zone))
            return {"status": "lapsed", "ended_because": lapsed.because, "clocks": missed}
        case e.Cancelled() as cancelled:
            met = tuple(clock for clock in audit.clocks if not clock.is_open)
            return {"status": "cancelled", "ended_because": cancelled.reason, "clocks": met}
        case e.ClientChanged() as changed:
            return {"outline": audit.outline and audit.outline.model_copy(update={"client": changed.client})}
    return None


def _of_findings(audit: Audit, happened: Happened) -> dict[str, Any] | None:
    """What the events about positive findings and areas of concern change; None for another."""
    match happened.event:
        case e.PositiveNoted() as noted:
            positive = Positive(**noted.model_dump(), by=happened.actor, at=happened.at)
            return {"positives": (*audit.positives, positive)}
        case e.ConcernRaised() as raised:
            concern = Concern(key=raised.key, text=raised.text, by=happened.actor, at=happened.at)
            return {"concerns": (*audit.concerns, concern)}
        case e.ConcernRepaired() as repaired:
            return _concern(audit, repaired.key, happened.at, state="repaired", repair=repaired.text)
        case e.ConcernReturned() as returned:
            return _concern(audit, returned.key, happened.at, state="open", returned_because=returned.reason)
        case e.ConcernCleared() as cleared:
            return _concern(audit, cleared.key, happened.at, state="cleared")
    return None


def _left(audit: Audit, outline: e.Outline) -> tuple[str, ...]:
    """Who is off the team since the audit began, by what its outline is from now on."""
    if audit.status == "planned" or audit.outline is None:
        return ()
    stays = {member.person.casefold() for member in outline.team}
    before = (*audit.left, *(member.person for member in audit.outline.team))
    return tuple(person for person in dict.fromkeys(before) if person.casefold() not in stays)


def _concluded(audit: Audit, concluded: e.Concluded, happened: Happened) -> dict[str, Any]:
    said = concluded.recommendation
    conclusion = Conclusion(recommendation=said, reasons=concluded.reasons, by=concluded.signature.by, at=happened.at)
    # Not recommended yet: what is still open can be verified until the window closes.
    met = audit.clocks
    if said != "not_recommended":
        met = _each(audit, "conclude", lambda clock: clocks.meet(clock, happened.at, audit.zone))
    return {"status": "concluded", "conclusion": conclusion, "clocks": met}


def _opened(audit: Audit, at: datetime) -> tuple[Clock, ...]:
    """The windows that the end of an audit opens."""
    stage = audit.outline.stage if audit.outline else None
    opened: list[Clock] = []
    if stage == "stage1" and any(concern.state != "cleared" for concern in audit.concerns):
        opened.append(_minded(clocks.open_repair(audit.terms.repair, at, audit.zone, audit.policy), audit, at))
    if stage in WINDOWED and audit.ended_on is not None:
        within = audit.terms.conclude
        opened.append(clocks.open_conclude(within, audit.ended_on, at, audit.zone, audit.policy))
    return tuple(opened)


def _concern(audit: Audit, key: str, at: datetime, **changes: object) -> dict[str, Any]:
    concerns = tuple(
        concern.model_copy(update=changes) if concern.key == key else concern for concern in audit.concerns
    )
    changed = audit.model_copy(update={"concerns": concerns})
    return {"concerns": concerns, "clocks": _each(audit, "repair", lambda clock: _minded(clock, changed, at))}


def _minded(clock: Clock, audit: Audit, at: datetime) -> Clock:
    """The repair window as the concerns have it: met, with the certification body, or running for the client."""
    states = {concern.state for concern in audit.concerns} - {"cleared"}
    if not states:
        return clocks.meet(clock, at, audit.zone)
    return clocks.resume(clock, at, audit.zone) if "open" in states else clocks.stop(clock, at, audit.zone)


def _each(audit: Audit, kind: e.ClockKind, change: Callable[[Clock], Clock]) -> tuple[Clock, ...]:
    return tuple(change(clock) if clock.kind == kind else clock for clock in audit.clocks)
