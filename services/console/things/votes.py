"""How the votes of a committee review stand, and why somebody does not sit, in the reader's words: by its parts."""

from collections.abc import Mapping

from services.console.frame.catalogue import gettext, mark
from services.console.frame.words import word
from workflows.committee.refusals import NoMajority, QuorumMissing
from workflows.committee.review import Review, papers_of
from workflows.committee.standing import lacking, standing
from workflows.decider import Refusal

SHARES: Mapping[str, str] = {
    "simple": mark("more than half of the votes cast"),
    "two_thirds": mark("two thirds of the votes cast"),
    "unanimous": mark("all votes cast"),
}
"""What a majority is, by the policy's name for it."""

BY_RULE = frozenset({mark("member of the audit team"), mark("took part in the case"), mark("belongs to the client")})
"""Why the rules recuse somebody; any other reason is a person's own words."""


def lacks(review: Review) -> dict[str, str]:
    """What a decision lacks, in the reader's words, by the sentence in which the rules refuse it."""
    return {str(refusal): _told(review, refusal) for refusal in lacking(review)}


def recused(why: str) -> str:
    """Why somebody is recused."""
    return gettext(why) if why in BY_RULE else why


def tally(review: Review) -> str:
    """How many votes each choice has, the most first."""
    return ", ".join(f"{word('choice', choice)} {votes}" for choice, votes in standing(review).tally.items())


def _told(review: Review, refusal: Refusal) -> str:
    stands, rules = standing(review), papers_of(review).rules
    match refusal:
        case QuorumMissing() if stands.sitting < rules.quorum:
            said = gettext("%(cast)s of %(quorum)s votes are cast, and too few sit: more members are to be convened.")
            return said % {"cast": stands.cast, "quorum": rules.quorum}
        case QuorumMissing():
            said = gettext("%(cast)s of %(quorum)s votes are cast: who sits has yet to vote.")
            return said % {"cast": stands.cast, "quorum": rules.quorum}
        case NoMajority() if stands.tie:
            said = gettext("It is a tie: %(tally)s. A decision takes %(share)s.")
        case NoMajority():
            said = gettext("There is no majority: %(tally)s. A decision takes %(share)s.")
        case _:
            return str(refusal)
    ways = gettext("A member votes, or votes anew, or a scheme manager or admin convenes more members.")
    return f"{said % {'tally': tally(review), 'share': gettext(SHARES[rules.majority])}} {ways}"
