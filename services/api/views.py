"""What a caller sees of a case, a review and an event: pure functions of state, caller and instant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from pydantic_core import to_json, to_jsonable_python

from services.telling import when
from workflows import shapes
from workflows.committee.review import Review
from workflows.committee.standing import standing as votes_standing
from workflows.nonconformity import doubts
from workflows.nonconformity.case import Case
from workflows.nonconformity.correspondence import exchanges
from workflows.nonconformity.deadlines import Deadline, LatestSafe, latest_safe
from workflows.people import Frozen
from workflows.procedure import Allowed, Signable


@dataclass(frozen=True, slots=True)
class Standing:
    """A thing as it stands, or stood: its id, how far its events go, and what the caller may do with it now."""

    id: str
    seq: int
    head: str
    now: datetime
    allowed: Sequence[Allowed] = ()
    signable: Mapping[str, Signable] | None = None

    def view(self) -> dict[str, Any]:
        """The part that every detail ends with."""
        return {
            "seq": self.seq,
            "head": self.head,
            "allowed": [
                {"command": one.command} | ({} if one.why_not is None else {"why_not": one.why_not})
                for one in self.allowed
            ],
            "signable": {name: one.model_dump() for name, one in (self.signable or {}).items()},
        }


def case_view(case: Case, standing: Standing) -> dict[str, Any]:
    """A nonconformity in full (CONTRACT, Nonconformities), as far as its record tells; values as the state has them."""
    finding = dict(case.finding) if case.finding else {}
    finding.pop("grade", None)
    finding["stated_label"] = finding.pop("label", None)
    return {
        "id": standing.id,
        "number": case.number,
        "status": case.status,
        "grade": case.grade,
        "proposed_grade": case.proposed_grade,
        **finding,
        "waiting_on": case.waiting_on,
        "label": case.label,
        "flags": case.flags,
        "deadlines": _deadlines(case, standing.now),
        "correction": case.correction,
        "analysis": case.analysis,
        "causes": case.causes,
        "actions": case.actions,
        "plan": case.plan,
        "evidence": case.evidence,
        "rounds": case.rounds,
        "returned": case.returned,
        "confirmation": case.confirmation,
        "follow_up": case.follow_up,
        "deferral": case.deferral,
        "verification": case.verification,
        "closure": case.closure,
        "ended_because": case.ended_because,
        "extension": case.extension,
        "withdrawal_proposed_by": case.withdrawal_proposed_by,
        "dispute": case.dispute,
        "appeal": case.appeal,
        "escalation": case.escalation,
        "review_ids": case.reviews,
        "decision": case.decision,
        "certificates": case.certificates,
        "extents": case.extents,
        "correspondence": exchanges((*case.answered, *case.questions), (*case.settled, *case.complaints)),
        "aggregates": case.aggregates,
        "superseded_by": case.superseded_by,
        "assigned": case.assigned,
        "policy": None if case.policy is None else {"name": case.policy.name, "version": case.policy.version},
        "zone": case.zone,
        "warnings": doubts.told(case),
        "reported_by": case.reported_by,
        "reported_at": when(case.reported_at),
        "issued_by": case.issued_by or None,
        "issued_at": when(case.issued_at),
        "acknowledged_at": when(case.acknowledged_at),
        "recurrence_of": case.recurrence_of and case.recurrence_of.partition("/")[2],
        "document": case.document,
        "source_revisions": case.source_revisions,
        "completed": case.completed,
        "source_finding": case.source_finding if case.source_revisions or case.completed else None,
    }


def case_text(case: Case, standing: Standing, files: Mapping[str, str] | None = None) -> str:
    """The JSON text of a nonconformity in full: what its record tells, what of it is escaped, what the caller may do.

    `files` are the ids of uploaded files by their SHA-256, for the evidence that names them.

    Written by pydantic's core at once: a third of the work of dumping each value and encoding what came of it.
    """
    told = {**case_view(case, standing), "files": files or {}}
    plain = to_json({**told, "escaped": [], **standing.view()}).decode()
    # Hardly ever anywhere: so the whole text is looked through first.
    if "\\u001a" not in plain:
        return plain
    return to_json({**told, "escaped": escaped(to_jsonable_python(told)), **standing.view()}).decode()


def escaped(told: Any, pointer: str = "") -> list[str]:
    """Where a text holds what had to be escaped for the record (RFC 6901)."""
    match told:
        case str():
            return [pointer] if "\x1a" in told else []
        case dict():
            pairs = ((f"{pointer}{shapes.pointer([name])}", one) for name, one in told.items())
        case list():
            pairs = ((f"{pointer}/{index}", one) for index, one in enumerate(told))
        case _:
            return []
    return [found for place, one in pairs for found in escaped(one, place)]


# Half of what reading a case costs, and the same until the case moves.
_latest = lru_cache(maxsize=1024)(latest_safe)


def _deadlines(case: Case, now: datetime) -> list[dict[str, Any]]:
    """Every date, with the latest safe instant for what a running one asks of the client next."""
    safe = _latest(case.deadlines, case.policy, case.zone, case.owes) if case.policy else ()
    latest: dict[str, LatestSafe] = {one.kind: one for one in safe}
    return [deadline_view(deadline, now, latest.get(deadline.kind)) for deadline in case.deadlines]


def deadline_view(deadline: Deadline, now: datetime, safe: LatestSafe | None = None) -> dict[str, Any]:
    """One deadline as it stands at an instant; `safe` is by when to act so that no date is missed."""
    return {
        "kind": deadline.kind,
        "due_at": deadline.due_at,
        "state": deadline.standing(now),
        "first_due_at": deadline.first_due_at,
        "limit_at": deadline.limit_at,
        "limit": deadline.limit,
        "on_breach": deadline.on_breach,
        "stopped_at": deadline.stopped_at,
        "missed_at": deadline.missed_at,
        "met_at": deadline.met_at,
        "extensions": deadline.extensions,
        "excused": deadline.excused,
        "explanation": deadline.explanation,
        "latest_safe_at": safe and safe.at,
        "latest_safe_because": safe.explanation if safe else (),
    }


def review_view(review: Review, standing: Standing) -> dict[str, Any]:
    """A committee review in full (CONTRACT, Committee reviews)."""
    papers = review.papers
    return {
        "id": standing.id,
        "case_id": papers and papers.case.partition("/")[2],
        "number": papers and papers.number,
        "client": papers and papers.client,
        "title": papers and papers.title,
        "grade": papers and papers.grade,
        "status": review.status,
        "cause": papers and papers.cause,
        "reason": papers and papers.reason,
        "stage": papers and papers.stage,
        "members": list(review.members),
        "recused": [dumped(recusal) for recusal in review.recused],
        "could_sit": None if review.could_sit is None else list(review.could_sit),
        "quorum": papers and papers.rules.quorum,
        "majority": papers and papers.rules.majority,
        "votes": [dumped(vote) for vote in review.votes],
        "standing": dumped(votes_standing(review)),
        "opened_at": when(review.opened_at),
        "due_at": when(review.due_at),
        "deadline": papers and papers.deadline,
        "deadline_at": when(papers.deadline_at) if papers else None,
        "limit_at": when(papers.limit_at) if papers else None,
        "longest_at": when(papers.longest_at) if papers else None,
        "overdue": review.status == "convened" and review.due_at is not None and standing.now > review.due_at,
        "decision": dumped(review.decision),
        **standing.view(),
    }


def dumped(value: Frozen | None) -> dict[str, Any] | None:
    """A model as others are told it, None where there is none."""
    return None if value is None else value.model_dump(mode="json")
