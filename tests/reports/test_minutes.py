"""The minutes of a review, written of its record: by whichever walk it came to its end, or has not yet."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from zoneinfo import ZoneInfo

from activities.ledger.protocol import Recorded
from services.reports.docx import docx
from services.reports.minutes.filling import DRAFT, NOBODY, write
from services.reports.minutes.form import Minutes
from services.reports.minutes.proceedings import Proceedings, touched
from services.reports.minutes.sample import SAMPLE
from services.reports.minutes.telling import BY_RULE, COUNTS, REPLACED, VOID
from services.reports.paper import ours
from services.reports.pdf import pdf
from services.reports.wording import Reader
from tests.mail.test_deciding import recorded
from tests.reports.conftest import HOSTILE
from tests.reports.test_forms import JUDGED, said, written
from tests.rules import walks as w
from tests.rules.committee_stories import sit
from tests.rules.life import CASE, PEOPLE, Step, Wait, World, policy
from workflows.decider import Happened
from workflows.nonconformity.records.committee import UNREGISTERED

READER = Reader(ZoneInfo("Europe/Vienna"))
RECUSED = sit("member4", "recuse", person="member4", reason="My brother works there")


def records(history: Iterable[Happened]) -> list[Recorded]:
    """As the ledger has them, each with a hash by its number."""
    return [recorded(one).model_copy(update={"hash": f"{one.seq:064x}"}) for one in history]


def proceedings(world: World) -> Proceedings:
    """What is known of the latest review of a world, by who sees all."""
    name = world.address("committee_review")
    history, case = records(world.stream(name).history), records(world.stream(CASE).history)
    review = name.partition("/")[2]
    return Proceedings(
        id=review,
        review=world.review,
        history=history,
        case=case,
        names={one.id: one.name for one in PEOPLE},
        client_name="Acme",
        body="demo",
        address=f"https://closeout.example/v1/committee-reviews/{review}/events",
        seq=history[-1].seq,
        head=history[-1].hash,
    )


def minutes(*steps: Step | Wait, but: Callable[[Proceedings], Proceedings] = lambda told: told) -> Minutes:
    """The minutes of the review that was called, after these steps."""
    world = World(policy()).walk((*w.ESCALATED, *steps))
    return write(but(proceedings(world)), READER, world.now)


def test_the_minutes_of_a_decision_tell_who_decided_what_over_which_papers() -> None:
    made = minutes(w.vote("member2", "suspend"), *w.votes(), RECUSED, w.DECIDE)
    assert (made.draft, made.status, made.cause) == ("", "Decided", "By hand")
    assert (made.called.text, made.called.by) == ("The certificate cannot stand", "Auditor")
    assert [(one.name, one.standing) for one in made.members] == [
        ("Member1", "Sits"),
        ("Member2", "Sits"),
        ("Member3", "Sits"),
        ("Member4", "Recused"),
    ]
    [out] = made.recusals
    assert (out.person, out.reason, out.by) == ("Member4", "My brother works there", "Member4")
    assert (made.quorum, made.cast, made.sitting, made.reached) == (3, 3, 3, "Reached")
    assert [(one.by, one.choice, one.standing) for one in made.votes] == [
        ("Member2", "Suspend", REPLACED),
        ("Member1", "Extend", COUNTS),
        ("Member2", "Extend", COUNTS),
        ("Member3", "Extend", COUNTS),
    ]
    assert [(one.choice, one.votes) for one in made.tally] == [("Extend", 3)]
    assert (made.decision.choice, made.decision.reason, made.decision.by) == ("Extend", "As voted", "Member1")
    assert made.decision.conditions[0].startswith("Until ")
    assert made.decision.effect.startswith("The close-out date moves to ")
    [did] = made.effects
    assert (did.on, did.why) == (made.number, made.decision.effect)
    assert did.what.startswith("Review decided until ")
    assert [one.by for one in made.signatures] == ["Member2", "Member1", "Member2", "Member3", "Member1"]
    assert [one.seq for one in made.course] == list(range(1, made.seq + 1))
    assert made.course[-1].sha256 == made.head
    assert made.documents[0].sha256 == made.course[0].sha256


def test_a_review_that_goes_on_has_a_draft_that_says_what_is_lacking() -> None:
    made = minutes(w.vote("member1"))
    assert (made.draft, made.decision.choice, made.effects) == (DRAFT, "", ())
    assert made.lacking == ("1 of 3 votes are cast: who sits has yet to vote.",)
    assert made.reached == "Not reached"


def test_a_date_that_passed_is_told_with_what_was_lacking_then() -> None:
    made = minutes(Wait("P15D"), *w.votes(), w.DECIDE)
    assert made.overdue.text == "0 of 3 votes are cast: who sits has yet to vote."
    assert made.overdue.at
    assert minutes(*w.votes(), w.DECIDE).overdue.at == ""


def test_a_review_that_ended_without_a_decision_says_so() -> None:
    left = w.LEFT[len(w.ESCALATED) :]
    made = minutes(*left)
    assert (made.draft, made.status, made.decision.choice) == ("", "Discontinued", "")
    assert made.discontinued.text
    assert made.discontinued.at


def test_a_vote_of_who_is_recused_stays_in_the_minutes_and_does_not_count() -> None:
    made = minutes(w.vote("member4", "suspend"), RECUSED)
    assert [(one.by, one.standing) for one in made.votes] == [("Member4", VOID)]
    assert made.cast == 0


def test_who_is_recused_by_rule_is_told_so() -> None:
    world = World(policy()).walk((*w.STATES["nonconformity"]["plan_submitted"], Step("member4", "return_plan", {
        "sections": [{"section": "cause", "reason": "Too shallow."}],
    }), Step("auditor", "escalate", {"reason": "It takes too long"})))  # fmt: skip
    made = write(proceedings(world), READER, world.now)
    [out] = made.recusals
    assert (out.person, out.reason, out.by) == ("Member4", "took part in the case", BY_RULE)
    documents = [one.what for one in made.documents]
    assert documents[0] == "The call, event 1 of the review"
    assert documents[1].startswith(f"The record of {made.number} up to its event ")
    assert documents[2] == "Corrective action plan, version 1"


def test_who_else_could_sit_where_too_few_do_is_who_does_not_sit_yet() -> None:
    seats = sit("scheme_manager", "convene", members=["member1", "member2"])
    assert minutes(seats).could_sit == "Member3, Member4"
    stand_back = [sit(who, "recuse", person=who, reason="So") for who in ("member3", "member4")]
    assert minutes(*stand_back).could_sit == NOBODY
    assert minutes().could_sit == ""


def test_a_decision_on_a_certificate_that_is_not_registered_is_told_in_each_format_as_that() -> None:
    made = minutes(*w.votes("withdraw_certificate"), w.DECIDE)
    assert made.decision.effect == "The certificate is to be withdrawn."
    [did] = made.effects
    assert did.why == f"{made.decision.effect} {UNREGISTERED}"
    for text in (said(pdf(made)), " ".join(written(docx(made, ours(Minutes, "docx").read_bytes())).split())):
        assert "".join(UNREGISTERED.split()) in "".join(text.split())


def test_what_came_after_the_decision_lay_before_nobody() -> None:
    late = Step("owner", "attach_evidence", {"shows": ["a1"], "name": "late.pdf", "sha256": "ab" * 32,
                                             "media_type": "application/pdf"})  # fmt: skip
    planned = (*w.STATES["nonconformity"]["plan_submitted"], Step("auditor", "escalate", {"reason": "So"}))
    for steps, lay in (((late, *w.votes(), w.DECIDE), True), ((*w.votes(), w.DECIDE, Wait("P1D"), late), False)):
        world = World(policy()).walk((*planned, *steps))
        told = write(proceedings(world), READER, world.now)
        assert ("Evidence: late.pdf" in {one.what for one in told.documents}) is lay


def test_who_does_not_see_the_case_is_told_of_the_review_alone() -> None:
    made = minutes(*w.votes(), w.DECIDE, but=lambda told: replace(told, case=()))
    assert (made.called.text, made.called.by) == ("The certificate cannot stand", "")
    assert [one.what for one in made.documents] == ["The call, event 1 of the review"]
    assert made.effects == ()
    assert made.decision.choice == "Extend"


def test_an_erased_event_is_told_as_such_by_its_hash() -> None:
    def without(told: Proceedings) -> Proceedings:
        bare = [one.model_copy(update={"data": None}) if one.type.endswith("voted") else one for one in told.history]
        return replace(told, history=bare)

    made = minutes(*w.votes(), w.DECIDE, but=without)
    assert made.votes == ()
    assert [one.what for one in made.course if one.what.startswith("Voted")] == ["Voted (erased)"] * 3
    assert all(one.sha256 for one in made.course)


def test_certificates_are_those_that_the_decision_of_this_review_touched() -> None:
    def event(review: str, *keys: str) -> Recorded:
        world = World(policy()).walk(w.decided("suspend"))
        [one] = [one for one in records(world.stream(CASE).history) if one.type == "nonconformity.review_decided"]
        return one.model_copy(update={"data": {**(one.data or {}), "review": review, "certificates": list(keys)}})

    case = [event("r-1", "C-1"), event("r-2", "C-2", "C-3")]
    assert touched(case, "r-2") == ["C-2", "C-3"]
    assert touched(case, "r-3") == []


def test_what_stands_in_minutes_is_text() -> None:
    said_so = [replace(one, body={**one.body, "reason": HOSTILE}) for one in w.votes() if isinstance(one, Step)]
    made = minutes(*said_so, replace(w.DECIDE, body={**w.DECIDE.body, "reason": HOSTILE}))
    made = made.model_copy(update={"title": HOSTILE, "body": HOSTILE, "could_sit": HOSTILE, "audit": HOSTILE})
    for text in (said(pdf(made)), written(docx(made, ours(Minutes, "docx").read_bytes()))):
        for code in JUDGED:
            # Without blanks: a line may end anywhere in it.
            assert "".join(text.split()).count("".join(code.split())) >= 8, code


def test_both_templates_say_every_part_of_the_sample() -> None:
    texts = (said(pdf(SAMPLE)), " ".join(written(docx(SAMPLE, ours(Minutes, "docx").read_bytes())).split()))
    for text in texts:
        for part in ("Acme Ltd (acme)", "Max Member", "member of the audit team", "by rule", "Suspend: 1", "SA-1",
                     "One more has to vote.", "The certificate is to be suspended.", "Certificate C-1", "Draft",
                     "Two of three members have yet to vote.", "I had no part in the audit.", "Evidence: list.pdf",
                     "The client does not answer.", "committee-reviews/r-1/events", "Counts", "ab" * 32):  # fmt: skip
            assert part in text, part
