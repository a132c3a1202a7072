"""The state of a nonconformity, and what is signed of it."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from workflows.canonical import instant
from workflows.findings import Finding
from workflows.nonconformity.commands import (
    Cause,
    Choice,
    ClientDate,
    DeadlineKind,
    EscalationCause,
    Extent,
    Method,
    Minor,
    UpgradeCause,
    Wanted,
)
from workflows.nonconformity.correspondence import Complaint, Question
from workflows.nonconformity.deadlines import Anchors, Deadline, Submission
from workflows.people import Frozen
from workflows.policy import Grade, Policy

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


class Correction(Frozen):
    """Containment: what fixes the thing."""

    text: str
    done_on: date | None = None
    not_possible_because: str | None = None


class Analysis(Frozen):
    """The root-cause analysis as it stands."""

    method: Method
    steps: tuple[str, ...]
    causes: tuple[Cause, ...]
    extent: Extent


class Action(Frozen):
    """A corrective action; `done_on` once carried out, `agreed_due_on` its date in the plan as accepted."""

    key: str
    text: str
    causes: tuple[str, ...]
    owner: str | None
    due_on: date | None
    after: tuple[str, ...]
    done_on: date | None = None
    agreed_due_on: date | None = None


class Plan(Frozen):
    """Where the plan is. `version` counts submissions, `authors` are those who prepared the present draft."""

    version: int = 0
    state: Literal["draft", "proposed", "submitted", "accepted", "returned"] = "draft"
    sha256: str | None = None
    authors: tuple[str, ...] = ()


class Evidence(Frozen):
    """One piece of evidence."""

    shows: tuple[str, ...]
    name: str
    sha256: str
    media_type: str
    produced_on: date | None
    size: int | None
    attached_by: str
    attached_at: datetime
    site: str | None = None


class Statement(Frozen):
    """A signed statement: verification, close-out, internal confirmation."""

    text: str
    by: str
    at: datetime


class ExtensionRequest(Frozen):
    """A request for more time that waits for an answer."""

    deadline: ClientDate
    until: datetime
    reason: str
    containment: str
    by: str


class FollowUp(Frozen):
    """A special audit that is to find the corrective actions effective; `result` once it was held.

    `review` is the committee review that decided on it, if one did.
    """

    on: date
    reason: str
    review: str | None = None
    result: Literal["effective", "not_effective"] | None = None
    statement: str | None = None


class Deferral(Frozen):
    """Verification at an audit to come: at `audit`, else at whichever comes next, never after `latest`.

    `called_up` once that audit is under way; the auditors of its `team` may then verify on evidence seen on site.
    """

    audit: str | None
    reason: str
    latest: datetime
    called_up: bool = False
    team: tuple[str, ...] = ()


class Escalation(Frozen):
    """The latest call of the committee, and what it decided; `left` where the case ended before.

    `deciders` are the ids of those who voted.
    """

    cause: str
    review: str
    reason: str
    at: datetime
    state: Literal["under_review", "decided", "left"] = "under_review"
    choice: Choice | None = None
    effect: str | None = None
    deciders: tuple[str, ...] = ()


class Decision(Frozen):
    """The committee's latest decision, which can be appealed against whatever was called since."""

    review: str
    choice: Choice
    effect: str
    deciders: tuple[str, ...]
    at: datetime


class Touch(Frozen):
    """A certificate on which a committee decision on the case took effect."""

    review: str
    certificate: str


class Held(Frozen):
    """A call of the committee that waits for the end of a dispute."""

    cause: EscalationCause
    reason: str


class HeldUpgrade(Frozen):
    """A minor that was left undone, and becomes a major unless a dispute ends otherwise."""

    cause: UpgradeCause
    reason: str


class Dispute(Frozen):
    """The latest dispute; `left` where the case ended before it was decided.

    `held` is the call of the committee that it holds up, the first of several; `upgrade` likewise.
    """

    wanted: Wanted
    reason: str
    by: str
    at: datetime
    state: Literal["open", "upheld", "rejected", "left"] = "open"
    held: Held | None = None
    upgrade: HeldUpgrade | None = None


class Appeal(Frozen):
    """The latest appeal: against which review, and who decided in that; `left` where the case ended before."""

    review: str
    reason: str
    by: str
    at: datetime
    deciders: tuple[str, ...]
    state: Literal["open", "upheld", "rejected", "left"] = "open"


