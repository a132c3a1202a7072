"""The conditions on the commands of a nonconformity, each named after its rule."""

from collections.abc import Iterable
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from workflows import policy
from workflows.decider import Context, Refusal
from workflows.findings import Finding, missing_for_issue
from workflows.nonconformity import commands as c
from workflows.nonconformity import refusals as r
from workflows.nonconformity.case import LIVE, Case
from workflows.people import CLIENT_SIDE, Role
from workflows.policy import Grade, Policy, PolicyError
from workflows.procedure import AnotherClient, guard

MOST_ACTIONS, MOST_EVIDENCE = 100, 500
"""How many a case holds."""


@guard(r.FindingIncomplete)
def complete_finding(case: Case, body: object, context: Context) -> None:
    """The finding states what a nonconformity must state."""
    missing = missing_for_issue(case.finding) if case.finding else []
    if missing:
        raise r.FindingIncomplete(missing[0][0], missing="; ".join(rule for _, rule in missing))


@guard(r.MayNotStateGrade)
def may_grade(case: Case, body: object, context: Context) -> None:
    """A key grades only where it may."""
    if context.actor.kind == "key" and not context.actor.may_state_grades:
        raise r.MayNotStateGrade


@guard(r.ClientUnknown)
def known_client(case: Case, body: object, context: Context) -> None:
    """The client is registered."""
    client = body.finding.client if isinstance(body, c.Report) else case.client
    if client is not None and context.facts.client is None:
        raise r.ClientUnknown("/client", client=client)


@guard(AnotherClient, needs_body=True)
def own_client(case: Case, body: c.Report, context: Context) -> None:
    """A key that is bound to a client reports on that client."""
    if context.actor.client not in (None, body.finding.client):
        raise AnotherClient("/client")


@guard(r.NoPolicy, needs_body=True)
def policy_in_force(case: Case, body: c.Issue, context: Context) -> None:
    """A policy applies to its standards, its audit stage and its grade today."""
    try:
        if case.finding is not None:
            policy_for(case.finding, body.grade, context)
    except PolicyError as error:
        raise r.NoPolicy(why=error) from error


@guard(r.NotIssued)
def shown(case: Case, body: object, context: Context) -> None:
    """A client's people see a case from its issue on."""
    if case.number is None and not context.actor.roles - CLIENT_SIDE:
        raise r.NotIssued


@guard(r.RegradeByIssuer)
def not_the_issuer(case: Case, body: object, context: Context) -> None:
    """Not the person who issued it."""
    if context.actor.id == case.issued_by:
        raise r.RegradeByIssuer


@guard(r.GradeUnchanged, r.RegradeToOfi, needs_body=True)
def another_grade(case: Case, body: c.Regrade, context: Context) -> None:
    """Another grade, and not OFI."""
    if body.grade == case.grade:
        raise r.GradeUnchanged("/grade", grade=case.grade)
    if body.grade == "ofi":
        raise r.RegradeToOfi("/grade")


@guard(r.AlreadyAcknowledged)
def not_acknowledged(case: Case, body: object, context: Context) -> None:
    """Receipt is still open."""
    if case.acknowledged_at is not None:
        raise r.AlreadyAcknowledged(at=case.acknowledged_at.date())


@guard(r.NoPlanDuty)
def plan_duty(case: Case, body: object, context: Context) -> None:
    """The grade asks for a plan."""
    if case.grade == "ofi":
        raise r.NoPlanDuty


@guard(r.PlanUnderReview)
def plan_at_hand(case: Case, body: object, context: Context) -> None:
    """The plan is with the client, as a draft or accepted."""
    if case.status == "plan_submitted" and case.plan.state == "submitted":
        raise r.PlanUnderReview


@guard(r.PlanNotUnderReview)
def plan_to_review(case: Case, body: object, context: Context) -> None:
    """A plan is under review."""
    if case.plan.state != "submitted":
        raise r.PlanNotUnderReview(state=case.plan.state)


@guard(r.PlanNotAccepted)
def plan_accepted(case: Case, body: object, context: Context) -> None:
    """The plan is accepted."""
    if case.plan.state != "accepted":
        raise r.PlanNotAccepted(state=case.plan.state)


@guard(r.CauseInUse, needs_body=True)
def causes_kept(case: Case, body: c.RecordCause, context: Context) -> None:
    """No action is left without its cause."""
    named = {cause.key for cause in body.causes}
    lost = sorted({key for action in case.actions for key in action.causes} - named)
    if lost:
        raise r.CauseInUse("/causes", causes=", ".join(lost))


@guard(r.CaseFull)
def room_for_actions(case: Case, body: object, context: Context) -> None:
    """Not too many actions yet."""
    if len(case.actions) >= MOST_ACTIONS:
        raise r.CaseFull(most=MOST_ACTIONS, what="actions")


