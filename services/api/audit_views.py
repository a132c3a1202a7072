"""What a caller sees of an audit: a pure function of state, cases, caller and instant."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.api.views import Standing, dumped
from services.telling import when
from workflows.audit.audit import Audit
from workflows.audit.clocks import Clock
from workflows.audit.standing import left_open
from workflows.audit.standing import standing as stands
from workflows.canonical import instant
from workflows.entries import AuditEntry, CaseEntry


def audit_view(
    audit: Audit,
    cases: Sequence[CaseEntry],
    looked: Sequence[CaseEntry],
    beside: Sequence[AuditEntry],
    earlier: Sequence[CaseEntry] | None,
    standing: Standing,
) -> dict[str, Any]:
    """An audit in full.

    `cases` are those found in it, `looked` and `beside` the cases and the client's audits by which it stands, `earlier`
    the client's living cases, for an internal audit.
    """
    outline = audit.outline.model_dump(mode="json") if audit.outline else {"key": standing.id}
    return {
        **outline,
        "status": audit.status,
        "planned_by": audit.planned_by,
        "left_team": list(audit.left),
        "started_at": when(audit.started_at),
        "ended_on": audit.ended_on and audit.ended_on.isoformat(),
        "summary": audit.summary,
        "policy": audit.policy,
        "zone": audit.zone,
        "standing": stands(audit, looked, beside).model_dump(),
        "conclusion": dumped(audit.conclusion),
        "deadlines": [_clock_view(clock, standing.now) for clock in audit.clocks],
        "positive_findings": [dumped(positive) for positive in audit.positives],
        "concerns": [dumped(concern) for concern in audit.concerns],
        "called_up": list(audit.called),
        "cases": [dumped(case) for case in cases],
        "left_open": None if earlier is None else [dumped(case) for case in left_open(earlier)],
        "ended_because": audit.ended_because,
        **standing.view(),
    }


def _clock_view(clock: Clock, at: datetime) -> dict[str, Any]:
    return {
        "kind": clock.kind,
        "due_at": instant(clock.due_at),
        "state": "overdue" if clock.state == "running" and at > clock.due_at else clock.state,
        "stopped_at": when(clock.stopped_at),
        "ended_at": when(clock.ended_at),
        "explanation": list(clock.explanation),
    }
