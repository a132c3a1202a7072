"""What commands about the certification committee record."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from workflows.decider import Context
from workflows.durations import Duration, end_of_day
from workflows.entries import CertificateEntry
from workflows.findings import Finding
from workflows.nonconformity import commands as c
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity import events as e
from workflows.nonconformity.case import LIVE, Case
from workflows.nonconformity.deadlines import Deadline
from workflows.nonconformity.given import finding_of, policy_of
from workflows.nonconformity.policies import another_policy
from workflows.nonconformity.records.common import Events, escalated
from workflows.nonconformity.records.grading import regraded
from workflows.policy import Policy
from workflows.sentences import mark

TOUCHES: Mapping[c.Choice, frozenset[str]] = {
    "suspend": frozenset({"active", "suspended"}),
    "reduce_scope": frozenset({"active", "suspended"}),
    "withdraw_certificate": frozenset({"active", "suspended"}),
    "refuse": frozenset({"applied"}),
}
"""The decisions that have an effect on certificates, and on those in which state."""

ELSEWHERE: frozenset[c.Choice] = frozenset({"suspend", "reduce_scope", "withdraw_certificate"})
"""Of these, what is decided on a certificate that another register may hold."""

STILL: frozenset[c.Choice] = frozenset({"reduce_scope", "withdraw_certificate", "refuse"})
"""Those after which the close-out date stands still."""

UNREGISTERED = mark(
    "No certificate that this could change is registered here: whoever keeps it has to act on the decision."
)
ENDED = "The case had ended: nothing changes here."
AGAIN = "It runs again when the committee, called anew, gives it a date."


def escalate(case: Case, body: c.Escalate, context: Context) -> Events:
    """The committee is called by hand."""
    return (escalated(case, "by_hand", body.reason),)


def apply_decision(case: Case, body: c.ApplyDecision, context: Context) -> Events:
    """The committee's decision with its effect on the dates, the grade, the certificates or the end of the case.

    On a case that ended meanwhile, or has the grade that was decided, it is recorded and changes nothing.
    """
    why = f"the certification committee decided: {body.effect}"
    ended = case.status not in LIVE
    certificates = () if ended else touched(finding_of(case), body.choice, context.facts.certificates)
    decided = e.ReviewDecided(
        review=body.review,
        choice=body.choice,
        effect=" ".join((body.effect, *_beside(body.choice, ended, certificates))),
        reason=body.reason,
        until=body.until,
        deadlines=case.deadlines if ended else _dated(case, body, context.now, why),
        certificates=certificates,
        deciders=body.deciders,
    )
    if ended:
        return (decided,)
    if body.grade is not None and body.grade != case.grade:
        policy = another_policy(case, body.grade, context)
        return (decided, regraded(case, body.grade, why, context.now, policy=policy, review=body.review))
    if body.choice == "dismiss":
        return (decided, e.Dismissed(reason=why, review=body.review))
    if body.choice == "special_audit" and case.grade != "ofi":
        return (decided, _follow_up(case, body, decided.deadlines, why, context.now))
    return (decided,)


def _follow_up(
    case: Case, body: c.ApplyDecision, dates: Sequence[Deadline], why: str, now: datetime
) -> e.FollowUpRequired:
    """The special audit, by the end of the time that the decision leaves."""
    area = ZoneInfo(case.zone)
    on = (body.until or policy_of(case).deferral.longest.after(now, area)).astimezone(area).date()
    appointed = clocks.appoint(dates, on, now, why, case.zone)
    return e.FollowUpRequired(on=on, reason=why, review=body.review, deadlines=appointed)


def _dated(case: Case, body: c.ApplyDecision, now: datetime, why: str) -> tuple[Deadline, ...]:
    """The dates after a decision; a special audit or a suspension never leaves the close-out without a date."""
    rules = policy_of(case)
    match body.choice:
        case "extend" | "special_audit" if body.until is not None:
            # An earlier decision may have stopped the close-out date; with a new date it runs again.
            stopped: tuple[c.DeadlineKind, ...] = ("closure",) if body.deadline == "closure" else ()
            running = clocks.resume(case.deadlines, stopped, now, rules, case.zone)
            return clocks.extend(running, body.deadline, body.until, now, why, case.zone)
        case "special_audit":
            return _closed_within(case, rules, rules.deferral.longest, now, f"{why} Within {rules.deferral.longest}")
        case "suspend":
            return _closed_within(case, rules, rules.suspension.longest, now, why)
        case choice if choice in STILL:
            return clocks.stop(case.deadlines, ("closure",), now, f"{why} {AGAIN}", case.zone)
        case _:
            return case.deadlines


def _closed_within(case: Case, rules: Policy, longest: Duration, now: datetime, why: str) -> tuple[Deadline, ...]:
    area = ZoneInfo(case.zone)
    until = longest.after(now, area)
    until = end_of_day(until, area) if rules.end_of_day and longest.in_days else until
    running = clocks.resume(case.deadlines, ("closure",), now, rules, case.zone)
    return clocks.defer(running, ("closure",), until, now, why, case.zone)


def _beside(choice: c.Choice, ended: bool, certificates: Sequence[str]) -> Sequence[str]:
    """What its record says beside a decision that does nothing here, or nothing to a certificate."""
    if ended:
        return (ENDED,)
    return (UNREGISTERED,) if choice in ELSEWHERE and not certificates else ()


def touched(finding: Finding, choice: c.Choice, certificates: Sequence[CertificateEntry]) -> tuple[str, ...]:
    """The certificates on which a decision takes effect: those that the finding names, else those of its standards.

    `certificates` are the client's.
    """
    standards = {item.standard for item in finding.requirements}

    def concerned(entry: CertificateEntry) -> bool:
        return entry.key in finding.certificates if finding.certificates else bool(standards & set(entry.standards))

    states = TOUCHES.get(choice, frozenset())
    return tuple(entry.key for entry in certificates if entry.status in states and concerned(entry))
