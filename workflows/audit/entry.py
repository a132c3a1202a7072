"""An audit as others see it: in short for deciders, and as a row of a list."""

from typing import Any

from workflows.audit.audit import Audit
from workflows.audit.commands import names
from workflows.canonical import instant
from workflows.entries import AuditEntry


def audit_entry(key: str, state: Audit) -> AuditEntry | None:
    """The entry of an audit, for facts; None where the event that planned it was erased, or before it."""
    outline = state.outline
    if outline is None or state.status == "":
        return None
    return AuditEntry(
        key=key,
        client=outline.client,
        stage=outline.stage,
        status=state.status,
        standards=names(outline.standards),
        starts_on=outline.starts_on,
        ends_on=state.ended_on or outline.ends_on,
        team=tuple(member.person for member in outline.team),
        left_team=state.left,
        recommendation=state.conclusion.recommendation if state.conclusion else None,
        concerns_left=tuple(concern.key for concern in state.concerns if concern.state != "cleared"),
        stage1_waived=outline.stage1_waived is not None,
    )


def audit_view(key: str, state: Audit) -> dict[str, Any]:
    """The row of a list, as JSON values: all of the entry, and what a list shows besides."""
    entry = audit_entry(key, state)
    outline = state.outline
    if entry is None or outline is None:
        return {"key": key, "status": state.status}
    return {
        **entry.model_dump(mode="json"),
        "sites": list(outline.sites),
        "scope": outline.scope,
        "certificates": list(outline.certificates),
        "concerns": sum(concern.state != "cleared" for concern in state.concerns),
        "due_at": instant(state.due_at) if state.due_at else None,
    }
