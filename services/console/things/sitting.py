"""Why a committee review waits on a member, read off the procedure."""

from collections.abc import Sequence

from services.console.frame.catalogue import mark
from services.console.things.work import Task
from workflows.committee.review import Review
from workflows.people import Actor
from workflows.procedure import Allowed

VOTE = Task("vote", mark("You sit on it, and have not voted yet."))
DECIDE = Task("decide", mark("The votes carry a decision: record it."))
AGAIN = Task("vote", mark("All have voted, and no choice has the majority: a vote can be changed."))


def task(review: Review, actor: Actor, allowed: Sequence[Allowed]) -> Task | None:
    """What a member has to do on a review: vote, record what the votes carry, or nothing while others have to vote."""
    open_now = {one.command for one in allowed if one.why_not is None}
    voted = {vote.person for vote in review.votes}
    if "vote" in open_now and actor.id not in voted:
        return VOTE
    if "decide" in open_now:
        return DECIDE
    return AGAIN if "vote" in open_now and voted.issuperset(review.sitting) else None
