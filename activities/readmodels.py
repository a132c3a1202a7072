"""How nonconformities, committee reviews, clients, audits and certificates appear in lists, and whose they are.

What an erased event said is blank, so that a rebuild takes it out of the lists too.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from activities import badges
from activities.ledger.projections import Owner, Projection, Projections
from activities.ledger.protocol import Stream
from activities.ledger.sights import KEPT
from workflows.audit.audit import Audit
from workflows.audit.entry import audit_view
from workflows.canonical import instant
from workflows.certificate.certificate import Certificate
from workflows.certificate.entry import certificate_view
from workflows.client.state import ClientState
from workflows.committee.review import Review
from workflows.decider import Client
from workflows.findings import Finding, said
from workflows.nonconformity.aggregation import SYSTEM
from workflows.nonconformity.case import Case
from workflows.nonconformity.deadlines import Deadline, Submission, latest_safe
from workflows.nonconformity.entry import as_seen
from workflows.policy import Policy

_CONTROL = re.compile(r"[A-Z]\.(?=\d)")
"""What stands before the number of a control of an annex."""


def _case(stream: Stream) -> Case:
    if not isinstance(stream.state, Case):
        raise TypeError(f"{stream.name} is no nonconformity")
    return stream.state


def _case_owner(stream: Stream) -> Owner:
    """A finding in triage is not shown to the client (DESIGN section 3); nor is one that was dismissed there."""
    case = _case(stream)
    return Owner(case.client, case.issued_at is not None, badges.of_case(stream, case))


def _case_row(stream: Stream) -> Mapping[str, Any]:
    case = _case(stream)
    entry = as_seen(stream.name.partition("/")[2], case)
    finding = case.finding
    running = sorted((d.due_at, d.kind) for d in case.deadlines if d.state == "running")
    due_at, due_kind = running[0] if running else (None, None)
    return {
        "number": entry["number"],
        "status": entry["status"],
        "grade": entry["grade"],
        "client": entry["client"],
        "title": entry["title"],
        "requirements": list(entry["requirements"]),
        "terms": list(_terms(entry["requirements"])),
        "standards": sorted({item.standard for item in finding.requirements}) if finding else [],
        "source": entry["source"],
        "external_id": finding.source.external_id if finding else None,
        "audit_ref": entry["audit"],
        "stage": entry["stage"],
        "department": entry["department"],
        "process": entry["process"],
        "sites": list(entry["sites"]),
        "plan": entry["plan"],
        "deferred": entry["deferred"],
        "deferred_to": entry["deferred_to"],
        "certificates": list(entry["certificates"]),
        "causes": list(entry["causes"]),
        "categories": sorted({cause.category or "" for cause in case.causes}),
        "recurrence_of": entry["recurrence_of"],
        "aggregating": entry["aggregating"],
        "aggregates": list(entry["aggregates"]),
        "assignees": sorted(set(case.assigned.values())),
        "waiting_on": case.waiting_on,
        "due_at": instant(due_at) if due_at else None,
        "due_kind": due_kind,
        "act_at": _act_at(case, due_at),
        "asks_client": case.asks("client"),
        "asks_body": case.asks("certification_body"),
        "escalated": case.escalation is not None and case.escalation.state == "under_review",
        "reported_at": instant(case.reported_at) if case.reported_at else None,
        "issued_at": instant(entry["issued_at"]) if entry["issued_at"] else None,
        "ended_at": instant(entry["ended_at"]) if entry["ended_at"] else None,
        "body": _body(finding) if finding else "",
    }


@lru_cache(maxsize=1024)
def _terms(requirements: tuple[str, ...]) -> Sequence[str]:
    """What requirements are asked for by: `ISO 9001 8.2` by its name, `9001 8.2` and `8.2`."""
    parts = [name.split(" ") for name in requirements]
    return sorted({" ".join(one[n:]) for one in parts for n in range(len(one))})


def _body(finding: Finding) -> str:
    """What is searched beside number and title: requirements, controls of an annex by number alone too, and texts."""
    names = [f"{item.standard} {item.clause}" for item in finding.requirements]
    controls = {_CONTROL.sub("", item.clause, count=1) for item in finding.requirements if _CONTROL.match(item.clause)}
    return "\n".join((*names, *sorted(controls), finding.statement, finding.objective_evidence))


@lru_cache(maxsize=KEPT)
def _safe_at(
    deadlines: tuple[Deadline, ...], policy: Policy, zone: str, owes: tuple[Submission, ...]
) -> datetime | None:
    """The earliest latest safe instant; the same until the case moves, and asked for each of its events.

    Of as many cases as are remembered otherwise: the dates of each, with what they say, are some KiB.
    """
    return min((safe.at for safe in latest_safe(deadlines, policy, zone, owes)), default=None)


def _act_at(case: Case, due_at: datetime | None) -> str:
    """By when whoever the case waits on should act: a client so that no date is missed, others by the next date."""
    safe = None
    if case.waiting_on == "client" and case.policy is not None:
        safe = _safe_at(case.deadlines, case.policy, case.zone, case.owes)
    at = safe or (due_at if case.waiting_on else None)
    return instant(at) if at else "infinity"


def _case_reference(stream: Stream) -> tuple[str, str] | None:
    """A systemic case was made here of others: no source can report it again, and nothing is kept under its name."""
    finding = _case(stream).finding
    if finding is None:
        return None
    source = (finding.source.system, finding.source.external_id)
    return None if source == (SYSTEM, stream.name.partition("/")[2]) else source


def _case_said(stream: Stream) -> str | None:
    """As `activities.ledger.protocol.Word` has it: of a pass its reason, else the digest of the finding."""
    case = _case(stream)
    last = case.source_revisions[-1] if case.source_revisions else None
    if last is not None and last.passed is not None:
        return last.passed
    return None if case.as_stated is None else said(case.as_stated)


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


def _review_owner(stream: Stream) -> Owner:
    """A review is the certification body's: its votes are not shown to the client; its decision is, in the case."""
    return Owner(seen_by=badges.of_review(stream))


