"""How nonconformities, committee reviews and clients appear in lists, and whose they are.

What an erased event said is blank, so that a rebuild takes it out of the lists too.
"""

from collections.abc import Mapping
from typing import Any

from activities.ledger.projections import Owner, Projection, Projections
from activities.ledger.protocol import Stream
from workflows.canonical import instant
from workflows.client.rules import ClientState
from workflows.committee.review import Review
from workflows.decider import Client
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
    audit = finding.audit if finding else None
    running = sorted((d.due_at, d.kind) for d in case.deadlines if d.state == "running")
    due_at, due_kind = running[0] if running else (None, None)
    return {
        "number": case.number,
        "status": case.status,
        "grade": case.grade,
        "client": finding.client if finding else "",
        "title": finding.title if finding else "",
        "requirements": [f"{r.standard} {r.clause}" for r in finding.requirements] if finding else [],
        "source": finding.source.system if finding else None,
        "external_id": finding.source.external_id if finding else None,
        "audit_ref": audit.ref if audit else None,
        "stage": audit.stage if audit else None,
        "department": finding.department if finding else None,
        "sites": list(finding.sites) if finding else [],
        "assignees": sorted(set(case.assigned.values())),
        "waiting_on": case.waiting_on,
        "due_at": instant(due_at) if due_at else None,
        "due_kind": due_kind,
        "escalated": case.escalation is not None and case.escalation.state == "under_review",
        "reported_at": instant(case.reported_at) if case.reported_at else None,
        "issued_at": instant(case.issued_at) if case.issued_at else None,
        "body": f"{finding.statement}\n{finding.objective_evidence}" if finding else "",
    }


def _case_reference(stream: Stream) -> tuple[str, str] | None:
    finding = _case(stream).finding
    return (finding.source.system, finding.source.external_id) if finding else None


def _case_number(stream: Stream) -> tuple[str, int] | None:
    """`NC-2026-0007` is the seventh of the series `NC-2026`."""
    series, _, number = (_case(stream).number or "").rpartition("-")
    return (series, int(number)) if series else None


def _review_row(stream: Stream) -> Mapping[str, Any]:
    review = stream.state
    if not isinstance(review, Review):
        raise TypeError(f"{stream.name} is no committee review")
    papers = review.papers
    return {
        "case_id": papers.case.partition("/")[2] if papers else "",
        "cause": papers.cause if papers else "",
        "status": review.status,
        "due_at": instant(review.due_at) if review.due_at else None,
        "members": list(review.members),
        "recused": [recusal.person for recusal in review.recused],
    }


def _client_owner(stream: Stream) -> Owner:
    return Owner(org=stream.name.partition("/")[2], shown=True)


def _client_row(stream: Stream) -> Mapping[str, Any]:
    client = stream.state
    if not isinstance(client, ClientState):
        raise TypeError(f"{stream.name} is no client")
    entry = client.entry
    if entry is None:
        nothing = Client(stream.name.partition("/")[2])
        rules = {"four_eyes": nothing.four_eyes, "internal_confirmation": nothing.internal_confirmation}
        return {"name": "", "zone": nothing.zone, **rules, "view": {"key": nothing.key}, "aliases": []}
    return {
        "name": entry.name,
        "zone": entry.zone,
        "four_eyes": entry.settings.four_eyes,
        "internal_confirmation": entry.settings.internal_confirmation,
        "view": entry.model_dump(mode="json"),
        "aliases": list(entry.aliases),
    }


READ_MODELS: Projections = {
    "nonconformity": Projection(_case_owner, _case_row, _case_reference, _case_number, moves=False),
    # A review is the certification body's: its votes are not shown to the client; its decision is, in the case.
    "committee_review": Projection(row=_review_row),
    "client": Projection(_client_owner, _client_row),
}
