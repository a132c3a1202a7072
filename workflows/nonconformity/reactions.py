"""What an event of a nonconformity causes on other streams."""

from collections.abc import Sequence

from workflows.decider import Happened, Reaction, stream_of
from workflows.nonconformity import commands as c
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case


def react(case: Case, happened: Happened) -> Sequence[Reaction]:
    """An escalation opens a committee review; the end of the case ends one that has not decided."""
    event = happened.event
    if isinstance(event, e.Closed | e.Withdrawn | e.Dismissed) and case.escalation is not None:
        review = stream_of("committee_review", case.escalation.review)
        left = case.escalation.state == "left"
        return (Reaction(review, "discontinue", {"reason": f"the case is {case.status}"}),) if left else ()
    if not isinstance(event, e.Escalated) or case.policy is None or case.finding is None:
        return ()
    audit = case.finding.audit
    closure = case.deadline("closure")
    return (
        Reaction(
            stream_of("committee_review", event.review),
            "open",
            {
                "case": case.stream,
                "number": case.number,
                "client": case.client,
                "grade": case.grade,
                "title": case.finding.title,
                "cause": event.cause,
                "reason": event.reason,
                "stage": audit.stage if audit else None,
                "audit_team": list(audit.team) if audit else [],
                "took_part": list(case.took_part),
                "deadline": _deadline_in_question(case, event),
                "limit_at": closure.limit_at.isoformat() if closure and closure.limit_at else None,
                "rules": case.policy.committee.model_dump(mode="json"),
            },
        ),
    )


def _deadline_in_question(case: Case, event: e.Escalated) -> c.DeadlineKind:
    """The deadline that an extension by the committee moves."""
    return case.extension.deadline if event.cause == "second_extension" and case.extension else "closure"
