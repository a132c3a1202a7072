"""What an event of a nonconformity causes on other streams."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from workflows.decider import Happened, Reaction, stream_of
from workflows.durations import end_of_day
from workflows.nonconformity import commands as c
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.deadlines import Deadline
from workflows.policy import Policy


def react(case: Case, happened: Happened) -> Sequence[Reaction]:
    """An escalation opens a committee review, its decision touches certificates; the end of the case ends both.

    An aggregation raises the systemic major, or lapses; that, once it stands, supersedes its minors. An appeal that is
    upheld undoes what the decision did to certificates; another client is another one for a review too.
    """
    match happened.event:
        case e.Escalated() as event:
            return _review(case, event, happened.at)
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


def _review(case: Case, event: e.Escalated, at: datetime) -> Sequence[Reaction]:
    if case.policy is None or case.finding is None:
        return ()
    audit = case.finding.audit
    closure, moves = case.deadline("closure"), _deadline_in_question(case, event)
    asked = case.deadline(moves)
    limit_at = closure.limit_at if closure else None
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
                "audit": audit.ref if audit else None,
                "audit_team": list(case.audit_team),
                "took_part": list(dict.fromkeys((*case.took_part, *former))),
                "deadline": moves,
                "deadline_at": asked.due_at.isoformat() if asked else None,
                "limit_at": limit_at.isoformat() if limit_at else None,
                "longest_at": None if limit_at else _longest(case, case.policy, asked, at).isoformat(),
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
    body = {"review": event.review, "case": case.stream.partition("/")[2], "reason": event.reason}
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


def _longest(case: Case, rules: Policy, asked: Deadline | None, at: datetime) -> datetime:
    """Until when the committee may put off a date that no hard limit holds: as long as a verification may wait.

    The policy has no other span for how long a case may stay open that nothing limits; a special audit without a date
    of its own takes the same.
    """
    area = ZoneInfo(case.zone)
    latest = rules.deferral.longest.after(max(at, asked.due_at) if asked else at, area)
    return end_of_day(latest, area) if rules.end_of_day and rules.deferral.longest.in_days else latest


def _deadline_in_question(case: Case, event: e.Escalated) -> c.ClientDate:
    """The deadline that an extension by the committee moves."""
    return case.extension.deadline if event.cause == "second_extension" and case.extension else "closure"
