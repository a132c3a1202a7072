"""What the votes of a committee review come to, and why somebody does not sit in it, in the reader's words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.console.frame.catalogue import gettext, mark
from services.console.things.digest import Digest
from workflows.committee.records import Outcome, outcome
from workflows.committee.review import Review, Vote
from workflows.committee.standing import standing
from workflows.nonconformity.commands import Choice
from workflows.nonconformity.records.committee import ELSEWHERE, STILL, UNREGISTERED, touched

BY_RULE = frozenset({mark("member of the audit team"), mark("took part in the case"), mark("belongs to the client")})
"""Why the rules recuse somebody; any other reason is a person's own words."""

STOPS = mark("The close-out date then stands still, until the committee is called anew and gives it a date.")

KNOWN = mark("Whoever else is to sit has to sign in once with the role of committee member first.")
"""Whom a body knows as its committee."""


@dataclass(frozen=True, slots=True)
class Coming:
    """What recording the decision would record, and what is said beside its effect."""

    outcome: Outcome
    beside: str


def recused(why: str) -> str:
    """Why somebody is recused."""
    return gettext(why) if why in BY_RULE else why


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
