"""Why a committee review waits on somebody, and what they could do at once: read off the procedure."""

from collections.abc import Sequence

from services.console.frame.catalogue import mark
from services.console.things.work import Task
from workflows.committee.review import Review
from workflows.people import MANAGERS, Actor
from workflows.procedure import Allowed

VOTE = Task("vote", mark("You sit on it, and have not voted yet."))
DECIDE = Task("decide", mark("The votes carry a decision: record it."))
AGAIN = Task("vote", mark("All have voted, and no choice has the majority: a vote can be changed."))
CONVENE = Task("convene", mark("Too few sit for a decision: convene more members."))


def task(review: Review, actor: Actor, allowed: Sequence[Allowed]) -> Task | None:
    """What somebody has to do on a review: vote, record what the votes carry, or seat more where too few sit.

    None while others have to vote.
    """
    open_now = {one.command for one in allowed if one.why_not is None}
    voted = {vote.person for vote in review.votes}
    if "vote" in open_now and actor.id not in voted:
        return VOTE
    if "decide" in open_now:
        return DECIDE
    if too_few(review):
        return CONVENE if "convene" in open_now else None
    return AGAIN if "vote" in open_now and voted.issuperset(review.sitting) else None


def too_few(review: Review) -> bool:
    """Whether fewer sit than the quorum, so that the review cannot be decided as it is."""
    return review.papers is not None and len(review.sitting) < review.papers.rules.quorum


def recusable(review: Review, actor: Actor) -> Sequence[str]:
    """Whom somebody can recuse of those who sit: themselves, and who seats the committee anybody."""
    return [one for one in review.sitting if one == actor.id or actor.roles & MANAGERS]


def offered(review: Review, actor: Actor, allowed: Sequence[Allowed]) -> list[str]:
    """The commands that somebody can give now and that could be about somebody."""
    return [
        one.command for one in allowed if one.why_not is None and (one.command != "recuse" or recusable(review, actor))
    ]
