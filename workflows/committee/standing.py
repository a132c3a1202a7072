"""How the votes of a review stand: what they say so far, and what a decision still lacks."""

from collections.abc import Iterator, Mapping
from typing import Literal

from workflows.committee import refusals as r
from workflows.committee.review import Review
from workflows.decider import Refusal
from workflows.nonconformity.commands import Choice
from workflows.people import Frozen
from workflows.sentences import Fact, Sentence, Tally, Told

SHARES: Mapping[Literal["simple", "two_thirds", "unanimous"], str] = {
    "simple": Sentence("more than half of the votes cast"),
    "two_thirds": Sentence("two thirds of the votes cast"),
    "unanimous": Sentence("all votes cast"),
}
"""What a majority is, by the policy's name for it."""

WAYS: Mapping[bool, str] = {
    True: Sentence("who sits has yet to vote"),
    False: Sentence("too few sit, so a scheme manager convenes more members"),
}
"""How votes come about where some are lacking, by whether enough sit."""


class VotesStanding(Frozen):
    """How the votes stand. `leading` are the choices with the most votes: two or more are a `tie`.

    `winner` is the choice with the policy's majority. A decision can be recorded when nothing is `lacking`.
    """

    cast: int
    sitting: int
    tally: dict[Choice, int]
    leading: tuple[Choice, ...]
    tie: bool
    winner: Choice | None
    lacking: tuple[Told, ...]


def standing(review: Review) -> VotesStanding:
    """How the votes of a review stand."""
    return VotesStanding(
        cast=len(review.votes),
        sitting=len(review.sitting),
        tally=dict(review.tally().most_common()),
        leading=_leading(review),
        tie=len(_leading(review)) > 1,
        winner=review.winner(),
        lacking=tuple(refusal.sentence for refusal in lacking(review)),
    )


def lacking(review: Review) -> Iterator[Refusal]:
    """Why a decision would be refused now, whoever records it; nothing where there is nothing to decide any more."""
    if review.papers is None or review.status != "convened":
        return
    rules, cast = review.papers.rules, len(review.votes)
    if cast < rules.quorum:
        enough = len(review.sitting) >= rules.quorum
        ways = WAYS[enough]
        yield r.QuorumMissing(votes=cast, quorum=rules.quorum, ways=ways)
    if cast and review.winner() is None:
        how = Sentence("a tie") if len(_leading(review)) > 1 else Sentence("no majority")
        counts = tuple(review.tally().most_common())
        tally = Fact(", ".join(f"{choice} {votes}" for choice, votes in counts), Tally("choice", counts))
        yield r.NoMajority(how=how, tally=tally, share=SHARES[rules.majority])


def _leading(review: Review) -> tuple[Choice, ...]:
    tally = review.tally()
    most = max(tally.values(), default=0)
    return tuple(choice for choice, votes in tally.items() if votes == most)
