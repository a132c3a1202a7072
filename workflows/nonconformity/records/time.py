"""What commands about dates: extensions, excuses record."""

from datetime import datetime

from workflows.decider import Context, Event
from workflows.nonconformity import commands as c
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.given import policy_of, required
from workflows.nonconformity.records.common import Events, escalated, is_under_review


def request_extension(case: Case, body: c.RequestExtension, context: Context) -> Events:
    """For the reviewer; for the committee where the policy leaves reviewers no more."""
    requested = e.ExtensionRequested(**body.model_dump())
    deadline = case.deadline(body.deadline)
    granted = deadline.extensions if deadline else 0
    if granted < policy_of(case).extensions.reviewer_grants or is_under_review(case):
        return (requested,)
    why = f"another extension of the {body.deadline} deadline is requested: {body.reason}"
    return (requested, escalated(case, "second_extension", why))


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
    """Reminders and misses that are due; a breach that calls the committee escalates in the same breath."""
    if case.policy is None:
        return ()
    events: list[Event] = []
    called = is_under_review(case)
    for item in clocks.passed(case.deadlines, case.policy, case.zone, now):
        match item:
            case clocks.Reminder():
                events.append(e.DeadlineReminded(deadline=item.kind, offset=item.offset, due_at=item.due_at))
            case clocks.Miss():
                events.append(e.DeadlineMissed(deadline=item.kind, due_at=item.due_at))
                if item.on_breach == "committee" and not called:
                    called = True
                    events.append(escalated(case, "closure_missed", f"the {item.kind} deadline passed"))
    return events
