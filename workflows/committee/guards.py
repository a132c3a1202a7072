"""Conditions on commands on a committee review."""

from datetime import datetime
from zoneinfo import ZoneInfo

from workflows.committee import commands as c
from workflows.committee import refusals as r
from workflows.committee.review import Review, named_dates, papers_of
from workflows.committee.standing import lacking
from workflows.decider import Context, Refusal
from workflows.nonconformity.commands import Choice
from workflows.nonconformity.deadlines.telling import day_or_time
from workflows.people import MANAGERS
from workflows.procedure import guard
from workflows.sentences import Sentence

"""Who seats and recuses others."""


@guard(r.RecusedByRule, r.NotSitting)
def sits(review: Review, body: object, context: Context) -> None:
    """The caller sits and is not recused."""
    for recusal in review.recused:
        if recusal.person == context.actor.id:
            raise r.RecusedByRule(reason=recusal.reason)
    if context.actor.id not in review.sitting:
        raise r.NotSitting


@guard(
    r.UntilMissing,
    r.UntilWithout,
    r.UntilPast,
    r.NotLater,
    r.BeyondLimit,
    r.TooLong,
    r.RefusalOnlyInitial,
    r.NotANonconformity,
    needs_body=True,
)
def sound_choice(review: Review, body: c.Vote, context: Context) -> None:
    """The choice is possible for this case."""
    papers = papers_of(review)
    if body.choice == "extend" and body.until is None:
        raise r.UntilMissing("/until")
    if body.until is not None:
        _sound_date(papers, body.choice, body.until, context.now)
    if (refusal := impossible(papers, body.choice)) is not None:
        raise refusal


def impossible(papers: c.Open, choice: Choice) -> Refusal | None:
    """Why no vote for a choice is possible on such papers; None where one is."""
    if choice == "refuse" and papers.stage not in ("stage1", "stage2"):
        return r.RefusalOnlyInitial("/choice", stage=papers.stage or Sentence("outside of any audit"))
    if choice == "regrade" and papers.grade == "ofi":
        return r.NotANonconformity("/choice")
    return None


def _sound_date(papers: c.Open, choice: Choice, until: datetime, now: datetime) -> None:
    """A date ahead, within the limits; an extension's is later than the present one."""
    area = ZoneInfo(papers.zone)
    asked = day_or_time(until, area)
    if choice not in ("extend", "special_audit"):
        raise r.UntilWithout("/until", choice=choice)
    if until <= now:
        raise r.UntilPast("/until", until=asked)
    if choice == "extend" and papers.deadline_at is not None and until <= papers.deadline_at:
        raise r.NotLater("/until", until=asked, due_at=day_or_time(papers.deadline_at, area))
    if papers.limit_at is not None and until > papers.limit_at:
        raise r.BeyondLimit("/until", until=asked, limit=day_or_time(papers.limit_at, area))
    if papers.longest_at is not None and until > papers.longest_at:
        raise r.TooLong("/until", until=asked, longest=day_or_time(papers.longest_at, area))


@guard(r.UntilPast)
def date_ahead(review: Review, body: object, context: Context) -> None:
    """Of the dates that the majority names, one is still ahead."""
    dates = named_dates(review)
    if dates and dates[-1] <= context.now:
        raise r.UntilPast(until=day_or_time(dates[-1], ZoneInfo(papers_of(review).zone)))


@guard(r.QuorumMissing, r.NoMajority)
def can_decide(review: Review, body: object, context: Context) -> None:
    """Quorum and majority."""
    for refusal in lacking(review):
        raise refusal


@guard(r.RecuseAnother, r.NotAMember, needs_body=True)
def may_recuse(review: Review, body: c.Recuse, context: Context) -> None:
    """Oneself, or anybody by a scheme manager."""
    if body.person != context.actor.id and not context.actor.roles & MANAGERS:
        raise r.RecuseAnother("/person")
    if body.person not in review.sitting:
        raise r.NotAMember("/person", person=body.person)


@guard(r.NotCommittee, needs_body=True)
def all_committee(review: Review, body: c.Convene, context: Context) -> None:
    """Each named person is a committee member."""
    strangers = set(body.members) - {person.id for person in context.facts.committee}
    if strangers:
        raise r.NotCommittee("/members", people=", ".join(sorted(strangers)))
