"""The state of a committee review, and how each event changes it."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from workflows.committee import events as e
from workflows.committee.commands import Open
from workflows.decider import Happened
from workflows.grades import Grade
from workflows.nonconformity.commands import Choice
from workflows.people import Frozen


class Vote(Frozen):
    """One member's vote as it counts: the latest. `grade` is the one to which it regrades."""

    person: str
    choice: Choice
    reason: str
    until: datetime | None
    at: datetime
    grade: Grade | None = None


class Decision(Frozen):
    """How the review ended."""

    choice: Choice
    reason: str
    effect: str
    until: datetime | None
    by: str
    at: datetime
    grade: Grade | None = None


Status = Literal["", "convened", "decided", "discontinued"]
"""The status a review has reached; none before it is opened."""


class Review(Frozen):
    """A review as its events leave it."""

    status: Status = ""
    papers: Open | None = None
    opened_at: datetime | None = None
    due_at: datetime | None = None
    overdue: bool = False
    members: tuple[str, ...] = ()
    recused: tuple[e.Recusal, ...] = ()
    could_sit: tuple[str, ...] | None = None
    votes: tuple[Vote, ...] = ()
    decision: Decision | None = None
    stream: str = ""

    @property
    def client(self) -> str | None:
        """The key of the client whose case it is."""
        return self.papers.client if self.papers else None

    @property
    def sitting(self) -> tuple[str, ...]:
        """The members who may vote."""
        out = {recusal.person for recusal in self.recused}
        return tuple(member for member in self.members if member not in out)

    def tally(self) -> Counter[Choice]:
        """How many votes each choice has."""
        return Counter(vote.choice for vote in self.votes)

    def winner(self) -> Choice | None:
        """The choice with the majority that the policy asks for; None while there is none."""
        if self.papers is None or not self.votes:
            return None
        choice, most = self.tally().most_common(1)[0]
        cast = len(self.votes)
        needed = {"simple": 2 * most > cast, "two_thirds": 3 * most >= 2 * cast, "unanimous": most == cast}
        return choice if needed[self.papers.rules.majority] else None


def named_dates(review: Review) -> Sequence[datetime]:
    """The dates that the majority names, the earliest first."""
    choice = review.winner()
    return sorted(vote.until for vote in review.votes if vote.choice == choice and vote.until is not None)


def papers_of(review: Review) -> Open:
    """The papers of a review that was called."""
    if review.papers is None:
        raise ValueError("a review that was called has papers")
    return review.papers


def papers_content(review: Review) -> dict[str, Any]:
    """What a vote is about: the papers of the case and who sits."""
    return {
        "papers": review.papers.model_dump(mode="json") if review.papers else None,
        "members": list(review.members),
        "recused": [recusal.model_dump(mode="json") for recusal in review.recused],
    }


def votes_content(review: Review) -> dict[str, Any]:
    """What a decision rests on: the papers and the votes."""
    return {**papers_content(review), "votes": [vote.model_dump(mode="json") for vote in review.votes]}


def evolve(review: Review, happened: Happened) -> Review:
    """The review after one more event."""
    match happened.event:
        case e.Opened() as opened:
            changes: dict[str, Any] = {
                "status": "convened",
                "papers": opened.papers,
                "opened_at": happened.at,
                "due_at": opened.due_at,
                "stream": happened.stream,
            }
        case e.Convened() as convened:
            sitting = set(convened.members) - {recusal.person for recusal in convened.recused}
            changes = {
                "members": convened.members,
                "recused": convened.recused,
                "could_sit": None,
                "votes": tuple(vote for vote in review.votes if vote.person in sitting),
            }
        case e.Discontinued():
            changes = {"status": "discontinued"}
        case e.QuorumImpossible() as impossible:
            changes = {"could_sit": impossible.could_sit}
        case e.Recused() as recused:
            changes = _without(review, (e.Recusal(person=recused.person, reason=recused.reason),))
        case e.ClientChanged() as changed:
            papers = review.papers and review.papers.model_copy(update={"client": changed.client})
            changes = {"papers": papers, **_without(review, changed.recused)}
        case e.Voted() as voted:
            vote = Vote(
                person=happened.actor,
                choice=voted.choice,
                reason=voted.reason,
                until=voted.until,
                at=happened.at,
                grade=voted.grade,
            )
            changes = {"votes": (*(former for former in review.votes if former.person != vote.person), vote)}
        case e.Overdue():
            changes = {"overdue": True}
        case e.Decided() as decided:
            decision = Decision(
                choice=decided.choice,
                reason=decided.reason,
                effect=decided.effect,
                until=decided.until,
                by=happened.actor,
                at=happened.at,
                grade=decided.grade,
            )
            changes = {"status": "decided", "decision": decision}
        case other:
            raise TypeError(f"{other.type} is no event of a committee review")
    return review.model_copy(update=changes)


def _without(review: Review, recused: tuple[e.Recusal, ...]) -> dict[str, Any]:
    """More who may not sit; their votes do not count."""
    out = {recusal.person for recusal in recused}
    return {
        "recused": (*review.recused, *recused),
        "votes": tuple(vote for vote in review.votes if vote.person not in out),
    }
