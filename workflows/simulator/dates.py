"""The dates in a stream's state, whatever its kind: deadlines, windows, terms."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Protocol

from pydantic import BaseModel

from workflows.nonconformity.case import Case
from workflows.nonconformity.deadlines import LatestSafe, latest_safe


class Due(Protocol):
    """A date that explains itself, line by line."""

    @property
    def kind(self) -> str:
        """Which of the dates of its thing it is."""
        ...

    @property
    def due_at(self) -> datetime:
        """When it is due."""
        ...

    @property
    def state(self) -> str:
        """Whether it runs, stands still, was kept or missed."""
        ...

    @property
    def explanation(self) -> tuple[str, ...]:
        """How it came about."""
        ...


_PARTS = ("kind", "due_at", "state", "explanation")


def explained(state: BaseModel) -> Mapping[str, Due]:
    """The dates of a thing that explain themselves, by kind, in the order of the state."""
    return {item.kind: item for name in type(state).model_fields for item in _dates(getattr(state, name))}


def standing(due: Due, now: datetime) -> str:
    """The state of a date at an instant: one that runs and is past is overdue."""
    return "overdue" if due.state == "running" and now > due.due_at else due.state


def safe(state: BaseModel) -> Mapping[str, LatestSafe]:
    """By when a client must act so that no date of a nonconformity is missed, by the kind of date."""
    if not isinstance(state, Case) or state.policy is None:
        return {}
    return {one.kind: one for one in latest_safe(state.deadlines, state.policy, state.zone, state.owes)}


def at(state: BaseModel, name: str) -> datetime | date | None:
    """An instant or day of a thing: of an explained date by its kind, else a field by its dotted path."""
    if (found := explained(state).get(name)) is not None:
        return found.due_at
    value: Any = state
    for part in name.split("."):
        value = getattr(value, part.replace("-", "_"), None)
    return value if isinstance(value, date) else None


def _dates(value: Any) -> tuple[Any, ...]:
    """A list of dates that explain themselves; empty for anything else. What a list holds is of one kind."""
    listed = isinstance(value, tuple) and len(value) > 0
    return value if listed and all(hasattr(value[0], part) for part in _PARTS) else ()
