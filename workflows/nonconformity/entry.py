"""A nonconformity as other streams see it."""

from typing import Any

from workflows.entries import CaseEntry
from workflows.nonconformity.case import Case


def case_entry(id: str, case: Case) -> CaseEntry:
    """The entry of a reported case; `id` is that of its stream."""
    return CaseEntry(**as_seen(id, case))


def as_seen(id: str, case: Case) -> dict[str, Any]:
    """What the entry of a case holds, for who needs no model of it."""
    finding = case.finding
    audit = finding.audit if finding else None
    return {
        "id": id,
        "number": case.number,
        "status": case.status,
        "grade": case.grade,
        "client": finding.client if finding else "",
        "title": finding.title if finding else "",
        "audit": audit.ref if audit else None,
        "stage": audit.stage if audit else None,
        "requirements": tuple(f"{item.standard} {item.clause}" for item in finding.requirements) if finding else (),
        "department": finding.department if finding else None,
        "process": finding.process if finding else None,
        "sites": finding.sites if finding else (),
        "certificates": case.certificates,
        "plan": case.plan.state,
        "deferred": case.deferral is not None,
        "deferred_to": case.deferral.audit if case.deferral else None,
        "causes": tuple(cause.category or cause.text for cause in case.causes),
        "source": finding.source.system if finding else None,
        "recurrence_of": case.recurrence_of and case.recurrence_of.partition("/")[2],
        "aggregating": case.aggregating,
        "aggregates": tuple(minor.id for minor in case.aggregates),
        "issued_at": case.issued_at,
        "ended_at": case.ended_at,
    }
