"""What commands on a committee review record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from workflows.committee import commands as c
from workflows.committee import events as e
from workflows.committee.review import Review, named_dates, papers_of
from workflows.committee.seating import conflict, seated, shortage, with_team
from workflows.decider import Context, Event
from workflows.durations import end_of_day
from workflows.grades import Grade
from workflows.nonconformity.commands import Choice, ClientDate
from workflows.nonconformity.deadlines.telling import day_or_time
from workflows.procedure import signed

EFFECTS: Mapping[Choice, str] = {
    "extend": "The {deadline} date moves to {until}{several}; the certificate stands.",
    "special_audit": "A special audit is to verify the corrective actions{before}; the certificate stands meanwhile.",
    "suspend": (
        "The certificate is to be suspended; the nonconformity stays open and its close-out ends the suspension."
    ),
    "reduce_scope": "The scope of the certificate is to be reduced by the parts that the nonconformity concerns.",
    "withdraw_certificate": "The certificate is to be withdrawn.",
    "refuse": "Certification is refused.",
    "regrade": "The nonconformity is regraded to {grade}; the certificate stands.",
    "dismiss": "The nonconformity is dismissed; the certificate stands.",
}
"""What a decision is in writing."""

DATES: Mapping[ClientDate, str] = {
    "correction": "correction",
    "plan": "plan",
    "evidence": "evidence",
    "closure": "close-out",
}


def open_review(review: Review, body: c.Open, context: Context) -> Sequence[Event]:
    """The call: until when it decides, and all of the committee seated."""
    within, area = body.rules.within, ZoneInfo(body.zone)
    due = within.after(context.now, area)
    due = end_of_day(due, area) if body.end_of_day and within.in_days else due
    papers = with_team(body, context.facts.audit)
    members = [person.id for person in context.facts.committee]
    return (e.Opened(papers=papers, due_at=due), *seated(papers, members, (), context.facts.committee))


def convene(review: Review, body: c.Convene, context: Context) -> Sequence[Event]:
    """Who sits from now on. Whoever was recused stays recused, seated again or not."""
    papers = with_team(papers_of(review), context.facts.audit)
    return seated(papers, body.members, review.recused, context.facts.committee)


def discontinue(review: Review, body: c.Discontinue, context: Context) -> Sequence[Event]:
    """The end without a decision."""
    return (e.Discontinued(reason=body.reason),)


def change_client(review: Review, body: c.ChangeClient, context: Context) -> Sequence[Event]:
    """The other client, and which members belong to it."""
    papers = papers_of(review).model_copy(update={"client": body.client})
    known = {person.id: person for person in context.facts.committee}
    recused = tuple(
        e.Recusal(person=member, reason=why)
        for member in review.sitting
        if member in known and (why := conflict(papers, known[member])) is not None
    )
    changed = e.ClientChanged(client=body.client, recused=recused)
    if not recused:
        return (changed,)
    out = {recusal.person for recusal in (*review.recused, *recused)}
    sitting = [member for member in review.sitting if member not in out]
    return (changed, *shortage(papers, sitting, out, context.facts.committee))


def recuse(review: Review, body: c.Recuse, context: Context) -> Sequence[Event]:
    """One member less, and whether the rest are enough."""
    recused = e.Recused(person=body.person, reason=body.reason)
    sitting = [member for member in review.sitting if member != body.person]
    out = {recusal.person for recusal in review.recused} | {body.person}
    return (recused, *shortage(papers_of(review), sitting, out, context.facts.committee))


def vote(review: Review, body: c.Vote, context: Context) -> Sequence[Event]:
    """The vote, in place of one that the member cast before."""
    return (
        e.Voted(
            choice=body.choice,
            reason=body.reason,
            until=body.until,
            signature=signed(body, context),
            grade=regraded_to(papers_of(review)) if body.choice == "regrade" else None,
        ),
    )


def decide(review: Review, body: c.Decide, context: Context) -> Sequence[Event]:
    """The majority's choice and its written effect."""
    found = outcome(review, context.now)
    if found is None:
        raise ValueError("a guard lets this through without a majority")
    return (
        e.Decided(
            choice=found.choice,
            reason=body.reason,
            effect=found.effect,
            until=found.until,
            tally={str(name): votes for name, votes in review.tally().items()},
            signature=signed(body, context),
            grade=found.grade,
        ),
    )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the votes come to: a choice, its written effect, and the date or the grade that it gives."""

    choice: Choice
    effect: str
    until: datetime | None
    grade: Grade | None


def outcome(review: Review, now: datetime) -> Outcome | None:
    """What a decision would be now; None without a majority."""
    choice = review.winner()
    if choice is None:
        return None
    # Where members name different dates, the earliest holds: it is the one that all of them allow.
    dates = [until for until in named_dates(review) if until > now]
    until = dates[0] if dates else None
    papers = papers_of(review)
    grade = regraded_to(papers) if choice == "regrade" else None
    area = ZoneInfo(papers.zone)
    words = {
        "until": day_or_time(until, area) if until else "",
        "several": ", the earliest of the dates voted for" if len(set(dates)) > 1 else "",
        "grade": grade,
        "before": f" before {until.astimezone(area):%Y-%m-%d}" if until else "",
        "deadline": DATES[papers.deadline],
    }
    return Outcome(choice, EFFECTS[choice].format(**words), until, grade)


def regraded_to(papers: c.Open) -> Grade:
    """The grade that a regrading gives: the other than in the papers, whatever the case becomes meanwhile."""
    return "minor" if papers.grade == "major" else "major"