def _client_owner(stream: Stream) -> Owner:
    return Owner(stream.name.partition("/")[2], shown=True, seen_by=badges.of_client(stream))


def _client_row(stream: Stream) -> Mapping[str, Any]:
    client = stream.state
    if not isinstance(client, ClientState):
        raise TypeError(f"{stream.name} is no client")
    entry = client.entry
    if entry is None:
        nothing = Client(stream.name.partition("/")[2])
        rules = {"four_eyes": nothing.four_eyes, "internal_confirmation": nothing.internal_confirmation}
        blank: dict[str, Any] = {"name": "", "zone": nothing.zone, "country": None, "subdivision": None, "sites": []}
        return {**blank, **rules, "merged_into": None, "view": {"key": nothing.key}, "aliases": []}
    return {
        "name": entry.name,
        "zone": entry.zone,
        "country": entry.country,
        "subdivision": entry.subdivision,
        "sites": list(entry.sites),
        "four_eyes": entry.settings.four_eyes,
        "internal_confirmation": entry.settings.internal_confirmation,
        "merged_into": entry.merged_into,
        "view": entry.model_dump(mode="json"),
        "aliases": list(entry.aliases),
    }


def _client_of(stream: Stream) -> str | None:
    state = stream.state
    if not isinstance(state, Audit | Certificate):
        raise TypeError(f"{stream.name} is no audit and no certificate")
    return state.client


def _client_sees(stream: Stream) -> Owner:
    return Owner(_client_of(stream), shown=True, seen_by=badges.of_entry(stream))


def _entries_row(view: Callable[[str, Any], Mapping[str, Any]]) -> Callable[[Stream], Mapping[str, Any]]:
    """The row in the read model of entries, of which `view` makes what lists show, by the stream's id and state."""

    def row(stream: Stream) -> Mapping[str, Any]:
        shown = view(stream.name.partition("/")[2], stream.state)
        return {
            "client": _client_of(stream) or "",
            "status": shown["status"],
            "due_at": shown.get("due_at"),
            "view": shown,
        }

    return row


READ_MODELS: Projections = {
    "nonconformity": Projection(_case_owner, _case_row, _case_reference, _case_number, _case_said, moves=False),
    "committee_review": Projection(_review_owner, _review_row),
    "client": Projection(_client_owner, _client_row),
    "audit": Projection(_client_sees, _entries_row(audit_view), model="entries"),
    "certificate": Projection(_client_sees, _entries_row(certificate_view), model="entries"),
}
