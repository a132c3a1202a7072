"""Why a committee review waits on somebody, and what they could do at once: read off the procedure."""

from collections.abc import Sequence

from services.console.frame.catalogue import mark
from services.console.things.work import Task
from workflows.committee.review import Review
from workflows.committee.standing import standing
from workflows.people import MANAGERS, Actor
from workflows.procedure import Allowed

VOTE = Task("vote", mark("You sit on it, and have not voted yet: vote."))
DECIDE = Task("decide", mark("The votes carry a decision: record it."))
TOO_LATE = Task(
    "vote", mark("The majority is for a date that has passed: vote anew, for a later one or another choice.")
)
TOO_FEW = Task("convene", mark("Too few sit for a decision: convene more members."))
TIE = Task("vote", mark("All have voted, and it is a tie: a member votes anew, or a manager convenes more."))
NONE = Task("vote", mark("All have voted, without a majority: a member votes anew, or a manager convenes more."))
END_TIE = Task("convene", mark("All have voted, and it is a tie: convene more members, or a member votes anew."))
END_NONE = Task("convene", mark("All have voted, without a majority: convene more members, or a member votes anew."))


def task(review: Review, actor: Actor, allowed: Sequence[Allowed]) -> Task | None:
    """What somebody has to do on a review: vote, record what the votes carry, or move one that stands still.

    One stands still where too few sit, where the date of the majority has passed, and where all have voted without a
    majority. None while others have to vote.
    """
    open_now = {one.command for one in allowed if one.why_not is None}
    voted = {vote.person for vote in review.votes}
    stands = standing(review)
    if "vote" in open_now and actor.id not in voted:
        return VOTE
    if "decide" in open_now:
        return DECIDE
    if too_few(review):
        return TOO_FEW if "convene" in open_now else None
    if not stands.lacking:
        return TOO_LATE if "vote" in open_now else None
    if not voted.issuperset(review.sitting):
        return None
    if "vote" in open_now:
        return TIE if stands.tie else NONE
    return (END_TIE if stands.tie else END_NONE) if "convene" in open_now else None


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
