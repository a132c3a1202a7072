"""Bodies of commands about triage: report, issue, dismissal, grade, receipt."""

from datetime import datetime
from typing import ClassVar

from workflows.findings import Completion, Finding, Part
from workflows.findings.model import Label
from workflows.grades import Grade
from workflows.procedure import Body, Sha256, Text


class Report(Body):
    """A finding from another system or an auditor. `document` is the SHA-256 of the original bytes it came in.

    `escaped` points at texts that could not be held as they were (`workflows.canonical.escape`). `recurrence_of` is the
    stream of the closed case that its source reported under the same reference: nearer than what the finding states.
    `revision` is when the source last changed it, `part` what a case that is known already hears of it: all where None.
    """

    command: ClassVar[str] = "report"
    finding: Finding
    recurrence_of: str | None = None
    revision: datetime | None = None
    document: Sha256 | None = None
    escaped: tuple[str, ...] = ()
    part: Part | None = None


class Complete(Body, Completion):
    """What the finding lacks to be issued, or its source states unclearly; the source's own words stay beside it.

    A field that is left out stays as it is; an empty one is as the source states it. A requirement may be one line,
    such as `ISO/IEC 27001:2022 A.5.18`. Where what the source states is worded otherwise, `reason` says why.
    """

    command: ClassVar[str] = "complete"
    reason: Text | None = None


class Issue(Body):
    """The finding is a nonconformity of this grade; `label` is the scheme's own word for it."""

    command: ClassVar[str] = "issue"
    grade: Grade
    label: Label | None = None
    reason: Text | None = None


class Dismiss(Body):
    """The finding is none."""

    command: ClassVar[str] = "dismiss"
    reason: Text


class Regrade(Body):
    """The grade was wrong; `label` is the scheme's own word for the right one."""

    command: ClassVar[str] = "regrade"
    grade: Grade
    label: Label | None = None
    reason: Text


class Acknowledge(Body):
    """The client has received the nonconformity."""

    command: ClassVar[str] = "acknowledge"
