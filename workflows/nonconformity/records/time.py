"""What commands about dates: extensions, excuses record."""

from datetime import datetime

from workflows.decider import Context, Event
from workflows.nonconformity import commands as c
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.given import grade_of, policy_of, required
from workflows.nonconformity.records.common import Events, call, is_under_review, waiting
from workflows.nonconformity.records.grading import upgrade
from workflows.policy import Breach, Policy


def request_extension(case: Case, body: c.RequestExtension, context: Context) -> Events:
    """For the reviewer; for the committee where the policy leaves reviewers no more."""
    requested = e.ExtensionRequested(**body.model_dump())
    if not asks_committee(case, body.deadline):
        return (requested,)
    why = f"another extension of the {body.deadline} deadline is requested: {body.reason}"
    return (requested, *call(case, "second_extension", why))


def asks_committee(case: Case, kind: c.ClientDate) -> bool:
    """Whether asking for more time for a date calls the committee: the policy leaves reviewers no more of it."""
    deadline = case.deadline(kind)
    granted = deadline.extensions if deadline else 0
    caps = policy_of(case).caps(grade_of(case), case.label)
    return granted >= caps.reviewer_grants and not is_under_review(case)


def grant_extension(case: Case, body: c.GrantExtension, context: Context) -> Events:
    """A later date."""
    kind = required(case.extension, "a request").deadline
    dates = clocks.extend(case.deadlines, kind, body.until, context.now, body.reason, case.zone)
    return (e.ExtensionGranted(deadline=kind, until=body.until, reason=body.reason, deadlines=dates),)


def deny_extension(case: Case, body: c.DenyExtension, context: Context) -> Events:
    """The date stays."""
    return (e.ExtensionDenied(reason=body.reason),)


def excuse_lateness(case: Case, body: c.ExcuseLateness, context: Context) -> Events:
    """Not held against the client."""
    excused = clocks.excuse(case.deadlines, body.deadline, body.reason)
    return (e.LatenessExcused(deadline=body.deadline, reason=body.reason, deadlines=excused),)


def on_wakeup(case: Case, now: datetime) -> Events:
    """Reminders and misses that are due; a breach that calls the committee or makes a major does so in the same breath.

    The upgrade comes last, because it sets new dates.
    """
    if case.policy is None:
        return ()
    events: list[Event] = []
    called = is_under_review(case)
    left_undone: clocks.Miss | None = None
    dates = case.deadlines
    for item in clocks.passed(case.deadlines, case.policy, case.zone, now):
        match item:
            case clocks.Reminder():
                dates = clocks.reminded(dates, item.kind)
                events.append(e.DeadlineReminded(deadline=item.kind, offset=item.offset, due_at=item.due_at))
            case clocks.Miss():
                dates = clocks.missed(dates, item.kind, now)
                events.append(e.DeadlineMissed(deadline=item.kind, due_at=item.due_at))
                breach = _breach(case, case.policy, item)
                if breach == "committee" and not called:
                    called = True
                    events += call(case, "closure_missed", f"the {item.kind} deadline passed")
                if breach == "upgrade":
                    left_undone = item
    # New dates are counted beside those that were reminded of and missed just now: nothing is said of these twice.
    told = case.model_copy(update={"deadlines": dates})
    return [*events, *(_upgrade(told, left_undone, now) if left_undone else ())]


def _breach(case: Case, rules: Policy, miss: clocks.Miss) -> Breach:
    """What a miss does now: the deferral's rules go before the step's, and only an unverified minor becomes a major.

    What an audit has called up is judged at its end. Under a policy that has no dates for majors the committee decides.
    """
    breach: Breach = miss.on_breach
    if case.deferral is not None and miss.kind in waiting(case):
        breach = "upgrade" if rules.deferral.unverified == "upgrade" and not case.deferral.called_up else "warn"
    if breach != "upgrade":
        return breach
    if case.grade != "minor" or case.status == "verified":
        return "warn"
    return "upgrade" if rules.is_for("major") else "committee"


def _upgrade(case: Case, miss: clocks.Miss, now: datetime) -> Events:
    why = f"the {miss.kind} deadline passed"
    if case.deferral is None:
        return upgrade(case, "deadline_missed", why, now)
    left = e.LeftUnverified(audit=case.deferral.audit, on=None)
    return (left, *upgrade(case, "unverified", f"{why} before it was verified", now))
