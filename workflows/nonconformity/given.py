"""What a guard has made sure of: a missing one is a fault of the table, not of a caller."""

from datetime import UTC, date
from typing import TypeVar
from zoneinfo import ZoneInfo

from workflows.findings import Finding, joined
from workflows.grades import Grade
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity.case import Case
from workflows.nonconformity.commands import ReviseFinding
from workflows.nonconformity.deadlines import Anchors
from workflows.policy import Policy

V = TypeVar("V")


def required(value: V | None, what: str) -> V:
    """The value; ValueError where a guard let a command through without it."""
    if value is None:
        raise ValueError(f"a guard lets this through without {what}")
    return value


def finding_of(case: Case) -> Finding:
    """The finding of a reported case."""
    return required(case.finding, "a finding")


def told(case: Case, body: ReviseFinding) -> Finding:
    """The finding as its source has it now: as it says, or as it said last with the part that it states anew."""
    if body.part is None:
        return body.finding
    return joined(stated_of(case), body.finding, body.part)


def stated_of(case: Case) -> Finding:
    """The finding of a reported case as its source states it."""
    return required(case.as_stated, "a finding")


def with_completions(case: Case, stated: Finding) -> Finding:
    """What the source states with what was completed in triage, which stands until it is completed otherwise."""
    return stated.model_copy(update={one.field: getattr(case.finding, one.field) for one in case.completed})


def policy_of(case: Case) -> Policy:
    """The policy of an issued case."""
    return required(case.policy, "a policy")


def grade_of(case: Case) -> Grade:
    """The grade of an issued case."""
    return required(case.grade, "a grade")


def anchors_of(case: Case) -> Anchors:
    """The instants from which an issued case counts, with its true receipt once that is acknowledged."""
    known = required(case.anchors, "anchors")
    return known if case.acknowledged_at is None else clocks.acknowledged(known, case.acknowledged_at)


def detected_on(case: Case) -> date | None:
    """The day on which the finding was detected, as far as it says so and not later than its issue.

    A day without a time came as midnight UTC, which is the day before in the west: the earlier one counts.
    """
    stated = case.finding.detected_at if case.finding else None
    if stated is None:
        return None
    area = ZoneInfo(case.zone)
    stated = min(stated, case.issued_at) if case.issued_at else stated
    return min(stated.astimezone(area).date(), stated.astimezone(UTC).date())


def follows(case: Case, review: str) -> bool:
    """Whether a follow-up is still to be held because a committee review decided so."""
    return case.follow_up is not None and case.follow_up.result is None and case.follow_up.review == review
