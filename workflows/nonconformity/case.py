"""The state of a nonconformity."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from workflows.findings import Finding
from workflows.grades import Grade
from workflows.nonconformity.commands import Cause, DeadlineKind, Minor, Side
from workflows.nonconformity.correspondence import Complaint, Question
from workflows.nonconformity.deadlines import Anchors, Deadline, Submission
from workflows.nonconformity.parts import (
    Action,
    Analysis,
    Appeal,
    Completed,
    Correction,
    Decision,
    Deferral,
    Dispute,
    Escalation,
    Evidence,
    ExtensionRequest,
    FollowUp,
    Plan,
    SiteExtent,
    SourceWord,
    Statement,
    Touch,
)
from workflows.people import Frozen
from workflows.policy import Policy

Reached = Literal[
    "reported",
    "open",
    "plan_submitted",
    "evidence_submitted",
    "verified",
    "closed",
    "dismissed",
    "withdrawn",
    "superseded",
]
Status = Literal["", Reached]
"""The status a case has reached; none before its report."""

LIVE: frozenset[str] = frozenset({"open", "plan_submitted", "evidence_submitted", "verified"})
"""The states in which clocks can run and a workflow lives."""


class Case(Frozen):
    """A nonconformity as its events leave it.

    `label` is the scheme's own word for its grade, `flags` what stood against a grade that it came with, `team` the
    members of the audit in which it was found as registered. `completed` are the fields of the finding that were stated
    in triage, `source_finding` what its source says now where that is not the finding as it was completed or issued,
    `source_revisions` the latest of what it said since the report. `touched` are the
    certificates on which a committee decision on it took effect that was not set aside. `returned` is what was said of
    the plan's sections, or of what evidence shows, when either came back last, until it is accepted or verified;
    `returned_with` is how many pieces of evidence there were then. `questions` and `complaints`
    are the open ones, `answered` and `settled` the latest that were answered; `asked` and `complained` count all.
    `aggregates` are the minors of a systemic major, `superseded_by` is the id of the systemic major that a minor is
    part of, `aggregating` that of the one which is being raised from this minor.
    """

    status: Status = ""
    stream: str = ""
    finding: Finding | None = None
    proposed_grade: Grade | None = None
    flags: tuple[str, ...] = ()
    recurrence_of: str | None = None
    document: str | None = None
    completed: tuple[Completed, ...] = ()
    source_finding: Finding | None = None
    source_revisions: tuple[SourceWord, ...] = ()
    reported_by: str = ""
    reported_at: datetime | None = None
    number: str | None = None
    grade: Grade | None = None
    label: str | None = None
    policy: Policy | None = None
    anchors: Anchors | None = None
    team: tuple[str, ...] = ()
    zone: str = "UTC"
    issued_by: str = ""
    issued_at: datetime | None = None
    warnings: tuple[str, ...] = ()
    acknowledged_at: datetime | None = None
    deadlines: tuple[Deadline, ...] = ()
    correction: Correction | None = None
    analysis: Analysis | None = None
    actions: tuple[Action, ...] = ()
    plan: Plan = Plan()
    evidence: tuple[Evidence, ...] = ()
    evidence_version: int = 0
    rounds: int = 0
    returned: tuple[dict[str, str], ...] = ()
    returned_with: int = 0
    confirmation: Statement | None = None
    follow_up: FollowUp | None = None
    deferral: Deferral | None = None
    verification: Statement | None = None
    closure: Statement | None = None
    ended_at: datetime | None = None
    ended_because: str | None = None
    extension: ExtensionRequest | None = None
    withdrawal_proposed_by: str | None = None
    escalation: Escalation | None = None
    reviews: tuple[str, ...] = ()
    touched: tuple[Touch, ...] = ()
    dispute: Dispute | None = None
    decision: Decision | None = None
    appeal: Appeal | None = None
    extents: tuple[SiteExtent, ...] = ()
    questions: tuple[Question, ...] = ()
    answered: tuple[Question, ...] = ()
    asked: int = 0
    complaints: tuple[Complaint, ...] = ()
    settled: tuple[Complaint, ...] = ()
    complained: int = 0
    aggregates: tuple[Minor, ...] = ()
    superseded_by: str | None = None
    aggregating: str | None = None
    assigned: dict[str, str] = Field(default_factory=dict)
    took_part: tuple[str, ...] = ()

    @property
    def client(self) -> str | None:
        """The key of the client whose management system it concerns."""
        return self.finding.client if self.finding else None

    @property
    def as_stated(self) -> Finding | None:
        """The finding as its source states it."""
        return self.source_finding or self.finding

    @property
    def audit_team(self) -> tuple[str, ...]:
        """Who was on the audit in which it was found, as the finding states it and as the audit is registered."""
        stated = self.finding.audit.team if self.finding and self.finding.audit else ()
        return (*stated, *(member for member in self.team if member not in stated))

    @property
    def certificates(self) -> tuple[str, ...]:
        """The keys of the certificates that committee decisions on it touched."""
        return tuple(dict.fromkeys(touch.certificate for touch in self.touched))

    @property
    def causes(self) -> tuple[Cause, ...]:
        """The causes found."""
        return self.analysis.causes if self.analysis else ()

    @property
    def waiting_on(self) -> Literal["client", "certification_body", "committee"] | None:
        """Whose turn it is."""
        if self.status not in LIVE and self.status != "reported":
            return None
        if self.escalation is not None and self.escalation.state == "under_review":
            return "committee"
        if self.status in ("reported", "evidence_submitted", "verified") or self.plan.state == "submitted":
            return "certification_body"
        return "client"

    def asks(self, side: Side) -> bool:
        """Whether a side has something to do or to answer, whosever turn it is."""
        if self.waiting_on == side or any(question.of == side for question in self.questions):
            return True
        pending = self.extension, self.withdrawal_proposed_by, *self.complaints
        disputed = any(one is not None and one.state == "open" for one in (self.dispute, self.appeal))
        return side == "certification_body" and (disputed or any(pending))

    @property
    def owes(self) -> tuple[Submission, ...]:
        """What the client has still to submit, in order; nothing for an opportunity for improvement."""
        if self.grade == "ofi" or self.status not in ("open", "plan_submitted"):
            return ()
        return ("evidence",) if self.plan.state in ("submitted", "accepted") else ("plan", "evidence")

    @property
    def unrevised(self) -> tuple[str, ...]:
        """The keys of the actions and causes whose evidence came back, and that nothing attached since then shows."""
        if self.status != "plan_submitted":
            return ()
        shown = {key for piece in self.evidence[self.returned_with :] for key in piece.shows}
        planned = {action.key for action in self.actions} | {cause.key for cause in self.causes}
        back = [one["shows"] for one in self.returned if "shows" in one]
        return tuple(key for key in dict.fromkeys(back) if key in planned - shown)

    @property
    def left_undone(self) -> tuple[str, ...]:
        """The keys of the planned actions that are not completed."""
        return tuple(action.key for action in self.actions if action.done_on is None)

    def action(self, key: str) -> Action | None:
        """The action under a key."""
        return next((action for action in self.actions if action.key == key), None)

    def deadline(self, kind: DeadlineKind) -> Deadline | None:
        """The deadline of a kind."""
        return next((deadline for deadline in self.deadlines if deadline.kind == kind), None)
