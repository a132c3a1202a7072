"""The state of a nonconformity, what is signed of it, and how each event changes it."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Literal, TypeVar

from pydantic import Field

from workflows.decider import Event, Happened
from workflows.findings import Finding
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity import events as e
from workflows.nonconformity.commands import Cause, Choice, DeadlineKind, Extent, Method
from workflows.nonconformity.deadlines import Deadline
from workflows.people import Frozen
from workflows.policy import Grade, Policy

Status = Literal[
    "",
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


class Statement(Frozen):
    """A signed statement: verification, close-out, internal confirmation."""

    text: str
    by: str
    at: datetime


class ExtensionRequest(Frozen):
    """A request for more time that waits for an answer."""

    deadline: DeadlineKind
    until: datetime
    reason: str
    containment: str
    by: str


class Escalation(Frozen):
    """The latest call of the committee, and what it decided."""

    cause: str
    review: str
    reason: str
    at: datetime
    state: Literal["under_review", "decided"] = "under_review"
    choice: Choice | None = None
    effect: str | None = None


class Comment(Frozen):
    """A remark."""

    by: str
    at: datetime
    text: str
    section: str | None


class Case(Frozen):
    """A nonconformity as its events leave it."""

    status: Status = ""
    stream: str = ""
    finding: Finding | None = None
    proposed_grade: Grade | None = None
    recurrence_of: str | None = None
    document: str | None = None
    reported_by: str = ""
    reported_at: datetime | None = None
    number: str | None = None
    grade: Grade | None = None
    policy: Policy | None = None
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
    verification: Statement | None = None
    closure: Statement | None = None
    ended_because: str | None = None
    extension: ExtensionRequest | None = None
    withdrawal_proposed_by: str | None = None
    escalation: Escalation | None = None
    reviews: tuple[str, ...] = ()
    comments: tuple[Comment, ...] = ()
    assigned: dict[str, str] = Field(default_factory=dict)
    took_part: tuple[str, ...] = ()

    @property
    def client(self) -> str | None:
        """The key of the client whose management system it concerns."""
        return self.finding.client if self.finding else None

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
        "completed": {action.key: action.done_on.isoformat() for action in case.actions if action.done_on},
    }


def closing_content(case: Case) -> dict[str, Any]:
    """What a signature on the close-out covers: the finding, its evidence, and the verification where there is one."""
    return {
        "finding": {"title": case.finding.title, "statement": case.finding.statement} if case.finding else None,
        "grade": case.grade,
        "verification": _json(case.verification),
        **evidence_content(case),
    }


def _json(value: Frozen | None) -> Any:
    return None if value is None else value.model_dump(mode="json")


E = TypeVar("E", bound=Event)
_FOLDS: dict[type[Event], Callable[[Case, Any, Happened], dict[str, Any]]] = {}


def evolve(case: Case, happened: Happened) -> Case:
    """The case after one more event."""
    changes = _FOLDS[type(happened.event)](case, happened.event, happened)
    if not happened.actor.startswith(("clock", "reaction")) and happened.actor not in case.took_part:
        changes["took_part"] = (*case.took_part, happened.actor)
    return _without_moot_request(case.model_copy(update=changes))


def _folds(event: type[E]) -> Callable[[Callable[[Case, E, Happened], dict[str, Any]]], None]:
    def register(fold: Callable[[Case, E, Happened], dict[str, Any]]) -> None:
        _FOLDS[event] = fold

    return register


@_folds(e.Reported)
def _(case: Case, event: e.Reported, happened: Happened) -> dict[str, Any]:
    return {
        "status": "reported",
        "stream": happened.stream,
        "finding": event.finding,
        "proposed_grade": event.proposed_grade,
        "recurrence_of": event.recurrence_of,
        "document": event.document,
        "reported_by": happened.actor,
        "reported_at": happened.at,
    }


@_folds(e.Issued)
def _(case: Case, event: e.Issued, happened: Happened) -> dict[str, Any]:
    return {
        "status": "open",
        "number": event.number,
        "grade": event.grade,
        "policy": event.policy,
        "zone": event.zone,
        "deadlines": event.deadlines,
        "warnings": event.warnings,
        "issued_by": happened.actor,
        "issued_at": happened.at,
    }


@_folds(e.Dismissed)
def _(case: Case, event: e.Dismissed, happened: Happened) -> dict[str, Any]:
    return {"status": "dismissed", "ended_because": event.reason, **_still(case, happened)}


@_folds(e.Regraded)
def _(case: Case, event: e.Regraded, happened: Happened) -> dict[str, Any]:
    return {"grade": event.grade, "deadlines": event.deadlines}


@_folds(e.Acknowledged)
def _(case: Case, event: e.Acknowledged, happened: Happened) -> dict[str, Any]:
    return {"acknowledged_at": happened.at, "deadlines": event.deadlines}


@_folds(e.CorrectionRecorded)
def _(case: Case, event: e.CorrectionRecorded, happened: Happened) -> dict[str, Any]:
    return {"correction": Correction(**event.model_dump()), **_drafted(case, happened)}


@_folds(e.CauseRecorded)
def _(case: Case, event: e.CauseRecorded, happened: Happened) -> dict[str, Any]:
    return {"analysis": Analysis(**event.model_dump()), **_drafted(case, happened)}


@_folds(e.ActionPlanned)
def _(case: Case, event: e.ActionPlanned, happened: Happened) -> dict[str, Any]:
    return {"actions": (*case.actions, Action(**event.model_dump())), **_drafted(case, happened)}


@_folds(e.ActionRevised)
def _(case: Case, event: e.ActionRevised, happened: Happened) -> dict[str, Any]:
    revised = event.model_dump()
    actions = tuple(action.model_copy(update=revised) if action.key == event.key else action for action in case.actions)
    return {"actions": actions, **_drafted(case, happened)}


@_folds(e.ActionDropped)
def _(case: Case, event: e.ActionDropped, happened: Happened) -> dict[str, Any]:
    return {"actions": tuple(action for action in case.actions if action.key != event.key), **_drafted(case, happened)}


@_folds(e.PlanProposed)
def _(case: Case, event: e.PlanProposed, happened: Happened) -> dict[str, Any]:
    drafted = _drafted(case, happened)
    return {"plan": drafted["plan"].model_copy(update={"state": "proposed"})}


@_folds(e.PlanSubmitted)
def _(case: Case, event: e.PlanSubmitted, happened: Happened) -> dict[str, Any]:
    plan = case.plan.model_copy(update={"version": event.version, "state": "submitted", "sha256": event.sha256})
    return {"status": "plan_submitted", "plan": plan, "deadlines": event.deadlines}


@_folds(e.PlanAccepted)
def _(case: Case, event: e.PlanAccepted, happened: Happened) -> dict[str, Any]:
    return {
        "plan": case.plan.model_copy(update={"state": "accepted"}),
        "actions": tuple(action.model_copy(update={"agreed_due_on": action.due_on}) for action in case.actions),
        "deadlines": event.deadlines,
        "returned": (),
    }


@_folds(e.PlanReturned)
def _(case: Case, event: e.PlanReturned, happened: Happened) -> dict[str, Any]:
    return {
        "status": "open",
        "plan": case.plan.model_copy(update={"state": "returned"}),
        "rounds": event.round,
        "returned": tuple(section.model_dump(mode="json") for section in event.sections),
        "deadlines": event.deadlines,
    }


@_folds(e.AcceptanceVoided)
def _(case: Case, event: e.AcceptanceVoided, happened: Happened) -> dict[str, Any]:
    draft = case.plan.model_copy(update={"state": "draft"})
    return {"status": "open", "plan": draft, "confirmation": None, "deadlines": event.deadlines}


@_folds(e.EvidenceAttached)
def _(case: Case, event: e.EvidenceAttached, happened: Happened) -> dict[str, Any]:
    piece = Evidence(**event.model_dump(), attached_by=happened.actor, attached_at=happened.at)
    return {"evidence": (*case.evidence, piece)}


@_folds(e.ActionCompleted)
def _(case: Case, event: e.ActionCompleted, happened: Happened) -> dict[str, Any]:
    done = {"done_on": event.done_on}
    return {"actions": tuple(a.model_copy(update=done) if a.key == event.key else a for a in case.actions)}


@_folds(e.EffectivenessConfirmed)
def _(case: Case, event: e.EffectivenessConfirmed, happened: Happened) -> dict[str, Any]:
    return {"confirmation": Statement(text=event.statement, by=happened.actor, at=happened.at)}


@_folds(e.EvidenceSubmitted)
def _(case: Case, event: e.EvidenceSubmitted, happened: Happened) -> dict[str, Any]:
    return {"status": "evidence_submitted", "evidence_version": event.version, "deadlines": event.deadlines}


@_folds(e.EvidenceReturned)
def _(case: Case, event: e.EvidenceReturned, happened: Happened) -> dict[str, Any]:
    to_plan = event.to == "plan"
    return {
        "status": "open" if to_plan else "plan_submitted",
        "plan": case.plan.model_copy(update={"state": "returned"}) if to_plan else case.plan,
        "confirmation": None,
        "rounds": event.round,
        "returned": tuple(section.model_dump(mode="json") for section in event.sections),
        "deadlines": event.deadlines,
    }


@_folds(e.Verified)
def _(case: Case, event: e.Verified, happened: Happened) -> dict[str, Any]:
    verification = Statement(text=event.statement, by=happened.actor, at=happened.at)
    return {"status": "verified", "verification": verification, "deadlines": event.deadlines, "returned": ()}


@_folds(e.Closed)
def _(case: Case, event: e.Closed, happened: Happened) -> dict[str, Any]:
    closure = Statement(text=event.statement, by=happened.actor, at=happened.at)
    return {
        "status": "closed",
        "closure": closure,
        "deadlines": event.deadlines,
        "extension": None,
        "withdrawal_proposed_by": None,
    }


@_folds(e.Reopened)
def _(case: Case, event: e.Reopened, happened: Happened) -> dict[str, Any]:
    return {
        "status": "open",
        "plan": case.plan.model_copy(update={"state": "returned"}),
        "verification": None,
        "closure": None,
        "confirmation": None,
        "deadlines": event.deadlines,
    }


@_folds(e.ExtensionRequested)
def _(case: Case, event: e.ExtensionRequested, happened: Happened) -> dict[str, Any]:
    return {"extension": ExtensionRequest(**event.model_dump(), by=happened.actor)}


@_folds(e.ExtensionGranted)
def _(case: Case, event: e.ExtensionGranted, happened: Happened) -> dict[str, Any]:
    return {"extension": None, "deadlines": event.deadlines}


@_folds(e.ExtensionDenied)
def _(case: Case, event: e.ExtensionDenied, happened: Happened) -> dict[str, Any]:
    return {"extension": None}


@_folds(e.LatenessExcused)
def _(case: Case, event: e.LatenessExcused, happened: Happened) -> dict[str, Any]:
    return {"deadlines": event.deadlines}


@_folds(e.WithdrawalProposed)
def _(case: Case, event: e.WithdrawalProposed, happened: Happened) -> dict[str, Any]:
    return {"withdrawal_proposed_by": happened.actor}


@_folds(e.Withdrawn)
def _(case: Case, event: e.Withdrawn, happened: Happened) -> dict[str, Any]:
    return {"status": "withdrawn", "ended_because": event.reason, **_still(case, happened)}


@_folds(e.Escalated)
def _(case: Case, event: e.Escalated, happened: Happened) -> dict[str, Any]:
    escalation = Escalation(cause=event.cause, review=event.review, reason=event.reason, at=happened.at)
    return {"escalation": escalation, "reviews": (*case.reviews, event.review)}


@_folds(e.ReviewDecided)
def _(case: Case, event: e.ReviewDecided, happened: Happened) -> dict[str, Any]:
    changes: dict[str, Any] = {"deadlines": event.deadlines}
    if case.escalation is not None and case.escalation.review == event.review:
        decided = {"state": "decided", "choice": event.choice, "effect": event.effect}
        changes["escalation"] = case.escalation.model_copy(update=decided)
    if case.extension is not None and case.escalation is not None and case.escalation.cause == "second_extension":
        changes["extension"] = None
    return changes


@_folds(e.DeadlineReminded)
def _(case: Case, event: e.DeadlineReminded, happened: Happened) -> dict[str, Any]:
    return {"deadlines": clocks.reminded(case.deadlines, event.deadline)}


@_folds(e.DeadlineMissed)
def _(case: Case, event: e.DeadlineMissed, happened: Happened) -> dict[str, Any]:
    return {"deadlines": clocks.missed(case.deadlines, event.deadline, happened.at)}


@_folds(e.Commented)
def _(case: Case, event: e.Commented, happened: Happened) -> dict[str, Any]:
    return {"comments": (*case.comments, Comment(by=happened.actor, at=happened.at, **event.model_dump()))}


@_folds(e.Assigned)
def _(case: Case, event: e.Assigned, happened: Happened) -> dict[str, Any]:
    return {"assigned": {**case.assigned, event.role: event.person}}


def _drafted(case: Case, happened: Happened) -> dict[str, Any]:
    """The plan with one more author; an accepted plan stays accepted until an event says otherwise."""
    authors = case.plan.authors if happened.actor in case.plan.authors else (*case.plan.authors, happened.actor)
    return {"plan": case.plan.model_copy(update={"authors": authors})}


def _without_moot_request(case: Case) -> Case:
    """A request for more time falls with its deadline: none is waiting for a date that was met, or is gone."""
    if case.extension is None:
        return case
    deadline = case.deadline(case.extension.deadline)
    ended = deadline is None or deadline.state in ("met", "late")
    return case.model_copy(update={"extension": None}) if ended else case


def _still(case: Case, happened: Happened) -> dict[str, Any]:
    """An ended case has no running clock and no open request."""
    stopped = clocks.end_all(case.deadlines, happened.at, "the nonconformity ended", case.zone)
    return {"deadlines": stopped, "extension": None}
