"""Conditions on commands about dates: extensions, excuses."""

from datetime import datetime
from zoneinfo import ZoneInfo

from workflows.decider import Context
from workflows.nonconformity import commands as c
from workflows.nonconformity import refusals as r
from workflows.nonconformity.case import Case
from workflows.nonconformity.deadlines.telling import day_or_time
from workflows.nonconformity.given import finding_of, grade_of, policy_of
from workflows.nonconformity.policies import in_question, policy_named
from workflows.policy import Extensions
from workflows.policy_book import PolicyError
from workflows.procedure import guard
from workflows.sentences import Sentence


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
        raise r.DeadlineNotRunning(
            "/deadline", deadline=body.deadline, state=deadline.state if deadline else Sentence("not set")
        )
    if context.now > deadline.due_at:
        due_at = day_or_time(deadline.due_at, ZoneInfo(case.zone))
        raise r.DeadlinePassed("/deadline", deadline=body.deadline, due_at=due_at)
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
        raise r.CommitteeGrants(most=_caps(case).reviewer_grants)
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
            area = ZoneInfo(case.zone)
            asked = day_or_time(case.extension.until, area)
            raise r.MoreThanAsked("/until", until=day_or_time(body.until, area), asked=asked)


@guard(r.NotLate, r.AlreadyExcused, needs_body=True)
def was_late(case: Case, body: c.ExcuseLateness, context: Context) -> None:
    """The date was missed, and that was not excused yet."""
    deadline = case.deadline(body.deadline)
    if deadline is None or deadline.standing(context.now) not in ("late", "overdue"):
        raise r.NotLate("/deadline", deadline=body.deadline)
    if deadline.excused is not None:
        raise r.AlreadyExcused("/deadline", deadline=body.deadline, reason=deadline.excused)


def _is_for_committee(case: Case) -> bool:
    """Whether the request that waits is one more than the policy leaves to reviewers."""
    deadline = case.deadline(case.extension.deadline) if case.extension else None
    return deadline is not None and deadline.extensions >= _caps(case).reviewer_grants


def _caps(case: Case) -> Extensions:
    return policy_of(case).caps(grade_of(case), case.label)


def _within_caps(case: Case, kind: c.DeadlineKind, until: datetime, now: datetime) -> None:
    deadline = case.deadline(kind)
    if deadline is None:
        return
    area = ZoneInfo(case.zone)
    asked = day_or_time(until, area)
    if until <= max(deadline.due_at, now):
        raise r.NotLater("/until", until=asked, due_at=day_or_time(max(deadline.due_at, now), area))
    if deadline.limit_at is not None and until > deadline.limit_at:
        limit = day_or_time(deadline.limit_at, area)
        raise r.BeyondLimit("/until", until=asked, words=deadline.limit, limit=limit)
    longest = _caps(case).longest
    latest = longest.after(deadline.first_due_at, area)
    if until > latest:
        raise r.ExtensionTooLong("/until", longest=longest, until=day_or_time(latest, area))


@guard(r.PolicyUnknown, r.PolicyUnchanged, r.PolicyDoesNotCover, needs_body=True)
def policy_to_apply(case: Case, body: c.ApplyPolicy, context: Context) -> None:
    """Another version or policy that is in force, that is for this case and its grade, and knows its label."""
    try:
        found = policy_named(body.policy, context)
    except PolicyError as error:
        raise r.PolicyUnknown("/policy", policy=body.policy, why=Sentence(": {error}", error=error)) from error
    if found is None:
        raise r.PolicyUnknown("/policy", policy=body.policy, why="")
    before = policy_of(case)
    if (found.name, found.version) == (before.name, before.version):
        raise r.PolicyUnchanged("/policy", policy=found.name, version=found.version)
    label = found.labels.get(case.label) if case.label is not None else None
    asked = in_question(finding_of(case), grade_of(case), context)
    strange = case.label is not None and (label is None or label.grade != case.grade)
    if strange or not found.covers(asked):
        what = case.label if strange else asked.words()
        raise r.PolicyDoesNotCover("/policy", policy=found.name, version=found.version, what=what)