@guard(r.CaseFull)
def room_for_evidence(case: Case, body: object, context: Context) -> None:
    """Not too many pieces of evidence yet."""
    if len(case.evidence) >= MOST_EVIDENCE:
        raise r.CaseFull(most=MOST_EVIDENCE, what="pieces of evidence")


@guard(r.DoneInFuture, needs_body=True)
def done_already(case: Case, body: c.RecordCorrection, context: Context) -> None:
    """A correction is not done on a day to come."""
    if body.done_on is not None and body.done_on > context.now.astimezone(ZoneInfo(case.zone)).date():
        raise r.DoneInFuture("/done_on", done_on=body.done_on)


@guard(r.ActionExists, needs_body=True)
def new_action(case: Case, body: c.PlanAction, context: Context) -> None:
    """The key is free."""
    if case.action(body.key) is not None:
        raise r.ActionExists("/key", key=body.key)


@guard(r.ActionUnknown, needs_body=True)
def known_action(case: Case, body: c.ReviseAction | c.DropAction | c.CompleteAction, context: Context) -> None:
    """The action is planned."""
    if case.action(body.key) is None:
        raise r.ActionUnknown("/key", key=body.key)


@guard(r.CauseUnknown, r.PredecessorUnknown, r.ActionCycle, needs_body=True)
def sound_links(case: Case, body: c.PlanAction | c.ReviseAction, context: Context) -> None:
    """The action removes known causes, waits for known actions, and closes no circle."""
    unknown = sorted(set(body.causes or ()) - {cause.key for cause in case.causes})
    if unknown:
        raise r.CauseUnknown("/causes", causes=", ".join(unknown))
    waits = {action.key: action.after for action in case.actions}
    if body.after is not None:
        waits[body.key] = body.after
    strangers = sorted(set(body.after or ()) - waits.keys())
    if strangers:
        raise r.PredecessorUnknown("/after", actions=", ".join(strangers))
    circle = _circle(waits, body.key)
    if circle:
        raise r.ActionCycle("/after", actions=" -> ".join(circle))


@guard(r.ActionAwaited, needs_body=True)
def not_awaited(case: Case, body: c.DropAction, context: Context) -> None:
    """No other action waits for it."""
    waiting = [action.key for action in case.actions if body.key in action.after]
    if waiting:
        raise r.ActionAwaited("/key", actions=", ".join(waiting))


@guard(r.AlreadyCompleted, r.ActionWaits, r.DoneInFuture, needs_body=True)
def completable(case: Case, body: c.CompleteAction, context: Context) -> None:
    """The action is open, what it waits for is complete, and the date is not to come."""
    action = case.action(body.key)
    if action is None:
        return
    if action.done_on is not None:
        raise r.AlreadyCompleted("/key", key=action.key, done_on=action.done_on)
    waits = [key for key in action.after if (before := case.action(key)) is not None and before.done_on is None]
    if waits:
        raise r.ActionWaits("/key", actions=", ".join(waits))
    if body.done_on > context.now.astimezone(ZoneInfo(case.zone)).date():
        raise r.DoneInFuture("/done_on", done_on=body.done_on)


@guard(r.CorrectionMissing, r.CauseMissing, r.CauseWithoutAction, r.ActionWithoutOwner, r.ActionWithoutDate)
def complete_plan(case: Case, body: object, context: Context) -> None:
    """Correction, a root cause, an action for each cause, an owner and a date for each action."""
    if case.correction is None:
        raise r.CorrectionMissing
    if not case.causes:
        raise r.CauseMissing
    removed = {key for action in case.actions for key in action.causes}
    _none_left([cause.key for cause in case.causes if cause.key not in removed], r.CauseWithoutAction, "causes")
    _none_left([action.key for action in case.actions if not action.owner], r.ActionWithoutOwner, "actions")
    _none_left([action.key for action in case.actions if action.due_on is None], r.ActionWithoutDate, "actions")


@guard(r.FourEyes)
def four_eyes(case: Case, body: object, context: Context) -> None:
    """Not one of the plan's authors, where the client wants four eyes."""
    wanted = context.facts.client.four_eyes if context.facts.client else True
    if wanted and context.actor.id in case.plan.authors:
        raise r.FourEyes


@guard(r.NotAReviewer, r.NotOnAuditTeam)
def reviews_here(case: Case, body: object, context: Context) -> None:
    """A role that the policy names; an auditor only of the own audit, where a team is stated."""
    rules = _policy(case)
    held = context.actor.roles & set(rules.reviewers)
    if not held:
        raise r.NotAReviewer(policy=rules.name, roles=", ".join(rules.reviewers))
    if held == {Role.AUDITOR} and not _on_team(case, context):
        raise r.NotOnAuditTeam


