"""What commands about the certification committee record."""

from workflows.decider import Context
from workflows.nonconformity import commands as c
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity import events as e
from workflows.nonconformity.case import LIVE, Case
from workflows.nonconformity.records.common import Events, escalated
from workflows.nonconformity.records.triage import regraded
from workflows.policy import Grade


def escalate(case: Case, body: c.Escalate, context: Context) -> Events:
    """The committee is called by hand."""
    return (escalated(case, "by_hand", body.reason),)


def apply_decision(case: Case, body: c.ApplyDecision, context: Context) -> Events:
    """The committee's decision with its effect on the dates, the grade or the end of the case.

    On a case that was closed meanwhile it is recorded and changes nothing.
    """
    why = f"the certification committee decided: {body.effect}"
    ended = case.status not in LIVE
    match body.choice:
        case "extend" | "special_audit" if body.until is not None and not ended:
            # An earlier decision may have stopped the close-out date; with a new date it runs again.
            stopped: tuple[c.DeadlineKind, ...] = ("closure",) if body.deadline == "closure" else ()
            running = clocks.resume(case.deadlines, stopped, context.now, case.zone)
            dates = clocks.extend(running, body.deadline, body.until, context.now, why, case.zone)
        case "suspend" | "reduce_scope" | "withdraw_certificate" | "refuse" | "special_audit" if not ended:
            dates = clocks.stop(case.deadlines, ("closure",), context.now, why, case.zone)
        case _:
            dates = case.deadlines
    decided = e.ReviewDecided(
        review=body.review,
        choice=body.choice,
        effect=body.effect,
        reason=body.reason,
        until=body.until,
        deadlines=dates,
    )
    if ended:
        return (decided,)
    if body.choice == "regrade":
        grade: Grade = "minor" if case.grade == "major" else "major"
        return (decided, regraded(case, grade, why, context.now, review=body.review))
    if body.choice == "dismiss":
        return (decided, e.Dismissed(reason=why, review=body.review))
    return (decided,)
