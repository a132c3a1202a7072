"""Sentences of the rules in the reader's words: their templates by the catalogue, what they hold by words and clock."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from services.console.frame.telling import told
from services.problems import UnknownThing
from workflows.certificate.refusals import BeyondCycle, NotRecommended
from workflows.decider import Refusal
from workflows.durations import Duration
from workflows.nonconformity import refusals as r
from workflows.nonconformity.deadlines.telling import day_or_time
from workflows.policy import Case
from workflows.policy_book import PolicyError
from workflows.procedure import BadShape, RoleMissing, WrongState
from workflows.sentences import Fact, Sentence, Value
from workflows.shapes import sentence

VIENNA = ZoneInfo("Europe/Vienna")
READER = ZoneInfo("America/New_York")
NIGHT = datetime(2027, 2, 21, 22, 59, 59, tzinfo=UTC)
"""The end of a day in Vienna."""

NO_POLICY_HERE = "no policy is in force on 1 Mar 2026 for no standard, stage “Stage 1”, “Opportunity”"
NO_POLICY = PolicyError(
    Sentence(
        "no policy is in force on {on} for {case}", on=date(2026, 3, 1), case=Case("t", [], "stage1", "ofi").words()
    )
)


@pytest.mark.parametrize(
    ("refusal", "english", "says"),
    [
        (r.DoneInFuture(done_on=date(2027, 5, 1)), "2027-05-01 is in the future.", "1 May 2027 is in the future."),
        (
            r.NotLater(until=day_or_time(NIGHT, VIENNA), due_at=day_or_time(datetime(2027, 3, 1, tzinfo=UTC), VIENNA)),
            "2027-02-21 (Europe/Vienna) is not after 2027-03-01 01:00:00 (Europe/Vienna).",
            "21 Feb 2027 (Europe/Vienna) is not after 1 Mar 2027, 01:00 (Europe/Vienna).",
        ),
        (
            r.ExtensionTooLong(longest=Duration.parse("P1M15D"), until=day_or_time(NIGHT, VIENNA)),
            "The policy allows at most P1M15D in all: until 2027-02-21 (Europe/Vienna).",
            "The policy allows at most 1 month, 15 days in all: until 21 Feb 2027 (Europe/Vienna).",
        ),
        (
            WrongState(
                command="submit_plan", thing="nonconformity", states=Fact("open or x", ("open", "x")), status="reported"
            ),
            "submit_plan is possible while the nonconformity is open or x; it is reported.",
            "“Submit the plan” is possible while the nonconformity is “Open” or “X”; it is “In triage”.",
        ),
        (
            RoleMissing(command="issue", roles=Fact("auditor, reviewer", ("auditor", "reviewer"))),
            "issue belongs to: auditor, reviewer.",
            "“Issue” belongs to: Auditor or Reviewer.",
        ),
        (
            NotRecommended(
                audit="A-1", how=Fact("under way", Value("status", "under_way")), wanted=Sentence("an audit")
            ),
            "The audit A-1 is under way: it takes an audit that is concluded with a recommendation.",
            "The audit A-1 is “Under way”: it takes an audit that is concluded with a recommendation.",
        ),
        (
            BeyondCycle(most=date(2029, 3, 1), by=Sentence("a cycle is of {longest}", longest=Duration.parse("P3Y"))),
            "It can hold until 2029-03-01: a cycle is of P36M.",
            "It can hold until 1 Mar 2029: a cycle is of 36 months.",
        ),
        (
            r.NoPolicy(why=NO_POLICY),
            "No date can be counted: no policy is in force on 2026-03-01 for no standard, stage stage1, ofi.",
            f"No date can be counted: {NO_POLICY_HERE}.",
        ),
        (
            r.AlreadyExcused(deadline="plan", reason="P14D from 2026-03-01, {so}"),
            "The lateness of the plan deadline was excused already: P14D from 2026-03-01, {so}",
            "The lateness of the “Plan” deadline was excused already: P14D from 2026-03-01, {so}",
        ),
        (
            BadShape(
                "/on", field="/on", problem=sentence({"type": "less_than_equal", "ctx": {"le": date(2199, 12, 31)}})
            ),
            "/on: A date up to 2199-12-31 is expected here.",
            "/on: A date up to 31 Dec 2199 is expected here.",
        ),
        (UnknownThing(thing="API key", id="x"), *["There is no API key x, or none that you may see."] * 2),
    ],
    ids=lambda given: type(given).__name__ if isinstance(given, Refusal) else "",
)
def test_a_refusal_is_told_by_its_parts_and_stays_english_for_machines(
    refusal: Refusal, english: str, says: str
) -> None:
    assert str(refusal) == refusal.data().detail == english
    assert refusal.data().model_dump_json() == refusal.data().model_copy(update={"detail": english}).model_dump_json()
    assert told(refusal.data().detail, READER) == says


def test_an_instant_is_told_by_the_clock_of_who_reads() -> None:
    assert told(Sentence("since {at}", at=NIGHT), READER) == "since 21 Feb 2027, 17:59"


def test_what_is_no_sentence_is_told_as_it_stands() -> None:
    assert told("P14D from 2026-03-01", READER) == "P14D from 2026-03-01"