@guard(r.ShowsUnknown, needs_body=True)
def shows_something(case: Case, body: c.AttachEvidence, context: Context) -> None:
    """The evidence shows actions or causes of the case."""
    _known_keys(case, body.shows, "/shows")


@guard(r.ShowsUnknown, needs_body=True)
def returns_something(case: Case, body: c.ReturnEvidence, context: Context) -> None:
    """What goes back is about actions or causes of the case."""
    _known_keys(case, [section.shows for section in body.sections], "/sections")


@guard(r.NotIndependent)
def independent(case: Case, body: object, context: Context) -> None:
    """Owner of no action."""
    own = [action.key for action in case.actions if action.owner and context.actor.is_called(action.owner)]
    if own:
        raise r.NotIndependent(actions=", ".join(own))


@guard(r.CauseNotEvidenced)
def causes_evidenced(case: Case, body: object, context: Context) -> None:
    """Each cause, or an action that removes it, has evidence."""
    shown = {key for piece in case.evidence for key in piece.shows}
    removed = {key for action in case.actions if action.key in shown for key in action.causes}
    _none_left([cause.key for cause in case.causes if cause.key not in shown | removed], r.CauseNotEvidenced, "causes")


@guard(r.EffectivenessNotConfirmed)
def confirmed(case: Case, body: object, context: Context) -> None:
    """Confirmed by the client's internal auditor, where the client wants it."""
    if context.facts.client is not None and context.facts.client.internal_confirmation and case.confirmation is None:
        raise r.EffectivenessNotConfirmed


@guard(r.NotVerified)
def ready_to_close(case: Case, body: object, context: Context) -> None:
    """A major is verified, a minor at least evidenced; an OFI may be closed at any time."""
    ready = {"ofi": LIVE, "minor": {"evidence_submitted", "verified"}, "major": {"verified"}}
    if case.grade is None or case.status not in ready[case.grade]:
        raise r.NotVerified(grade=case.grade, status=case.status)


@guard(r.CloserIsVerifier)
def separate_closer(case: Case, body: object, context: Context) -> None:
    """A major's closer is not its verifier."""
    verifier = case.verification.by if case.verification else None
    if case.grade == "major" and _policy(case).separate_closer and context.actor.id == verifier:
        raise r.CloserIsVerifier


@guard(
    r.ExtensionPending,
    r.DeadlineNotRunning,
    r.DeadlinePassed,
    r.NotLater,
    r.BeyondLimit,
    r.ExtensionTooLong,
    needs_body=True,
)
def extendable(case: Case, body: c.RequestExtension, context: Context) -> None:
    """Asked before a running date, for a later one within the caps, one at a time."""
    if case.extension is not None:
        raise r.ExtensionPending(deadline=case.extension.deadline)
    deadline = case.deadline(body.deadline)
    if deadline is None or deadline.state != "running":
        raise r.DeadlineNotRunning("/deadline", deadline=body.deadline, state=deadline.state if deadline else "not set")
    if context.now > deadline.due_at:
        raise r.DeadlinePassed("/deadline", deadline=body.deadline, due_at=deadline.due_at)
    _within_caps(case, body.deadline, body.until, context.now)


@guard(r.NoExtensionRequested)
def extension_requested(case: Case, body: object, context: Context) -> None:
    """A request waits."""
    if case.extension is None:
        raise r.NoExtensionRequested


@guard(r.CommitteeGrants, r.UnderReview)
def reviewer_may_grant(case: Case, body: object, context: Context) -> None:
    """The policy leaves this extension to a reviewer, and no committee review is on."""
    if _is_for_committee(case):
        raise r.CommitteeGrants(most=_policy(case).extensions.reviewer_grants)
    if case.escalation is not None and case.escalation.state == "under_review":
        raise r.UnderReview


@guard(r.UnderReview)
def reviewer_may_deny(case: Case, body: object, context: Context) -> None:
    """The committee was not called to decide on this request."""
    called = case.escalation is not None and case.escalation.state == "under_review"
    if called and _is_for_committee(case):
        raise r.UnderReview


@guard(r.MoreThanAsked, r.NotLater, r.BeyondLimit, r.ExtensionTooLong, needs_body=True)
def grantable(case: Case, body: c.GrantExtension, context: Context) -> None:
    """The granted date is later than the present one, no later than what was asked for, and within the caps."""
    if case.extension is not None:
        _within_caps(case, case.extension.deadline, body.until, context.now)
        if body.until > case.extension.until:
            raise r.MoreThanAsked("/until", until=body.until, asked=case.extension.until)


@guard(r.NotLate, needs_body=True)
def was_late(case: Case, body: c.ExcuseLateness, context: Context) -> None:
    """The date was missed."""
    deadline = case.deadline(body.deadline)
    if deadline is None or deadline.standing(context.now) not in ("late", "overdue"):
        raise r.NotLate("/deadline", deadline=body.deadline)


