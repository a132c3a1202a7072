"""What each command on a nonconformity records once nothing stands against it, by region."""

from workflows.nonconformity.records.committee import apply_decision, escalate
from workflows.nonconformity.records.dispute import confirm_withdrawal, propose_withdrawal
from workflows.nonconformity.records.evidence import (
    attach_evidence,
    close,
    complete_action,
    confirm_effectiveness,
    reopen,
    return_evidence,
    submit_evidence,
    verify,
)
from workflows.nonconformity.records.plan import (
    accept_plan,
    drop_action,
    plan_action,
    propose_plan,
    record_cause,
    record_correction,
    return_plan,
    revise_action,
    submit_plan,
)
from workflows.nonconformity.records.talk import assign, comment
from workflows.nonconformity.records.time import (
    deny_extension,
    excuse_lateness,
    grant_extension,
    on_wakeup,
    request_extension,
)
from workflows.nonconformity.records.triage import (
    acknowledge,
    dismiss,
    grade_at_once,
    issue,
    may_grade_at_once,
    regrade,
    report,
)
from workflows.nonconformity.records.verification import (
    audit_ended,
    call_up,
    defer_verification,
    record_follow_up,
    require_follow_up,
)

__all__ = [
    "accept_plan",
    "acknowledge",
    "apply_decision",
    "assign",
    "attach_evidence",
    "audit_ended",
    "call_up",
    "close",
    "comment",
    "complete_action",
    "confirm_effectiveness",
    "confirm_withdrawal",
    "defer_verification",
    "deny_extension",
    "dismiss",
    "drop_action",
    "escalate",
    "excuse_lateness",
    "grade_at_once",
    "grant_extension",
    "issue",
    "may_grade_at_once",
    "on_wakeup",
    "plan_action",
    "propose_plan",
    "propose_withdrawal",
    "record_cause",
    "record_correction",
    "record_follow_up",
    "regrade",
    "reopen",
    "report",
    "request_extension",
    "require_follow_up",
    "return_evidence",
    "return_plan",
    "revise_action",
    "submit_evidence",
    "submit_plan",
    "verify",
]
