"""Events about triage: report, issue, dismissal, grade, receipt."""

from datetime import datetime
from typing import ClassVar, Literal

from workflows.decider import Event
from workflows.findings import Completable, Completion, Finding
from workflows.findings.model import Audit
from workflows.grades import Grade
from workflows.nonconformity.commands import UpgradeCause
from workflows.nonconformity.deadlines import Anchors, Deadline
from workflows.policy import Policy

RegradeCause = UpgradeCause | Literal["by_hand", "committee"]


class Reported(Event):
    """A finding came in. `proposed_grade` is a proposal: severity never sets a grade.

    `flags` say what stands against the scheme's own word for a grade with which it came, `warnings` what it says of its
    audit that is registered otherwise. `revision` is when the source last changed it.
    """

    type: ClassVar[str] = "nonconformity.reported"
    finding: Finding
    proposed_grade: Grade | None = None
    recurrence_of: str | None = None
    revision: datetime | None = None
    document: str | None = None
    escaped: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class FindingCompleted(Completion, Event):
    """What was stated of the finding in triage, beside its source; None is as it was.

    `given_back` are the fields that are as the source states them again. `flags` and `warnings` are those of a report,
    with the words that suggest a cause or a solution.
    """

    type: ClassVar[str] = "nonconformity.finding_completed"
    given_back: tuple[Completable, ...] = ()
    reason: str | None = None
    flags: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Issued(Event):
    """The finding is a nonconformity: its number, its grade, its policy whole, and its dates in the client's zone.

    `anchors` are the instants from which dates count, as known at issue, `label` is the scheme's own word for the
    grade, `team` the members of the audit as registered. `audit` is the audit with the stage and the last day that
    count: as registered; None for one that is not registered, of which the finding's own word counts.
    """

    type: ClassVar[str] = "nonconformity.issued"
    number: str
    grade: Grade
    policy: Policy
    zone: str
    anchors: Anchors
    deadlines: tuple[Deadline, ...]
    label: str | None = None
    team: tuple[str, ...] = ()
    audit: Audit | None = None
    reason: str | None = None
    warnings: tuple[str, ...] = ()


class Dismissed(Event):
    """The finding is no nonconformity: said in triage, or decided by the committee (`review`)."""

    type: ClassVar[str] = "nonconformity.dismissed"
    reason: str
    review: str | None = None


class Regraded(Event):
    """Another grade, by a person, the committee (`review`) or the policy, and the dates that follow from it.

    `policy` where the one before does not cover the new grade, or None where it stays.
    """

    type: ClassVar[str] = "nonconformity.regraded"
    grade: Grade
    reason: str
    deadlines: tuple[Deadline, ...]
    review: str | None = None
    label: str | None = None
    policy: Policy | None = None
    cause: RegradeCause = "by_hand"


class Acknowledged(Event):
    """The client has it; where the policy counts from receipt, the dates are counted from now."""

    type: ClassVar[str] = "nonconformity.acknowledged"
    deadlines: tuple[Deadline, ...]
