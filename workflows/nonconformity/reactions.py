"""What an event of a nonconformity causes on other streams."""

from collections.abc import Sequence

from workflows.decider import Happened, Reaction, stream_of
from workflows.nonconformity import commands as c
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case


def react(case: Case, happened: Happened) -> Sequence[Reaction]:
    """An escalation opens a committee review, its decision touches certificates; the end of the case ends both.

    An aggregation raises the systemic major, or lapses; that, once it stands, supersedes its minors. An appeal that is
    upheld undoes what the decision did to certificates; another client is another one for a review too.
    """
    match happened.event:
        case e.Escalated() as event:
            return _review(case, event)
        case e.ReviewDecided() as event:
            return _certificates_touched(case, event)
        case e.Closed() | e.Withdrawn() | e.Dismissed():
            return (*_review_left(case), *_certificates_resolved(case))
        case e.Superseded(by=by) if case.status == "superseded" and case.superseded_by == by:
            return (*_review_left(case), *_certificates_resolved(case))
        case e.AppealDecided(outcome="upheld") as event:
            return _set_aside(case, event)
        case e.ClientChanged(client=client) if case.escalation is not None and case.escalation.state == "under_review":
            review = stream_of("committee_review", case.escalation.review)
            return (Reaction(review, "change_client", {"client": client}),)
        case e.Aggregated() as event:
            return (_systemic(case, event, happened.actor),)
        case e.SystemicRaised() as event:
            return tuple(_superseded(case, minor) for minor in event.aggregates)
        case _:
            return ()


def _review_left(case: Case) -> Sequence[Reaction]:
    if case.escalation is None or case.escalation.state != "left":
        return ()
    review = stream_of("committee_review", case.escalation.review)
    return (Reaction(review, "discontinue", {"reason": f"the case is {case.status}"}),)


def _review(case: Case, event: e.Escalated) -> Sequence[Reaction]:
    if case.policy is None or case.finding is None:
        return ()
    audit = case.finding.audit
    closure = case.deadline("closure")
    # After an appeal others decide than before.
    former = case.appeal.deciders if event.cause == "appeal" and case.appeal else ()
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
                "audit_team": list(case.audit_team),
                "took_part": list(dict.fromkeys((*case.took_part, *former))),
                "deadline": _deadline_in_question(case, event),
                "limit_at": closure.limit_at.isoformat() if closure and closure.limit_at else None,
                "rules": case.policy.committee.model_dump(mode="json"),
                "zone": case.zone,
                "end_of_day": case.policy.end_of_day,
            },
        ),
    )


def _certificates_touched(case: Case, event: e.ReviewDecided) -> Sequence[Reaction]:
    body = {
        "review": event.review,
        "case": case.stream.partition("/")[2],
        "choice": event.choice,
        "effect": event.effect,
        "reason": event.reason,
        "suspension": case.policy.suspension.model_dump(mode="json") if case.policy else None,
    }
    return [Reaction(stream_of("certificate", key), "apply_decision", body) for key in event.certificates]


def _set_aside(case: Case, event: e.AppealDecided) -> Sequence[Reaction]:
    body = {"review": event.review, "case": case.stream.partition("/")[2], "reason": f"appeal upheld: {event.reason}"}
    return [Reaction(stream_of("certificate", key), "set_aside", body) for key in event.certificates]


def _certificates_resolved(case: Case) -> Sequence[Reaction]:
    body = {"case": case.stream.partition("/")[2], "reason": f"the case is {case.status}"}
    return [Reaction(stream_of("certificate", key), "resolve", body) for key in case.certificates]


def _systemic(case: Case, event: e.Aggregated, auditor: str) -> Reaction:
    own = c.Minor(id=case.stream.partition("/")[2], number=case.number)
    minors = [minor.model_dump(mode="json") for minor in (own, *event.others)]
    body = {"finding": event.finding.model_dump(mode="json"), "aggregates": minors, "reason": event.reason}
    systemic = stream_of("nonconformity", event.systemic)
    return Reaction(systemic, "raise_systemic", {**body, "by": auditor}, otherwise="lapse_aggregation")


def _superseded(case: Case, minor: c.Minor) -> Reaction:
    body = {"by": case.stream.partition("/")[2], "number": case.number}
    return Reaction(stream_of("nonconformity", minor.id), "supersede", body)


def _deadline_in_question(case: Case, event: e.Escalated) -> c.ClientDate:
    """The deadline that an extension by the committee moves."""
    return case.extension.deadline if event.cause == "second_extension" and case.extension else "closure"
