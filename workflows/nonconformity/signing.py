"""What is signed of a nonconformity: the content of which a signature carries the digest."""

from typing import Any

from workflows.canonical import instant
from workflows.nonconformity.case import Case
from workflows.people import Frozen


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
    """What a signature on the evidence covers: correction, each piece by its digest, what was done when, and not."""
    return {
        "nonconformity": case.number,
        "plan_sha256": case.plan.sha256,
        "correction": _json(case.correction),
        "evidence": [piece.model_dump(mode="json") for piece in case.evidence],
        "extent": [site.model_dump(mode="json") for site in case.extents],
        "completed": {action.key: action.done_on.isoformat() for action in case.actions if action.done_on},
        "not_completed": list(case.left_undone),
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
