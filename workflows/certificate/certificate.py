"""The state of a certificate, and how each event changes it."""

from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from workflows import standards
from workflows.certificate import events as e
from workflows.decider import Happened
from workflows.people import Frozen
from workflows.policy import Suspension as Terms

Status = e.Status


class Suspension(Frozen):
    """A suspension that lasts: since when, until when at most, what then, and every cause that is not resolved."""

    since: datetime
    until: datetime
    policy: Terms
    causes: tuple[e.Cause, ...]
    overrun: bool = False

    def names(self, case: str) -> bool:
        """Whether a nonconformity is among the causes."""
        return any(cause.case == case for cause in self.causes)


class Reduction(Frozen):
    """What was taken out of a certificate, when and why; `scope` is how it read before, where that changed."""

    standards: tuple[str, ...]
    sites: tuple[str, ...]
    scope: str | None
    cause: e.Cause
    at: datetime


class Ending(Frozen):
    """How a certificate was withdrawn or refused: by which committee `review`, if by one, or at a suspension's end."""

    by: Literal["decision", "suspension"]
    review: str | None


class Certificate(Frozen):
    """A certificate as its events leave it.

    `suspension` stays in sight when a suspended certificate expires or is withdrawn: what caused it has to be resolved
    before it is restored, and holds where the withdrawal is set aside. `cases` are the ids of the nonconformities that
    were open at the body from which it was transferred. Applied for again, `ended_before` is the day on which it had
    ended: another certification rests on audits after that. `audits` are those on which the last term was decided: they
    serve for no other.
    """

    status: Status = ""
    key: str = ""
    client: str | None = None
    standards: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    scope: str = ""
    zone: str = "UTC"
    term: e.Term | None = None
    audits: tuple[str, ...] = ()
    from_body: str | None = None
    cases: tuple[str, ...] = ()
    suspension: Suspension | None = None
    reductions: tuple[Reduction, ...] = ()
    applied_at: datetime | None = None
    applications: int = 0
    ended_before: date | None = None
    decided_at: datetime | None = None
    ended_at: datetime | None = None
    ended_because: str | None = None
    ending: Ending | None = None


def name_of(standard: str) -> str:
    """The name of a standard without its edition, as findings name it."""
    return standards.standard(standard).name


def content(certificate: Certificate) -> dict[str, Any]:
    """What a signature on a decision about a certificate covers: the certificate as it stands."""
    return certificate.model_dump(mode="json", exclude={"applied_at", "applications", "decided_at", "ended_at"})


def evolve(state: Certificate, happened: Happened) -> Certificate:
    """The certificate after one more event."""
    at = happened.at
    match happened.event:
        case e.Applied() as event:
            whole = event.model_dump(include={"key", "client", "standards", "sites", "scope", "zone"})
            return Certificate(
                status="applied",
                applied_at=at,
                applications=state.applications + 1,
                ended_before=state.ended_at.astimezone(ZoneInfo(state.zone)).date() if state.ended_at else None,
                **whole,
            )
        case e.TransferredIn() as event:
            whole = event.model_dump(exclude={"term"})
            return Certificate(status="active", term=event.term, decided_at=at, **whole)
        case e.Granted() | e.Renewed() as event:
            changes = {"status": "active", **_issued(state, event.term, event.audits, at)}
        case e.Refused(cause=cause):
            ending = Ending(by="decision", review=cause.review)
            changes = {**_ended("refused", cause.reason, at), "ending": ending}
        case e.Withdrawn(cause=cause, by=by):
            changes = {**_ended("withdrawn", cause.reason, at), "ending": Ending(by=by, review=cause.review)}
        case e.Expired() as event:
            changes = _ended("expired", f"It expired on {event.expires_on}.", at)
        case e.ExpiryAnnounced() as event:
            changes = {"term": state.term and _announced(state.term, event.due_at)}
        case e.Reduced() as event:
            changes = _reduced(state, event, at)
        case e.ClientChanged() as event:
            changes = {"client": event.client, "zone": event.zone, "term": event.term}
        case _:
            changes = _by_suspension(state, happened)
    return state.model_copy(update=changes)


def set_aside(state: Certificate, event: e.DecisionSetAside) -> dict[str, Any]:
    """What is left without the decisions of a review."""
    suspension = state.suspension
    causes = tuple(cause for cause in suspension.causes if cause.review != event.review) if suspension else ()
    changes: dict[str, Any] = {
        **event.model_dump(include={"status", "standards", "sites", "scope"}),
        "suspension": suspension.model_copy(update={"causes": causes}) if suspension and causes else None,
        "reductions": tuple(one for one in state.reductions if one.cause.review != event.review),
    }
    if event.status in ("applied", "active", "suspended"):
        changes |= {"ended_at": None, "ended_because": None, "ending": None}
    return changes


def _by_suspension(state: Certificate, happened: Happened) -> dict[str, Any]:
    """What an event of a suspension changes, from its first cause to its end; or what undoes a decision."""
    suspension = state.suspension
    match happened.event:
        case e.Suspended() as event:
            return {"status": "suspended", "suspension": _suspended(suspension, event, happened.at)}
        case e.CauseResolved() as event:
            left = tuple(cause for cause in suspension.causes if cause.case != event.case) if suspension else ()
            return {"suspension": suspension and suspension.model_copy(update={"causes": left})}
        case e.DecisionSetAside() as event:
            return set_aside(state, event)
        case e.SuspensionOverrun():
            return {"suspension": suspension and suspension.model_copy(update={"overrun": True})}
        case e.Restored() as event:
            changes: dict[str, Any] = {"status": "active", "suspension": None, "ended_at": None, "ended_because": None}
            return changes | (_issued(state, event.term, event.audits, happened.at) if event.term else {})
        case other:
            raise TypeError(f"{other.type} is no event of a certificate")


def _issued(state: Certificate, term: e.Term, audits: tuple[str, ...], at: datetime) -> dict[str, Any]:
    return {"term": term, "audits": audits or state.audits, "decided_at": at}


def _ended(status: Status, because: str, at: datetime) -> dict[str, Any]:
    return {"status": status, "ended_at": at, "ended_because": because}


def _suspended(before: Suspension | None, event: e.Suspended, at: datetime) -> Suspension:
    """A second cause adds to the first: the time that is left does not begin anew."""
    if before is None:
        return Suspension(since=at, until=event.until, policy=event.policy, causes=(event.cause,))
    return before.model_copy(
        update={"causes": (*before.causes, event.cause), "until": event.until, "policy": event.policy}
    )


def _reduced(state: Certificate, event: e.Reduced, at: datetime) -> dict[str, Any]:
    reduction = Reduction(
        standards=event.standards,
        sites=event.sites,
        scope=state.scope if event.scope is not None else None,
        cause=event.cause,
        at=at,
    )
    return {
        "standards": tuple(one for one in state.standards if one not in event.standards),
        "sites": tuple(one for one in state.sites if one not in event.sites),
        "scope": state.scope if event.scope is None else event.scope,
        "reductions": (*state.reductions, reduction),
    }


def _announced(term: e.Term, due_at: datetime) -> e.Term:
    return term.model_copy(update={"warn_at": tuple(at for at in term.warn_at if at > due_at)})
