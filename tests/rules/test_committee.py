"""How the votes of a committee review stand: votes anew, ties, and the ways out of them."""

from dataclasses import replace

import pytest

from tests.rules import audits as a
from tests.rules import walks as w
from tests.rules.committee_stories import TIED, sit
from tests.rules.life import Sign, Step, Steps, Wait, World, policy
from workflows.canonical import digest
from workflows.committee.events import Overdue, Voted
from workflows.committee.review import Review, votes_content
from workflows.committee.standing import standing
from workflows.decider import Refusal

A_WHILE = {"person": "member1"}
"""Who is on the committee, and for a while on the audit team."""

SEATED_ANEW = sit("scheme_manager", "convene", members=["member1", "member2"])

A_TIE = (
    "The votes are a tie (extend 1, suspend 1, dismiss 1), and a decision takes more than half of the votes cast: "
    "a member votes, or votes anew, or a scheme manager convenes more members."
)


def reviewed(*steps: Step | Wait, **committee: object) -> World:
    """A body whose committee was called, after these steps."""
    return World(policy(committee=committee) if committee else policy()).walk((*w.ESCALATED, *steps))


def code_of(world: World, step: Step) -> str:
    """The code with which a step is refused."""
    with pytest.raises(Refusal) as refused:
        world.walk((step,))
    return refused.value.code


def overdue(world: World) -> Overdue:
    """What was said of the review when its date passed."""
    history = world.stream(world.address("committee_review")).history
    [found] = [one.event for one in history if isinstance(one.event, Overdue)]
    return found


def test_the_latest_vote_of_a_member_counts_and_the_former_stays_in_the_record() -> None:
    world = reviewed(*w.votes(), w.vote("member2", "suspend"))
    assert [(vote.person, vote.choice) for vote in world.review.votes] == [
        ("member1", "extend"),
        ("member3", "extend"),
        ("member2", "suspend"),
    ]
    cast = [
        one.event.choice
        for one in world.stream(world.address("committee_review")).history
        if isinstance(one.event, Voted) and one.actor == "member2"
    ]
    assert cast == ["extend", "suspend"]


def test_nobody_votes_anew_once_it_is_decided() -> None:
    world = reviewed(*w.votes(), w.DECIDE)
    assert code_of(world, w.vote("member2", "suspend")) == "wrong_state"


def test_a_vote_anew_voids_what_was_signed_of_the_votes_before() -> None:
    world = reviewed(*w.votes())
    seen = Sign(digest(votes_content(world.review)))
    world.walk((w.vote("member3", "suspend"),))
    assert code_of(world, replace(w.DECIDE, body={**w.DECIDE.body, "signature": seen})) == "stale_signature"
    world.walk((w.DECIDE,))
    assert world.review.status == "decided"


def test_a_tie_says_so_and_ends_when_a_member_votes_anew() -> None:
    world = reviewed(*TIED)
    stands = standing(world.review)
    assert (stands.cast, stands.sitting, stands.tie, stands.winner) == (3, 4, True, None)
    assert stands.leading == ("extend", "suspend", "dismiss")
    assert stands.tally == {"extend": 1, "suspend": 1, "dismiss": 1}
    assert stands.lacking == (A_TIE,)
    assert code_of(world, w.DECIDE) == "no_majority"
    world.walk((w.vote("member3", "suspend"),))
    stands = standing(world.review)
    assert (stands.tie, stands.leading, stands.winner, stands.lacking) == (False, ("suspend",), "suspend", ())
    world.walk((w.DECIDE,))
    assert world.review.status == "decided"
    assert standing(world.review).lacking == ()


@pytest.mark.parametrize(
    ("majority", "share"),
    [("two_thirds", "two thirds of the votes cast"), ("unanimous", "all votes cast")],
)
def test_the_most_votes_are_no_tie_where_they_are_no_majority(majority: str, share: str) -> None:
    more = (w.vote("member3", "suspend"), w.vote("member4", "suspend"))
    world = reviewed(w.vote("member1"), w.vote("member2"), w.vote("member3"), *more, majority=majority)
    stands = standing(world.review)
    assert (stands.tie, stands.winner) == (True, None)
    world.walk((w.vote("member4", "extend"), w.vote("member3", "dismiss")))
    stands = standing(world.review)
    assert (stands.tie, stands.leading) == (False, ("extend",))
    if majority == "unanimous":
        [says] = stands.lacking
        assert says.startswith(f"The votes are no majority (extend 3, dismiss 1), and a decision takes {share}: ")
    else:
        assert (stands.winner, stands.lacking) == ("extend", ())


def test_what_is_lacking_begins_with_votes_and_with_who_could_cast_them() -> None:
    world = reviewed()
    assert standing(world.review).lacking == ("0 of 3 votes are cast: who sits has yet to vote.",)
    world.walk((sit("scheme_manager", "convene", members=["member1", "member2"]), w.vote("member1"), w.vote("member2")))
    assert standing(world.review).lacking == (
        "2 of 3 votes are cast: too few sit, so a scheme manager convenes more members.",
    )
    assert standing(Review()).lacking == ()


def test_an_overdue_tie_says_what_is_lacking_and_more_members_end_it() -> None:
    """Its date changes nothing but that it is overdue: whoever listens to the event is told what to do."""
    convened = sit("scheme_manager", "convene", members=["member1", "member2"])
    tie = (w.vote("member1", "suspend"), w.vote("member2", "dismiss"))
    world = reviewed(convened, *tie, Wait("P15D"), quorum=2)
    [says] = overdue(world).lacking
    assert says.startswith("The votes are a tie (suspend 1, dismiss 1), ")
    assert (world.review.status, world.review.overdue) == ("convened", True)
    more = sit("scheme_manager", "convene", members=["member1", "member2", "member3"])
    world.walk((more, w.vote("member3", "suspend"), w.DECIDE))
    decision = world.review.decision
    assert decision is not None
    assert decision.choice == "suspend"


def test_an_overdue_review_without_votes_says_so() -> None:
    assert overdue(reviewed(Wait("P15D"))).lacking == ("0 of 3 votes are cast: who sits has yet to vote.",)


@pytest.mark.parametrize(
    "walk",
    [
        (a.plan(team=[a.LEAD, A_WHILE]), a.START, a.by("scheme_manager", "revise", team=[a.LEAD]), *w.found("major")),
        (a.plan(team=[a.LEAD]), *w.found("major"), a.by("scheme_manager", "revise", team=[a.LEAD, A_WHILE])),
    ],
)
def test_who_was_on_the_team_before_or_after_the_issue_is_recused(walk: Steps) -> None:
    world = World(policy()).walk((*walk, w.ESCALATED[-1]))
    assert [(one.person, one.reason) for one in world.review.recused] == [("member1", "member of the audit team")]
    world.walk((SEATED_ANEW,))
    assert [one.person for one in world.review.recused] == ["member1"]


def test_who_joins_the_team_while_the_committee_sits_is_recused_when_it_is_convened_anew() -> None:
    joined = a.by("scheme_manager", "revise", team=[a.LEAD, A_WHILE])
    world = World(policy()).walk((a.plan(team=[a.LEAD]), *w.found("major"), w.ESCALATED[-1], joined))
    assert not world.review.recused
    world.walk((SEATED_ANEW,))
    assert [one.person for one in world.review.recused] == ["member1"]
