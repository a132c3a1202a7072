"""Whom a committee review waits on, and what it says of how the votes stand: in the words of the catalogue."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import pytest
from babel.support import NullTranslations

from services.console.frame import catalogue
from services.console.frame.telling import told
from services.console.things import sitting
from services.console.things.work import Task
from tests.rules import walks as w
from tests.rules.committee_stories import TIED, sit
from tests.rules.life import Step, Wait, World, policy
from workflows.committee.rules import PROCEDURE
from workflows.committee.standing import standing
from workflows.people import Role

READER = ZoneInfo("UTC")
PEOPLE = ("member1", "member2", "member3", "member4", "scheme_manager", "reviewer")


def reviewed(*steps: Step | Wait, **committee: object) -> World:
    """A body whose committee was called, after these steps."""
    return World(policy(committee=committee) if committee else policy()).walk((*w.ESCALATED, *steps))


def tasks(world: World) -> Mapping[str, Task]:
    """What each has to do on the review."""
    review, address = world.review, world.address("committee_review")
    people = [world.actor(name) for name in PEOPLE]
    found = {
        one.id: sitting.task(review, one, PROCEDURE.allowed(review, world.context(address, one))) for one in people
    }
    return {name: task for name, task in found.items() if task is not None}


def test_a_tie_waits_on_who_has_not_voted_yet_and_then_on_all_who_can_end_it() -> None:
    world = reviewed(*TIED)
    assert tasks(world) == {"member4": sitting.VOTE}
    world.walk((w.vote("member4", "suspend"), w.vote("member3", "extend")))
    members = dict.fromkeys(("member1", "member2", "member3", "member4"), sitting.TIE)
    assert tasks(world) == {**members, "scheme_manager": sitting.END_TIE}
    world.walk((w.vote("member3", "suspend"),))
    assert set(tasks(world).values()) == {sitting.DECIDE}


def test_votes_without_a_majority_that_are_no_tie_are_not_called_one() -> None:
    world = reviewed(*TIED, w.vote("member4", "suspend"), majority="two_thirds")
    members = dict.fromkeys(("member1", "member2", "member3", "member4"), sitting.NONE)
    assert tasks(world) == {**members, "scheme_manager": sitting.END_NONE}


def test_a_majority_whose_date_has_passed_is_told_as_one() -> None:
    world = reviewed(*w.votes(), w.vote("member4"), Wait("P101D"))
    assert tasks(world) == dict.fromkeys(("member1", "member2", "member3", "member4"), sitting.TOO_LATE)
    world.walk(w.votes("suspend"))
    assert set(tasks(world).values()) == {sitting.DECIDE}


def test_more_members_who_are_convened_are_asked_to_vote() -> None:
    convened = sit("scheme_manager", "convene", members=["member1", "member2"])
    world = reviewed(convened, w.vote("member1", "suspend"), w.vote("member2", "dismiss"), quorum=2)
    assert tasks(world)["scheme_manager"] == sitting.END_TIE
    world.walk((sit("scheme_manager", "convene", members=["member1", "member2", "member3"]),))
    assert tasks(world) == {"member3": sitting.VOTE}


def test_too_few_who_sit_are_no_tie() -> None:
    world = reviewed(sit("scheme_manager", "convene", members=["member1", "member2"]), w.vote("member1"))
    assert tasks(world) == {"member2": sitting.VOTE, "scheme_manager": sitting.TOO_FEW}
    assert Role.COMMITTEE_MEMBER not in world.actor("scheme_manager").roles


ALL = "all votes cast"
HALF = "more than half of the votes cast"
WAYS = "a member votes, or votes anew, or a scheme manager convenes more members."


@pytest.mark.parametrize(
    ("world", "says"),
    [
        (reviewed(), ["0 of 3 votes are cast: who sits has yet to vote."]),
        (
            reviewed(sit("scheme_manager", "convene", members=["member1", "member2"]), w.vote("member1")),
            ["1 of 3 votes are cast: too few sit, so a scheme manager convenes more members."],
        ),
        (
            reviewed(*TIED),
            [f"The votes are a tie (Extend 1, Suspend 1, Dismiss 1), and a decision takes {HALF}: {WAYS}"],
        ),
        (
            reviewed(*TIED, w.vote("member4", "suspend"), majority="unanimous"),
            [f"The votes are no majority (Suspend 2, Extend 1, Dismiss 1), and a decision takes {ALL}: {WAYS}"],
        ),
        (reviewed(*w.votes()), []),
    ],
    ids=["no votes", "too few", "tie", "no majority", "majority"],
)
def test_what_a_decision_lacks_is_told_by_its_parts(world: World, says: list[str]) -> None:
    assert [told(one, READER) for one in standing(world.review).lacking] == says


def test_what_a_decision_lacks_is_told_in_the_readers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    class Shouting(NullTranslations):
        def gettext(self, message: str) -> str:
            return message.replace("tie", "TIE").replace("Suspend", "SUSPEND")

    monkeypatch.setattr(catalogue, "_CATALOGUE", Shouting())
    [says] = standing(reviewed(*TIED).review).lacking
    assert "The votes are a TIE (Extend 1, SUSPEND 1" in told(says, READER)
    assert "The votes are a tie (extend 1, suspend 1" in says
