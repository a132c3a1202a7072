"""Events about what its source says of a case after the report."""

from datetime import datetime
from typing import ClassVar

from workflows.decider import Event
from workflows.findings import Finding
from workflows.grades import Grade
from workflows.nonconformity.commands import Passed


class FindingRevised(Event):
    """Its source says otherwise what it found; `changed` are the fields that differ from what it said last.

    None differ where it finds again, as it was, what had passed meanwhile. `revision` is when the source changed it.
    `proposed_grade`, `flags` and `warnings` are those of a report, and count while the case is in triage.
    """

    type: ClassVar[str] = "nonconformity.finding_revised"
    finding: Finding
    changed: tuple[str, ...]
    revision: datetime | None = None
    document: str | None = None
    escaped: tuple[str, ...] = ()
    proposed_grade: Grade | None = None
    flags: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class FindingPassed(Event):
    """Its source finds it no more, and why; what somebody has to verify all the same."""

    type: ClassVar[str] = "nonconformity.finding_passed"
    reason: Passed
    revision: datetime | None = None
    document: str | None = None
