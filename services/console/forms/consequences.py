"""What a command causes besides, told at its form before one gives it: as its row says of the state. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import get_args
from zoneinfo import ZoneInfo

from services.console.forms.fields import Advice, Note
from services.console.frame.catalogue import gettext, ngettext
from services.console.frame.telling import there
from services.console.frame.words import lasting, word
from workflows.decider import Event
from workflows.grades import Grade
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.given import policy_of
from workflows.nonconformity.records.grading import regraded
from workflows.procedure import Row


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows: `said` in full, `short` beside the button that causes it."""

    said: str
    short: str


def consequences(case: Case, row: Row) -> Sequence[Consequence]:
    """What follows from a command on a case besides what it is for."""
    if case.policy is None:
        return ()  # nothing was issued yet
    return [WORDS[one.event](case, row.command) for one in row.also if one.holds(case)]


def advice_of_grade(case: Case, command: str, now: datetime) -> Mapping[str, Advice]:
    """What is said of each grade that a case can be given: which dates it would have then."""
    if command != "regrade" or case.policy is None or case.anchors is None:
        return {}
    grades: Sequence[Grade] = get_args(Grade)
    return {"grade": Advice(notes={grade: Note(_dates(case, grade, now)) for grade in grades if grade != case.grade})}


def _dates(case: Case, grade: Grade, now: datetime) -> str:
    if not policy_of(case).is_for(grade):
        return gettext("Its dates are counted anew by another policy: the present one is not for this grade.")
    area = ZoneInfo(case.zone)
    dates = [one for one in regraded(case, grade, "", now).deadlines if one.state in ("running", "stopped")]
    if not dates:
        return gettext("No date runs then.")
    told = "; ".join(f"{word('deadline', one.kind)} {there(one.due_at, area)}" for one in dates)
    return gettext("Its dates are counted anew: %(dates)s") % {"dates": told}


def _voided(case: Case, command: str) -> Consequence:
    match command:
        case "record_correction":
            said = gettext(
                "The plan is accepted. Any change of the correction but a date filled in voids the acceptance:"
            )
        case "revise_action":
            said = gettext(
                "The plan is accepted. Any change of an action but a date at most %(tolerance)s later than was "
                "accepted voids the acceptance:"
            ) % {"tolerance": lasting(policy_of(case).tolerance)}
        case _:
            said = gettext("The plan is accepted. This voids the acceptance:")
    then = gettext("the case is open again, and the plan has to be submitted by the approver and accepted anew.")
    if case.status == "evidence_submitted":
        then = f"{then} {gettext('So has the evidence that is under review.')}"
    if command in ("record_correction", "revise_action"):
        return Consequence(f"{said} {then}", gettext("May void the acceptance of the plan"))
    return Consequence(f"{said} {then}", gettext("Voids the acceptance of the plan"))


def _called(case: Case, command: str) -> Consequence:
    limit = policy_of(case).round_limit
    said = ngettext(
        "The policy allows %(num)s return: another one calls the certification committee.",
        "The policy allows %(num)s returns: another one calls the certification committee.",
        limit,
    )
    if case.dispute is not None and case.dispute.state == "open":
        said = f"{said} {gettext('It is called when the dispute is decided.')}"
    if command == "record_follow_up":
        return Consequence(said, gettext("Calls the committee where it was not effective"))
    return Consequence(said, gettext("Calls the committee"))


WORDS: Mapping[type[Event], Callable[[Case, str], Consequence]] = {
    e.AcceptanceVoided: _voided,
    e.Escalated: _called,
}
"""By the event that follows."""
