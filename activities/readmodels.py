"""How nonconformities, committee reviews and clients appear in lists, and whose they are."""

from collections.abc import Mapping
from typing import Any

from activities.ledger.projections import Owner, Projection, Projections
from activities.ledger.protocol import Stream
from workflows.canonical import instant
from workflows.client.rules import ClientState
from workflows.committee.review import Review
from workflows.nonconformity.case import Case


def _case(stream: Stream) -> Case:
    if not isinstance(stream.state, Case):
        raise TypeError(f"{stream.name} is no nonconformity")
    return stream.state


def _case_owner(stream: Stream) -> Owner:
    """A finding in triage is not shown to the client (DESIGN section 3); nor is one that was dismissed there."""
    case = _case(stream)
    return Owner(org=case.client, shown=case.issued_at is not None)


def _case_row(stream: Stream) -> Mapping[str, Any]:
    case = _case(stream)
    finding = case.finding
    if finding is None:
        raise ValueError(f"{stream.name} holds no finding")
    running = sorted((d.due_at, d.kind) for d in case.deadlines if d.state == "running")
    due_at, due_kind = running[0] if running else (None, None)
    return {
        "number": case.number,
        "status": case.status,
        "grade": case.grade,
        "client": finding.client,
        "title": finding.title,
        "requirements": [f"{r.standard} {r.clause}" for r in finding.requirements],
        "source": finding.source.system,
        "external_id": finding.source.external_id,
        "audit_ref": finding.audit.ref if finding.audit else None,
        "stage": finding.audit.stage if finding.audit else None,
        "department": finding.department,
        "sites": list(finding.sites),
        "assignees": sorted(set(case.assigned.values())),
        "waiting_on": case.waiting_on,
        "due_at": instant(due_at) if due_at else None,
        "due_kind": due_kind,
        "escalated": case.escalation is not None and case.escalation.state == "under_review",
        "reported_at": instant(case.reported_at) if case.reported_at else None,
        "issued_at": instant(case.issued_at) if case.issued_at else None,
        "body": f"{finding.statement}\n{finding.objective_evidence}",
    }


def _review_row(stream: Stream) -> Mapping[str, Any]:
    review = stream.state
    if not isinstance(review, Review) or review.papers is None:
        raise TypeError(f"{stream.name} is no committee review")
    return {
        "case_id": review.papers.case.partition("/")[2],
        "cause": review.papers.cause,
        "status": review.status,
        "due_at": instant(review.due_at) if review.due_at else None,
        "members": list(review.members),
        "recused": [recusal.person for recusal in review.recused],
    }


def _client_owner(stream: Stream) -> Owner:
    return Owner(org=stream.name.partition("/")[2], shown=True)


def _client_row(stream: Stream) -> Mapping[str, Any]:
    client = stream.state
    if not isinstance(client, ClientState) or client.entry is None:
        raise TypeError(f"{stream.name} is no client")
    entry = client.entry
    return {
        "name": entry.name,
        "zone": entry.zone,
        "four_eyes": entry.settings.four_eyes,
        "internal_confirmation": entry.settings.internal_confirmation,
        "view": entry.model_dump(mode="json"),
        "aliases": list(entry.aliases),
    }


READ_MODELS: Projections = {
    "nonconformity": Projection(_case_owner, _case_row),
    # A review is the certification body's: its votes are not shown to the client; its decision is, in the case.
    "committee_review": Projection(row=_review_row),
    "client": Projection(_client_owner, _client_row),
}
