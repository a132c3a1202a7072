"""Bodies of commands about what its source says of a case after the report."""

from datetime import datetime
from typing import ClassVar, Literal

from workflows.findings import Finding, Part
from workflows.procedure import Body, Sha256

Passed = Literal["passed", "resolved", "suppressed", "archived"]


class ReviseFinding(Body):
    """Its source says otherwise what it found; `revision` is when it did so, `document` and `escaped` as of a report.

    In triage the finding is replaced, because nobody decided on it yet. Once it is issued it stays as it was issued and
    signed: what the source says now stands beside it, and the auditor may act.

    `part` is what the source states of it this time, where it leaves the rest as it said that last.
    """

    command: ClassVar[str] = "revise_finding"
    finding: Finding
    revision: datetime | None = None
    document: Sha256 | None = None
    escaped: tuple[str, ...] = ()
    part: Part | None = None


class NotePass(Body):
    """Its source finds it no more, and why: a note for who verifies, never a close-out.

    `revision` is when the source says so, `client` the one whose finding it is said to be, if any.
    """

    command: ClassVar[str] = "note_pass"
    reason: Passed
    revision: datetime | None = None
    document: Sha256 | None = None
    client: str | None = None