class SiteExtent(Frozen):
    """Whether a site is affected too."""

    site: str
    affected: bool
    text: str


class Case(Frozen):
    """A nonconformity as its events leave it.

    `label` is the scheme's own word for its grade, `flags` what stood against a grade that it came with, `team` the
    members of the audit in which it was found as registered, `touched` the certificates on which a committee decision
    on it took effect that was not set aside. `questions` and `complaints` are the open ones, `answered` and `settled`
    the latest that were answered; `asked` and `complained` count all. `aggregates` are the minors of a systemic major,
    `superseded_by` is the id of the systemic major that a minor is part of, `aggregating` that of the one which is
    being raised from this minor.
    """

    status: Status = ""
    stream: str = ""
    finding: Finding | None = None
    proposed_grade: Grade | None = None
    flags: tuple[str, ...] = ()
    recurrence_of: str | None = None
    document: str | None = None
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

    @property
    def owes(self) -> tuple[Submission, ...]:
        """What the client has still to submit, in order; nothing for an opportunity for improvement."""
        if self.grade == "ofi" or self.status not in ("open", "plan_submitted"):
            return ()
        return ("evidence",) if self.plan.state in ("submitted", "accepted") else ("plan", "evidence")

    def action(self, key: str) -> Action | None:
        """The action under a key."""
        return next((action for action in self.actions if action.key == key), None)

    def deadline(self, kind: DeadlineKind) -> Deadline | None:
        """The deadline of a kind."""
        return next((deadline for deadline in self.deadlines if deadline.kind == kind), None)


def plan_content(case: Case) -> dict[str, Any]:
    """What a signature on the plan covers: the version under review, or the one that a submission would make."""
    submitted = case.plan.state in ("submitted", "accepted")
    return {
        "nonconformity": case.number,
        "plan": case.plan.version if submitted else case.plan.version + 1,
        "correction": _json(case.correction),
        "analysis": _json(case.analysis),
        "actions": [action.model_dump(mode="json", exclude={"done_on", "agreed_due_on"}) for action in case.actions],
    }


def evidence_content(case: Case) -> dict[str, Any]:
    """What a signature on the evidence covers: correction, each piece by its digest, which actions were done when."""
    return {
        "nonconformity": case.number,
        "plan_sha256": case.plan.sha256,
        "correction": _json(case.correction),
        "evidence": [piece.model_dump(mode="json") for piece in case.evidence],
        "extent": [site.model_dump(mode="json") for site in case.extents],
        "completed": {action.key: action.done_on.isoformat() for action in case.actions if action.done_on},
    }


def dispute_content(case: Case) -> dict[str, Any]:
    """What a signature on the decision of a dispute covers: the finding, its grade, and what the client holds."""
    return {**_issued_content(case), "dispute": _json(case.dispute)}


def appeal_content(case: Case) -> dict[str, Any]:
    """What a signature on the decision of an appeal covers: the committee's decision, and what the client holds."""
    return {**_issued_content(case), "decision": _json(case.decision), "appeal": _json(case.appeal)}


def policy_content(case: Case) -> dict[str, Any]:
    """What a signature on another policy covers: the policy that is left, and the dates that it had given."""
    left = case.policy
    return {
        "nonconformity": case.number,
        "grade": case.label or case.grade,
        "policy": {"name": left.name, "version": left.version} if left else None,
        "deadlines": {deadline.kind: instant(deadline.due_at) for deadline in case.deadlines},
    }


def closing_content(case: Case) -> dict[str, Any]:
    """What a signature on the close-out covers: the finding, its evidence, and the verification where there is one."""
    return {
        "finding": {"title": case.finding.title, "statement": case.finding.statement} if case.finding else None,
        "grade": case.grade,
        "verification": _json(case.verification),
        **evidence_content(case),
    }


def _issued_content(case: Case) -> dict[str, Any]:
    return {
        "nonconformity": case.number,
        "finding": {"title": case.finding.title, "statement": case.finding.statement} if case.finding else None,
        "grade": case.grade,
    }


def _json(value: Frozen | None) -> Any:
    return None if value is None else value.model_dump(mode="json")
