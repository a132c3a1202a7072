"""How the votes of a committee review stand, and why somebody does not sit, in the reader's words: by its parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.console.frame.catalogue import gettext, mark
from services.console.frame.words import word
from services.console.things.digest import Digest
from workflows.committee.records import Outcome, outcome
from workflows.committee.refusals import NoMajority, QuorumMissing
from workflows.committee.review import Review, Vote, papers_of
from workflows.committee.standing import lacking, standing
from workflows.decider import Refusal
from workflows.nonconformity.commands import Choice
from workflows.nonconformity.records.committee import ELSEWHERE, STILL, touched

SHARES: Mapping[str, str] = {
    "simple": mark("more than half of the votes cast"),
    "two_thirds": mark("two thirds of the votes cast"),
    "unanimous": mark("all votes cast"),
}
"""What a majority is, by the policy's name for it."""

BY_RULE = frozenset({mark("member of the audit team"), mark("took part in the case"), mark("belongs to the client")})
"""Why the rules recuse somebody; any other reason is a person's own words."""

UNREGISTERED = mark(
    "No certificate that this could change is registered here: whoever keeps it has to act on the decision."
)
STOPS = mark("The close-out date then stands still, until the committee is called anew and gives it a date.")

KNOWN = mark("Whoever else is to sit has to sign in once with the role of committee member first.")
"""Whom a body knows as its committee."""


@dataclass(frozen=True, slots=True)
class Coming:
    """What recording the decision would record, and what is said beside its effect."""

    outcome: Outcome
    beside: str


def lacks(review: Review) -> dict[str, str]:
    """What a decision lacks, in the reader's words, by the sentence in which the rules refuse it."""
    return {str(refusal): _told(review, refusal) for refusal in lacking(review)}


def recused(why: str) -> str:
    """Why somebody is recused."""
    return gettext(why) if why in BY_RULE else why


def tally(review: Review) -> str:
    """How many votes each choice has, the most first."""
    return ", ".join(f"{word('choice', choice)} {votes}" for choice, votes in standing(review).tally.items())


def shares(review: Review) -> Mapping[Choice, Sequence[Vote]]:
    """The votes for each choice, the most first."""
    return {choice: [vote for vote in review.votes if vote.choice == choice] for choice in standing(review).tally}


def coming(review: Review, digest: Digest | None, now: datetime) -> Coming | None:
    """What the votes would come to now; None while something is lacking."""
    found = None if standing(review).lacking else outcome(review, now)
    return Coming(found, beside(found.choice, digest)) if found else None


def beside(choice: Choice, digest: Digest | None) -> str:
    """What is said of a choice beside its effect: that no certificate here is changed, that a date stands still."""
    said = []
    if choice in ELSEWHERE and digest and (finding := digest.case.finding):
        said += [] if touched(finding, choice, digest.beside.certificates) else [gettext(UNREGISTERED)]
    said += [gettext(STOPS)] if choice in STILL else []
    return " ".join(said)


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
