"""How folds are kept, and what several of them do."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeVar

from workflows.decider import Event, Happened
from workflows.grades import Grade
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity.case import Case
from workflows.nonconformity.deadlines import Deadline
from workflows.nonconformity.parts import Deferral, Escalation

E = TypeVar("E", bound=Event)
Folds: TypeAlias = dict[type[Event], Callable[[Case, Any, Happened], dict[str, Any]]]
"""By event: the fields of the case that it changes."""


def folds(kept: Folds, event: type[E]) -> Callable[[Callable[[Case, E, Happened], dict[str, Any]]], None]:
    """Keeps a function as the fold of an event."""

    def register(fold: Callable[[Case, E, Happened], dict[str, Any]]) -> None:
        kept[event] = fold

    return register


def still(case: Case, happened: Happened) -> dict[str, Any]:
    """An ended case has no running clock, no open request and no review that it waits for."""
    stopped = clocks.end_all(case.deadlines, happened.at, "the nonconformity ended", case.zone)
    return {
        "deadlines": stopped,
        "extension": None,
        "escalation": left(case),
        "deferral": None,
        "ended_at": happened.at,
    }


def deferral(case: Case, grade: Grade, deadlines: Sequence[Deadline]) -> Deferral | None:
    """What a case waits for by its dates: the next audit, where the policy puts a minor's close-out there.

    A deferral that somebody decided on stays with a minor; a major waits for no audit.
    """
    closure = next((deadline for deadline in deadlines if deadline.kind == "closure"), None)
    if grade != "minor":
        return None
    if case.deferral is not None or closure is None or closure.latest_at is None:
        return case.deferral
    return Deferral(audit=None, reason="the policy's close-out is at the next audit", latest=closure.latest_at)


def left(case: Case) -> Escalation | None:
    """The escalation of a case that ended: a review that has not decided is left."""
    if case.escalation is None or case.escalation.state != "under_review":
        return case.escalation
    return case.escalation.model_copy(update={"state": "left"})
