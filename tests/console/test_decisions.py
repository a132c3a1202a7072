"""What was decided on a case is told by its parts: in English by documents, in the reader's language by pages."""

from datetime import UTC, date, datetime
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from babel.support import NullTranslations

from services.console.frame import catalogue
from services.console.frame.here import Here
from services.reports import deciding
from services.reports.wording import Reader
from workflows.decider import Event
from workflows.grades import Grade
from workflows.nonconformity import events as e
from workflows.nonconformity.commands import (
    Choice,
    DeadlineKind,
    FollowUpResult,
    Outcome,
    PlanSection,
    ReturnedEvidence,
    ReturnedSection,
    Wanted,
)
from workflows.procedure import Signed

UTRECHT = ZoneInfo("Europe/Amsterdam")
AT = datetime(2026, 7, 1, 10, tzinfo=UTC)

SIGNED = Signed(by="member1", content_sha256="0" * 64, meaning="So.")
DECIDED = e.ReviewDecided(review="r", choice="suspend", effect="So.", reason="Why.", until=None, deadlines=())
EXTENDED = DECIDED.model_copy(update={"choice": "extend", "until": AT})
RETURNED = e.PlanReturned(
    version=2, round=1, sections=(ReturnedSection(section="cause", reason="A symptom."),), deadlines=()
)
SENT_BACK = e.EvidenceReturned(
    to="plan", round=3, sections=(ReturnedEvidence(shows="correction", reason="No."),), deadlines=()
)
FOLLOWED = e.FollowUpRecorded(on=date(2026, 7, 1), result="not_effective", statement="It came again.", deadlines=())
UPHELD = e.AppealDecided(review="r", outcome="upheld", reason="It is so.", signature=SIGNED, deadlines=())


class Loud(NullTranslations):
    """A language in which all is said loudly, but for the places of facts."""

    def gettext(self, message: str) -> str:
        """Loudly."""
        return "%".join(
            part if number and part.startswith("(") else part.upper() for number, part in enumerate(message.split("%"))
        )


@pytest.mark.parametrize(
    ("event", "document", "page"),
    [
        (DECIDED, ("Decided: suspend", "Why."), ("DECIDED: SUSPEND", "Why.")),
        (
            EXTENDED,
            ("Decided: extend until 1 Jul 2026, 12:00 CEST", "Why."),
            ("DECIDED: EXTEND until 1 Jul 2026, 12:00", "Why."),
        ),
        (
            RETURNED,
            ("Plan 2 returned, round 1", "Cause: A symptom."),
            ("PLAN 2 returned, round 1", "CAUSE: A symptom."),
        ),
        (
            SENT_BACK,
            ("Returned to the plan, round 3", "correction: No."),
            ("RETURNED TO THE PLAN, round 3", "correction: No."),
        ),
        (
            FOLLOWED,
            ("Follow-up audit of 1 Jul 2026: not effective", "It came again."),
            ("FOLLOW-UP AUDIT OF 1 Jul 2026: NOT EFFECTIVE", "It came again."),
        ),
        (UPHELD, ("Appeal upheld", "It is so."), ("APPEAL UPHELD", "It is so.")),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_decision_is_told_to_documents_and_in_the_readers_language(
    monkeypatch: pytest.MonkeyPatch, event: Event, document: tuple[str, str], page: tuple[str, str]
) -> None:
    monkeypatch.setattr(catalogue, "_CATALOGUE", Loud())
    assert deciding.decided(event, Reader(UTRECHT)) == document
    assert deciding.decided(event, Here(UTRECHT)) == page


def test_every_place_of_a_text_is_told_by_its_event() -> None:
    for event, (texts, why) in deciding.TELLS.items():
        names = {name.partition(".")[0] for text in texts for name in deciding.PLACE.findall(text)}
        assert names | ({why} if why else set()) <= event.model_fields.keys(), event


def test_every_value_that_a_decision_has_is_called_something() -> None:
    values = {"grade": Grade, "deadline": DeadlineKind, "outcome": Outcome, "wanted": Wanted, "choice": Choice}
    assert {name: {*get_args(known)} for name, known in (values | {"result": FollowUpResult}).items()} == {
        name: set(words) for name, words in deciding.WORDS.items() if name != "to"
    }
    assert set(deciding.SECTIONS) == {*get_args(PlanSection)}
