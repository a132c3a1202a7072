"""What each command on a nonconformity records once nothing stands against it."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from workflows.canonical import digest
from workflows.decider import Context, Event
from workflows.findings import Finding, missing_for_issue
from workflows.nonconformity import commands as c
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity import events as e
from workflows.nonconformity.case import LIVE, Case, evidence_content, plan_content
from workflows.nonconformity.deadlines import Deadline
from workflows.nonconformity.guards import policy_for, within_tolerance
from workflows.nonconformity.wording import warnings
from workflows.people import Actor, Role
from workflows.policy import Grade, Policy, PolicyError
from workflows.procedure import signed

Events = Sequence[Event]
V = TypeVar("V")


def report(case: Case, body: c.Report, context: Context) -> Events:
    """Into triage; issued at once where the finding states a grade and its reporter may."""
    reported = e.Reported(
        finding=body.finding,
        proposed_grade=body.finding.proposed_grade,
        recurrence_of=body.recurrence_of,
        document=body.document,
        escaped=body.escaped,
    )
    grade = grade_at_once(body, context)
    if grade is None:
        return (reported,)
    triaged = case.model_copy(update={"status": "reported", "finding": body.finding})
    return (reported, *issue(triaged, c.Issue(grade=grade), context))


def issue(case: Case, body: c.Issue, context: Context) -> Events:
    """Number, policy and dates, fixed."""
    finding = _finding(case)
    client = _required(context.facts.client, "a registered client")
    policy = policy_for(finding, body.grade, context)
    anchors = clocks.anchors(finding, policy, context.now, client.zone)
    return (
        e.Issued(
            number=f"NC-{context.now.year}-{_required(context.facts.number, 'a number'):04d}",
            grade=body.grade,
            policy=policy,
            zone=client.zone,
            deadlines=clocks.fix(policy, body.grade, anchors, client.zone),
            reason=body.reason,
            warnings=warnings(finding),
        ),
    )


def dismiss(case: Case, body: c.Dismiss, context: Context) -> Events:
    """No nonconformity."""
    return (e.Dismissed(reason=body.reason),)


def regrade(case: Case, body: c.Regrade, context: Context) -> Events:
    """The new grade's dates, counted from the same anchor."""
    return (_regraded(case, body.grade, body.reason, context.now, review=None),)


def acknowledge(case: Case, body: c.Acknowledge, context: Context) -> Events:
    """Where the policy counts from receipt, the dates now count from the true one."""
    policy = _policy(case)
    dates = case.deadlines
    if policy.anchor == "receipt":
        anchors = clocks.anchors(_finding(case), policy, _issued(case), case.zone, receipt=context.now)
        why = "receipt acknowledged"
        dates = clocks.reanchor(dates, policy, _grade(case), anchors, case.zone, context.now, why)
    return (e.Acknowledged(deadlines=dates),)


def record_correction(case: Case, body: c.RecordCorrection, context: Context) -> Events:
    """Containment; another one than was accepted voids the acceptance, a date filled in does not."""
    recorded = e.CorrectionRecorded(**body.model_dump())
    before = case.correction
    same = before is not None and (before.text, before.not_possible_because) == (body.text, body.not_possible_because)
    return (recorded, *(() if same else _voided(case, "correction", "the correction changed", context)))


def record_cause(case: Case, body: c.RecordCause, context: Context) -> Events:
    """The analysis."""
    return (e.CauseRecorded(**body.model_dump()),)


def plan_action(case: Case, body: c.PlanAction, context: Context) -> Events:
    """A new action; on an accepted plan it voids the acceptance."""
    return (e.ActionPlanned(**body.model_dump()), *_voided(case, body.key, f"{body.key} added", context))


def revise_action(case: Case, body: c.ReviseAction, context: Context) -> Events:
    """The action as it then stands."""
    action = _required(case.action(body.key), "an action")
    revised = action.model_dump(exclude={"done_on", "agreed_due_on"}) | body.model_dump(exclude_none=True)
    why = within_tolerance(case, body)
    return (e.ActionRevised(**revised), *(_voided(case, body.key, why, context) if why else ()))


def drop_action(case: Case, body: c.DropAction, context: Context) -> Events:
    """One action less."""
    return (e.ActionDropped(key=body.key, reason=body.reason), *_voided(case, body.key, f"{body.key} dropped", context))


def propose_plan(case: Case, body: c.ProposePlan, context: Context) -> Events:
    """To the approver."""
    return (e.PlanProposed(note=body.note),)


def submit_plan(case: Case, body: c.SubmitPlan, context: Context) -> Events:
    """To the certification body; plan and evidence clocks stand still meanwhile."""
    stopped = clocks.stop(
        case.deadlines, ("plan", "evidence"), context.now, "the certification body holds the plan", case.zone
    )
    return (
        e.PlanSubmitted(
            version=case.plan.version + 1,
            sha256=digest(plan_content(case)),
            signature=signed(body, context),
            deadlines=stopped,
        ),
    )


