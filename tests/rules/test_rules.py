"""What the deciders do beside their tables: numbers, wake-ups, what passes between a case and its review."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.rules import walks as w
from tests.rules.life import PEOPLE, START, In, Step, Steps, World, policy
from tests.rules.time_stories import SECOND
from workflows.committee.rules import CommitteeReview
from workflows.decider import Command, Refusal
from workflows.nonconformity.rules import Nonconformity
from workflows.people import Person, Role

MOMENT = timedelta(microseconds=1)


def out(person: str, by: str = "scheme_manager") -> Step:
    return Step(by, "recuse", {"person": person, "reason": "So"}, "committee_review")


@pytest.mark.parametrize(
    ("steps", "by", "command", "body", "series"),
    [
        ((), "auditor", "report", {"finding": {**w.FINDING, "grade": "major"}}, "NC-2026"),
        ((), "key_grades", "report", {"finding": {**w.FINDING, "grade": "minor"}}, "NC-2026"),
        ((), "auditor", "report", {"finding": w.FINDING}, None),
        ((), "key_plain", "report", {"finding": {**w.FINDING, "grade": "major"}}, None),
        (w.REPORTED, "auditor", "issue", {"grade": "major"}, "NC-2026"),
        (w.REPORTED, "auditor", "dismiss", {"reason": "So"}, None),
        (w.OPEN, "owner", "acknowledge", {}, None),
    ],
)
def test_a_number_is_drawn_by_what_may_issue_only(
    steps: Steps, by: str, command: str, body: Mapping[str, Any], series: str | None
) -> None:
    world = World(policy()).walk(steps)
    asked = Command(id="-", name=command, body=dict(body), actor=world.actor(by))
    wants = Nonconformity().wants(world.case, asked, START)
    assert (wants.client, wants.series, wants.committee) == ("acme", series, False)


@pytest.mark.parametrize("state", ["", "reported", "closed", "dismissed"])
def test_a_case_that_does_not_live_is_not_woken_and_says_nothing(state: str) -> None:
    world = World(policy()).walk(w.STATES["nonconformity"][state])
    law = Nonconformity()
    assert not law.lives(world.case)
    assert law.next_wakeup(world.case) is None
    assert not law.on_wakeup(world.case, START + timedelta(days=4000))


@pytest.mark.parametrize(
    ("steps", "deadline"),
    [(w.ESCALATED, "closure"), (SECOND, "plan"), ((*w.OPEN, w.MORE_TIME, *w.ESCALATED[1:]), "closure")],
)
def test_the_review_of_a_second_extension_alone_is_about_its_date(steps: Steps, deadline: str) -> None:
    papers = World(policy()).walk(steps).review.papers
    assert papers is not None
    assert papers.deadline == deadline


@pytest.mark.parametrize("changes", [{"limit": None}, {"major": {"plan": {"within": "P14D"}}}])
def test_without_a_hard_limit_a_date_is_put_off_as_long_as_a_verification_may_wait(
    changes: Mapping[str, Any],
) -> None:
    world = World(policy(**changes)).walk(w.ESCALATED)
    assert world.refused == []
    papers = world.review.papers
    assert papers is not None
    assert papers.limit_at is None
    assert papers.rules == policy().committee
    world.walk((w.vote("member1", until=In("P360D")),))
    with pytest.raises(Refusal, match="lets a case wait that has no hard limit"):
        world.walk((w.vote("member2", until=In("P470D")),))


@pytest.mark.parametrize(
    ("choice", "until", "effect"),
    [
        ("extend", "P100D", "The close-out date moves to 2026-06-10 09:00:00 (UTC); the certificate stands."),
        (
            "special_audit",
            "P10D",
            "A special audit is to verify the corrective actions before 2026-03-12; the certificate stands meanwhile.",
        ),
        (
            "special_audit",
            None,
            "A special audit is to verify the corrective actions; the certificate stands meanwhile.",
        ),
    ],
)
def test_a_decision_says_its_effect_and_how_many_voted_for_what(choice: str, until: str | None, effect: str) -> None:
    more = {"until": In(until)} if until else {}
    voted = tuple(w.vote(member, choice, **more) for member in ("member1", "member2", "member3"))
    world = World(policy()).walk((*w.ESCALATED, *voted, w.vote("member4", "suspend"), w.DECIDE))
    decision = world.review.decision
    assert decision is not None
    assert decision.effect == effect
    decided = world.stream(world.address("committee_review")).history[-1].event
    assert getattr(decided, "tally", None) == {choice: 3, "suspend": 1}


def test_the_earliest_of_the_dates_that_members_name_holds() -> None:
    voted = tuple(w.vote(f"member{n}", until=In(f"P{days}D")) for n, days in ((1, 112), (2, 109), (3, 111)))
    world = World(policy()).walk((*w.ESCALATED, *voted, w.DECIDE))
    decision = world.review.decision
    assert decision is not None
    assert decision.until == START + timedelta(days=109)
    assert "2026-06-19 09:00:00 (UTC), the earliest of the dates voted for" in decision.effect


def test_one_recusal_too_many_makes_the_quorum_impossible_and_says_who_could_sit() -> None:
    world = World(policy()).walk((*w.ESCALATED, out("member1")))
    assert "quorum_impossible" not in world.types("committee_review")
    world.walk((out("member2", "member2"),))
    assert world.types("committee_review")[-2:] == ["recused", "quorum_impossible"]
    assert world.review.could_sit == ("member3", "member4")
    told = world.stream(world.address("committee_review")).history[-1].event
    assert getattr(told, "sitting", None) == ("member3", "member4")


DOCTOR = Person(id="m5", name="Dr. Eva Muster", roles=frozenset({Role.COMMITTEE_MEMBER}))


@pytest.mark.parametrize("named", ["M5", "m5 ", " dr. eva MUSTER", "Dr.  Eva\u00a0 Muster"])
def test_the_audit_team_is_known_by_id_or_by_name(named: str) -> None:
    world = World(policy())
    world.people = (*PEOPLE, DOCTOR)
    audit = {"ref": "A-1", "stage": "surveillance", "team": [named]}
    world.walk((*w.opened(audit=audit), *w.ESCALATED[1:]))
    assert [(r.person, r.reason) for r in world.review.recused] == [("m5", "member of the audit team")]


def test_who_belongs_to_the_client_decides_nothing_about_it() -> None:
    world = World(policy())
    world.people = (*PEOPLE, DOCTOR.model_copy(update={"client": "acme"}))
    world.walk(w.ESCALATED)
    assert [(r.person, r.reason) for r in world.review.recused] == [("m5", "belongs to the client")]
    world.walk((out("member1"), out("member2")))
    assert world.review.could_sit == ("member3", "member4")


def test_who_belongs_to_the_client_that_it_became_votes_no_more() -> None:
    world = World(policy())
    world.people = (*PEOPLE, DOCTOR.model_copy(update={"client": "globex"}))
    world.walk((w.GLOBEX, *w.ESCALATED, out("member1"), out("member2")))
    assert "m5" in world.review.sitting
    world.walk((w.MERGE,))
    assert world.review.client == "globex"
    assert [(r.person, r.reason) for r in world.review.recused][-1] == ("m5", "belongs to the client")
    assert world.types("committee_review")[-2:] == ["client_changed", "quorum_impossible"]


@pytest.mark.parametrize(
    ("zone", "within", "end"),
    [
        ("UTC", "P14D", "2026-03-16T23:59:59+00:00"),
        ("Pacific/Auckland", "P14D", "2026-03-16T23:59:59+13:00"),
        # Summer time began on the 8th.
        ("America/Los_Angeles", "P14D", "2026-03-16T23:59:59-07:00"),
        ("America/Los_Angeles", "PT36H", "2026-03-03T21:00:00+00:00"),
    ],
)
def test_the_committees_time_in_days_ends_with_the_clients_day(zone: str, within: str, end: str) -> None:
    world = World(policy(committee={"within": within}), zone=zone).walk(w.ESCALATED)
    assert world.review.due_at == datetime.fromisoformat(end)


def test_a_review_is_overdue_once_and_not_before_its_date_has_passed() -> None:
    world = World(policy()).walk(w.ESCALATED)
    name = world.address("committee_review")
    law, review = CommitteeReview(), world.review
    assert review.due_at == datetime(2026, 3, 16, 23, 59, 59, tzinfo=UTC)
    assert law.on_wakeup(review, review.due_at) == ()
    assert [event.type for event in law.on_wakeup(review, review.due_at + MOMENT)] == ["committee_review.overdue"]
    world.wait("P15D")
    told = [h.at for h in world.stream(name).history if h.event.type.endswith("overdue")]
    assert told == [review.due_at + MOMENT]
    assert law.on_wakeup(world.review, world.now) == ()
    assert law.lives(world.review)
    world.walk((*w.votes(), w.DECIDE))
    assert not law.lives(world.review)
    assert law.on_wakeup(world.review, world.now) == ()
