"""What commands about verification at an audit record: follow-up, deferral."""

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from workflows.decider import Context
from workflows.durations import end_of_day
from workflows.entries import AuditEntry
from workflows.nonconformity import commands as c
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.deadlines import Deadline
from workflows.nonconformity.given import finding_of, policy_of, required
from workflows.nonconformity.policies import another_policy
from workflows.nonconformity.records.common import Events, waiting
from workflows.nonconformity.records.evidence import return_evidence
from workflows.nonconformity.records.grading import upgrade


def require_follow_up(case: Case, body: c.RequireFollowUp, context: Context) -> Events:
    """The date of the follow-up, kept like any other."""
    dates = clocks.appoint(case.deadlines, body.on, context.now, body.reason, case.zone)
    return (e.FollowUpRequired(on=body.on, reason=body.reason, deadlines=dates),)


def record_follow_up(case: Case, body: c.RecordFollowUp, context: Context) -> Events:
    """The day of the follow-up decides its date; what was not effective goes back to the client."""
    held = min(context.now, _end_of(body.on, case.zone))
    met = clocks.meet(case.deadlines, "follow_up", held, case.zone)
    recorded = e.FollowUpRecorded(on=body.on, result=body.result, statement=body.statement, deadlines=met)
    if body.result == "effective":
        return (recorded,)
    sections = tuple(c.ReturnedEvidence(shows=action.key, reason=body.statement) for action in case.actions)
    back = c.ReturnEvidence(to="evidence", sections=sections)
    return (recorded, *return_evidence(case.model_copy(update={"deadlines": met}), back, context))


def defer_verification(case: Case, body: c.DeferVerification, context: Context) -> Events:
    """Close-out, and evidence that is not submitted, wait for the audit: until its last day, never after the longest.

    An audit that is under way already calls it up at once.
    """
    today = context.now.astimezone(ZoneInfo(case.zone)).date()
    audits = context.facts.audits
    audit = _audit(body.audit, audits) if body.audit else clocks.next_audit(finding_of(case), audits, today)
    latest = case.deferral.latest if case.deferral else _latest(case, context.now)
    return _waiting(case, audit, latest, body.reason, context.now)


def call_up(case: Case, body: c.CallUp, context: Context) -> Events:
    """The audit began: its last day, as it is planned now, is the date."""
    deferral = required(case.deferral, "a deferral")
    audit = _audit(body.audit, context.facts.audits)
    dates = case.deadlines
    if audit is not None and _ends(case, audit, context.now) is not None:
        why = f"{body.audit} {'goes on' if deferral.called_up else 'began'}"
        dates = _deferred(case, _reviewed(case, context.now), audit, deferral.latest, why, context.now).deadlines
    return (e.CalledUp(audit=body.audit, team=body.team, deadlines=dates),)


def move_verification(case: Case, body: c.MoveVerification, context: Context) -> Events:
    """The audit has other days: what waits for it follows, and what waits for whichever comes next, for that one.

    No longer than it would have waited at most. The body's own clock, where it runs, is another matter.
    """
    deferral, audits = required(case.deferral, "a deferral"), context.facts.audits
    today = context.now.astimezone(ZoneInfo(case.zone)).date()
    named = deferral.audit
    audit = _audit(named, audits) if named else clocks.next_audit(finding_of(case), audits, today)
    why = f"{body.audit} has other days"
    moved = _deferred(case, case.deadlines, audit, deferral.latest, why, context.now)
    return (moved.model_copy(update={"audit": named, "reason": deferral.reason}),)


def call_off(case: Case, body: c.CallOff, context: Context) -> Events:
    """The audit does not come: it waits for the next one, no longer than it would have waited for that."""
    deferral = required(case.deferral, "a deferral")
    today = context.now.astimezone(ZoneInfo(case.zone)).date()
    others = [audit for audit in context.facts.audits if audit.key != body.audit]
    following = clocks.next_audit(finding_of(case), others, today)
    return _waiting(case, following, deferral.latest, f"{body.audit} was cancelled", context.now)


def audit_ended(case: Case, body: c.AuditEnded, context: Context) -> Events:
    """Still unverified: by the policy it becomes a major, with dates of its own; after a dispute, where one is open."""
    left = e.LeftUnverified(audit=body.audit, on=body.on)
    if policy_of(case).deferral.unverified == "warn":
        return (left,)
    policy, why = another_policy(case, "major", context), f"not verified at the audit {body.audit}"
    return (left, *upgrade(case, "unverified", why, context.now, policy))


def _waiting(case: Case, audit: AuditEntry | None, latest: datetime, reason: str, now: datetime) -> Events:
    deferred = _deferred(case, _reviewed(case, now), audit, latest, reason, now)
    if audit is None or audit.status != "under_way":
        return (deferred,)
    return (deferred, e.CalledUp(audit=audit.key, team=audit.team, deadlines=deferred.deadlines))


def _reviewed(case: Case, now: datetime) -> tuple[Deadline, ...]:
    """The dates without the body's own clock: verification waits for the audit."""
    return clocks.meet(case.deadlines, "review", now, case.zone)


def _deferred(
    case: Case, dates: tuple[Deadline, ...], audit: AuditEntry | None, latest: datetime, reason: str, now: datetime
) -> e.VerificationDeferred:
    ends = _ends(case, audit, now) if audit else None
    until = min(ends or latest, latest)
    place = f"the audit {audit.key}" if audit else "the next audit"
    dates = clocks.defer(dates, waiting(case), until, now, f"to be verified at {place}: {reason}", case.zone)
    return e.VerificationDeferred(
        audit=audit.key if audit else None, reason=reason, until=until, latest=latest, deadlines=dates
    )


def _audit(key: str, audits: Sequence[AuditEntry]) -> AuditEntry | None:
    return next((audit for audit in audits if audit.key == key), None)


def _ends(case: Case, audit: AuditEntry, now: datetime) -> datetime | None:
    """The end of an audit's last day; None where it is not known, or past."""
    last = audit.ends_on or audit.starts_on
    ends = _end_of(last, case.zone) if last else None
    return ends if ends and ends > now else None


def _latest(case: Case, now: datetime) -> datetime:
    area = ZoneInfo(case.zone)
    return end_of_day(policy_of(case).deferral.longest.after(now, area), area)


def _end_of(day: date, zone: str) -> datetime:
    area = ZoneInfo(zone)
    return end_of_day(datetime.combine(day, time(12), area), area)