def accept_plan(case: Case, body: c.AcceptPlan, context: Context) -> Events:
    """The plan's date is decided, the evidence clock runs again."""
    met = clocks.meet(case.deadlines, "plan", context.now, case.zone)
    running = clocks.resume(met, ("evidence",), context.now, case.zone)
    return (
        e.PlanAccepted(
            version=case.plan.version,
            sha256=_required(case.plan.sha256, "a submitted plan"),
            note=body.note,
            signature=signed(body, context),
            deadlines=running,
        ),
    )


def return_plan(case: Case, body: c.ReturnPlan, context: Context) -> Events:
    """Back to the client with a resubmission date; over the round limit the committee is called."""
    returned = e.PlanReturned(
        version=case.plan.version,
        sections=body.sections,
        round=case.rounds + 1,
        deadlines=_resubmission(case, ("plan",), context.now),
    )
    return (returned, *_over_rounds(case))


def attach_evidence(case: Case, body: c.AttachEvidence, context: Context) -> Events:
    """One more piece."""
    return (e.EvidenceAttached(**body.model_dump()),)


def complete_action(case: Case, body: c.CompleteAction, context: Context) -> Events:
    """Carried out."""
    return (e.ActionCompleted(key=body.key, done_on=body.done_on),)


def confirm_effectiveness(case: Case, body: c.ConfirmEffectiveness, context: Context) -> Events:
    """The client's own check."""
    return (e.EffectivenessConfirmed(statement=body.statement, signature=signed(body, context)),)


def submit_evidence(case: Case, body: c.SubmitEvidence, context: Context) -> Events:
    """To the certification body; the evidence clock stands still meanwhile."""
    stopped = clocks.stop(
        case.deadlines, ("evidence",), context.now, "the certification body holds the evidence", case.zone
    )
    return (
        e.EvidenceSubmitted(
            version=case.evidence_version + 1,
            sha256=digest(evidence_content(case)),
            signature=signed(body, context),
            deadlines=stopped,
        ),
    )


def return_evidence(case: Case, body: c.ReturnEvidence, context: Context) -> Events:
    """Back to the evidence or to the plan, with a resubmission date."""
    kinds: tuple[c.DeadlineKind, ...] = ("evidence",) if body.to == "evidence" else ("plan", "evidence")
    returned = e.EvidenceReturned(
        to=body.to,
        sections=body.sections,
        round=case.rounds + 1,
        deadlines=_resubmission(case, kinds, context.now),
    )
    return (returned, *_over_rounds(case))


def verify(case: Case, body: c.Verify, context: Context) -> Events:
    """Effective; the evidence's date is decided."""
    return (_verified(case, body, context),)


def close(case: Case, body: c.Close, context: Context) -> Events:
    """Closed out; a minor with evidence under review is verified in the same act."""
    events: list[Event] = []
    deadlines = case.deadlines
    if case.status == "evidence_submitted":
        verification = _verified(case, body, context)
        events.append(verification)
        deadlines = verification.deadlines
    met = clocks.meet(deadlines, "closure", context.now, case.zone)
    ended = clocks.end_all(met, context.now, "the nonconformity is closed", case.zone)
    return (*events, e.Closed(statement=body.statement, signature=signed(body, context), deadlines=ended))


def reopen(case: Case, body: c.Reopen, context: Context) -> Events:
    """Open again: plan and evidence get a resubmission date, the close-out date is the one it had."""
    again = clocks.reopen(case.deadlines, context.now, _policy(case), case.zone)
    return (e.Reopened(reason=body.reason, deadlines=again),)


def request_extension(case: Case, body: c.RequestExtension, context: Context) -> Events:
    """For the reviewer; for the committee where the policy leaves reviewers no more."""
    requested = e.ExtensionRequested(**body.model_dump())
    deadline = case.deadline(body.deadline)
    granted = deadline.extensions if deadline else 0
    if granted < _policy(case).extensions.reviewer_grants or _is_under_review(case):
        return (requested,)
    why = f"another extension of the {body.deadline} deadline is requested: {body.reason}"
    return (requested, _escalated(case, "second_extension", why))


def grant_extension(case: Case, body: c.GrantExtension, context: Context) -> Events:
    """A later date."""
    kind = _required(case.extension, "a request").deadline
    dates = clocks.extend(case.deadlines, kind, body.until, context.now, body.reason, case.zone)
    return (e.ExtensionGranted(deadline=kind, until=body.until, reason=body.reason, deadlines=dates),)


def deny_extension(case: Case, body: c.DenyExtension, context: Context) -> Events:
    """The date stays."""
    return (e.ExtensionDenied(reason=body.reason),)


def excuse_lateness(case: Case, body: c.ExcuseLateness, context: Context) -> Events:
    """Not held against the client."""
    excused = clocks.excuse(case.deadlines, body.deadline, body.reason)
    return (e.LatenessExcused(deadline=body.deadline, reason=body.reason, deadlines=excused),)