@guard(r.WithdrawalPending)
def no_withdrawal_yet(case: Case, body: object, context: Context) -> None:
    """No withdrawal is proposed."""
    if case.withdrawal_proposed_by is not None:
        raise r.WithdrawalPending


@guard(r.NoWithdrawalProposed, r.SamePerson)
def second_person(case: Case, body: object, context: Context) -> None:
    """Somebody else proposed it."""
    if case.withdrawal_proposed_by is None:
        raise r.NoWithdrawalProposed
    if case.withdrawal_proposed_by == context.actor.id:
        raise r.SamePerson


@guard(r.UnderReview)
def not_under_review(case: Case, body: object, context: Context) -> None:
    """No committee review is on."""
    if case.escalation is not None and case.escalation.state == "under_review":
        raise r.UnderReview


@guard(r.StrangeReview, needs_body=True)
def own_review(case: Case, body: c.ApplyDecision, context: Context) -> None:
    """The decision is of the latest review of this case, and the first that it makes."""
    escalation = case.escalation
    if escalation is None or escalation.review != body.review or escalation.state == "decided":
        raise r.StrangeReview("/review", review=body.review)


def policy_for(finding: Finding, grade: Grade, context: Context) -> Policy:
    """The policy under which a finding is issued now, frozen; raises PolicyError where none is in force."""
    stage = finding.audit.stage if finding.audit else None
    chosen = context.facts.policies.choose(
        policy.Case(context.tenant, [item.standard for item in finding.requirements], stage, grade), context.now
    )
    client = context.facts.client
    return policy.snapshot(
        chosen, client.country if client else None, client.subdivision if client else None, context.now
    )


def within_tolerance(case: Case, body: c.ReviseAction) -> str | None:
    """Why a change to an action of an accepted plan goes beyond the policy's tolerance; None where it does not."""
    action = case.action(body.key)
    if action is None:
        return None
    for name in ("text", "causes", "owner", "after"):
        if getattr(body, name) not in (None, getattr(action, name)):
            return f"{name} of {action.key} changed"
    # Counted from the date in the plan as accepted: many small moves are one large move.
    agreed = action.agreed_due_on or action.due_on
    if body.due_on is not None and agreed is not None:
        tolerance = _policy(case).tolerance
        latest = tolerance.after(datetime.combine(agreed, time.min, UTC), ZoneInfo("UTC")).date()
        if body.due_on > latest:
            return f"{action.key} moved by more than {tolerance}"
    return None


def _is_for_committee(case: Case) -> bool:
    """Whether the request that waits is one more than the policy leaves to reviewers."""
    deadline = case.deadline(case.extension.deadline) if case.extension else None
    return deadline is not None and deadline.extensions >= _policy(case).extensions.reviewer_grants


def _within_caps(case: Case, kind: c.DeadlineKind, until: datetime, now: datetime) -> None:
    deadline = case.deadline(kind)
    if deadline is None:
        return
    if until <= max(deadline.due_at, now):
        raise r.NotLater("/until", until=until, due_at=max(deadline.due_at, now))
    if deadline.limit_at is not None and until > deadline.limit_at:
        raise r.BeyondLimit("/until", until=until, limit=deadline.limit_at)
    longest = _policy(case).extensions.longest
    latest = longest.after(deadline.first_due_at, ZoneInfo(case.zone))
    if until > latest:
        raise r.ExtensionTooLong("/until", longest=longest, until=latest)


def _none_left(keys: list[str], refusal: type[Refusal], name: str) -> None:
    if keys:
        raise refusal(None, **{name: ", ".join(keys)})


def _known_keys(case: Case, keys: Iterable[str], pointer: str) -> None:
    unknown = sorted(set(keys) - {cause.key for cause in case.causes} - {action.key for action in case.actions})
    if unknown:
        raise r.ShowsUnknown(pointer, keys=", ".join(unknown))


def _on_team(case: Case, context: Context) -> bool:
    team = case.finding.audit.team if case.finding and case.finding.audit else ()
    return not team or context.actor.id == case.issued_by or any(context.actor.is_called(member) for member in team)


def _policy(case: Case) -> Policy:
    if case.policy is None:
        raise ValueError("an issued case has a policy")
    return case.policy


def _circle(waits: dict[str, tuple[str, ...]], start: str) -> list[str]:
    """A path from `start` back to itself along what waits for what; empty where there is none."""
    paths = [[start]]
    seen: set[str] = set()
    while paths:
        path = paths.pop()
        for key in waits.get(path[-1], ()):
            if key == start:
                return [*path, start]
            if key not in seen:
                seen.add(key)
                paths.append([*path, key])
    return []