def propose_withdrawal(case: Case, body: c.ProposeWithdrawal, context: Context) -> Events:
    """The first person's word."""
    return (e.WithdrawalProposed(reason=body.reason),)


def confirm_withdrawal(case: Case, body: c.ConfirmWithdrawal, context: Context) -> Events:
    """The second person's word."""
    return (e.Withdrawn(reason=body.reason),)


def escalate(case: Case, body: c.Escalate, context: Context) -> Events:
    """The committee is called by hand."""
    return (_escalated(case, "by_hand", body.reason),)


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
        return (decided, _regraded(case, grade, why, context.now, review=body.review))
    if body.choice == "dismiss":
        return (decided, e.Dismissed(reason=why, review=body.review))
    return (decided,)


def comment(case: Case, body: c.Comment, context: Context) -> Events:
    """A remark."""
    return (e.Commented(text=body.text, section=body.section),)


def assign(case: Case, body: c.Assign, context: Context) -> Events:
    """Who has it in hand."""
    return (e.Assigned(role=body.role, person=body.person),)


def on_wakeup(case: Case, now: datetime) -> Events:
    """Reminders and misses that are due; a breach that calls the committee escalates in the same breath."""
    if case.policy is None:
        return ()
    events: list[Event] = []
    called = _is_under_review(case)
    for item in clocks.passed(case.deadlines, case.policy, case.zone, now):
        match item:
            case clocks.Reminder():
                events.append(e.DeadlineReminded(deadline=item.kind, offset=item.offset, due_at=item.due_at))
            case clocks.Miss():
                events.append(e.DeadlineMissed(deadline=item.kind, due_at=item.due_at))
                if item.on_breach == "committee" and not called:
                    called = True
                    events.append(_escalated(case, "closure_missed", f"the {item.kind} deadline passed"))
    return events


def may_grade_at_once(body: c.Report, actor: Actor) -> bool:
    """Whether the finding is complete and states a grade that its reporter may state."""
    may = actor.may_state_grades if actor.kind == "key" else Role.AUDITOR in actor.roles
    return may and body.finding.grade is not None and not missing_for_issue(body.finding)


def grade_at_once(body: c.Report, context: Context) -> Grade | None:
    """The grade of a complete finding whose reporter may state it; None (also without a policy) sends it to triage."""
    if not may_grade_at_once(body, context.actor):
        return None
    try:
        policy_for(body.finding, body.finding.grade or "minor", context)
    except PolicyError:
        return None
    return body.finding.grade


def _verified(case: Case, body: c.Verify | c.Close, context: Context) -> e.Verified:
    met = clocks.meet(case.deadlines, "evidence", context.now, case.zone)
    return e.Verified(statement=body.statement, signature=signed(body, context), deadlines=met)


def _regraded(case: Case, grade: Grade, reason: str, now: datetime, review: str | None) -> e.Regraded:
    policy = _policy(case)
    anchors = clocks.anchors(_finding(case), policy, _issued(case), case.zone, receipt=case.acknowledged_at)
    dates = clocks.reanchor(case.deadlines, policy, grade, anchors, case.zone, now, f"regraded to {grade}")
    return e.Regraded(grade=grade, reason=reason, deadlines=dates, review=review)


def _resubmission(case: Case, kinds: Sequence[c.DeadlineKind], now: datetime) -> tuple[Deadline, ...]:
    again = clocks.resubmit(case.deadlines, kinds, now, _policy(case), case.zone)
    return clocks.resume(again, ("plan", "evidence"), now, case.zone)


def _voided(case: Case, what: str, why: str, context: Context) -> Events:
    if case.plan.state != "accepted":
        return ()
    dates = _resubmission(case, ("plan",), context.now)
    return (e.AcceptanceVoided(what=what, why=why, deadlines=dates),)


def _over_rounds(case: Case) -> Events:
    limit = _policy(case).round_limit
    if case.rounds + 1 <= limit or _is_under_review(case):
        return ()
    return (_escalated(case, "round_limit", f"returned {case.rounds + 1} times; the policy allows {limit}"),)


def _escalated(case: Case, cause: e.EscalationCause, reason: str) -> e.Escalated:
    return e.Escalated(cause=cause, review=_review_id(case), reason=reason)


def _review_id(case: Case) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{case.stream}/reviews/{len(case.reviews) + 1}"))


def _is_under_review(case: Case) -> bool:
    return case.escalation is not None and case.escalation.state == "under_review"


def _required(value: V | None, what: str) -> V:
    if value is None:
        raise ValueError(f"a guard lets this through without {what}")
    return value


def _finding(case: Case) -> Finding:
    return _required(case.finding, "a finding")


def _policy(case: Case) -> Policy:
    return _required(case.policy, "a policy")


def _grade(case: Case) -> Grade:
    return _required(case.grade, "a grade")


def _issued(case: Case) -> datetime:
    return _required(case.issued_at, "an issue")
