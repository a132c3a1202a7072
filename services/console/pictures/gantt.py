"""The corrective actions along time: from when each was planned, or may begin, to its date; and what waits for what."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date

from services.console.frame.reader import LOCALE
from services.console.pictures.names import begun
from services.console.pictures.scale import Scale, Tick
from workflows.nonconformity.parts import Action

WIDTH, LEFT, TOP, ROW = 960, 16, 30, 42

BEFORE, AFTER = timedelta(days=180), timedelta(days=3 * 365)
"""What ends so long before the first planning or after today is beyond the edge: a date in error takes no room."""


@dataclass(frozen=True, slots=True)
class Line:
    """One action: its bar, its words, `done_x` where it is done, and from when to when it goes, in words.

    `beyond` is its end where that lies beyond the picture: to the left or to the right of it, as `points` says.
    """

    key: str
    words: str
    y: int
    x: float
    width: float
    state: str
    done_x: float | None
    words_x: float
    end: str
    span: str
    beyond: str = ""
    points: int = 0


@dataclass(frozen=True, slots=True)
class Arrow:
    """What waits for what: from the end of one bar to the beginning of another."""

    x1: float
    y1: int
    x2: float
    y2: int


@dataclass(frozen=True, slots=True)
class Gantt:
    """Everything that the template draws."""

    width: int
    height: int
    now_x: float
    ticks: Sequence[Tick]
    lines: Sequence[Line]
    arrows: Sequence[Arrow]


def gantt(actions: Sequence[Action], planned_at: Mapping[str, datetime], now: datetime, zone: ZoneInfo) -> Gantt | None:
    """The picture of the actions that have a date; None where none has."""
    dated = [action for action in actions if action.due_on]
    if not dated:
        return None
    spans = {action.key: _span(action, actions, planned_at, now) for action in dated}
    first, last = min([*planned_at.values(), now]) - BEFORE, now + AFTER
    near = [now, *(at for span in spans.values() for at in span if first <= at <= last)]
    scale = Scale.over([_midnight(min(near), zone), _midnight(max(near), zone, 1)], LEFT, WIDTH - LEFT)
    steps = _steps(actions)
    ordered = sorted(dated, key=lambda action: (spans[action.key][1], steps[action.key], _natural(action.key)))
    lines = {}
    for number, action in enumerate(ordered):
        start, ended = spans[action.key]
        x = scale.x(start)
        right = x > WIDTH * 0.55
        lines[action.key] = Line(
            key=action.key,
            words=begun(f"{action.key}: {action.text}", 70),
            y=TOP + ROW * number,
            x=x,
            width=max(scale.x(ended) - x, 4),
            state="done" if action.done_on else "overdue" if ended < now else "planned",
            done_x=scale.x(ended) if action.done_on else None,
            words_x=max(scale.x(ended), x + 4) if right else x,
            end="end" if right else "start",
            span=f"{_day(start, zone)} – {_day(ended, zone)}",
            beyond="" if first <= ended <= last else _day(ended, zone),
            points=-1 if ended < first else 1,
        )
    arrows = [
        Arrow(lines[key].x + lines[key].width, lines[key].y + 28, lines[action.key].x, lines[action.key].y + 22)
        for action in ordered
        for key in action.after
        if key in lines
    ]
    return Gantt(WIDTH, TOP + ROW * len(ordered) + 8, scale.x(now), scale.days(zone), list(lines.values()), arrows)


def _span(
    action: Action, actions: Sequence[Action], planned_at: Mapping[str, datetime], now: datetime
) -> tuple[datetime, datetime]:
    """From when it was planned, or what it waits for is done or due, to when it was done, or else to its own date."""
    ended = _noon(action.done_on or action.due_on)
    waits = [_noon(one.done_on or one.due_on) for one in actions if one.key in action.after and one.due_on]
    return min(max([planned_at.get(action.key, now), *waits]), ended), ended


def _steps(actions: Sequence[Action]) -> Mapping[str, int]:
    """How many actions stand before each, one after the other: of one date, what waits is below what it waits for."""
    steps = dict.fromkeys((action.key for action in actions), 0)
    for _ in actions:  # no chain is longer, and none is a circle
        found = {one.key: max((steps[key] + 1 for key in one.after if key in steps), default=0) for one in actions}
        if found == steps:
            break
        steps = found
    return steps


def _natural(key: str) -> list[tuple[int, str]]:
    """By which keys are in the order in which people count: a2 before a10."""
    return [(int(part or 0), words) for words, part in re.findall(r"(\D*)(\d*)", key)]


def _midnight(at: datetime, zone: ZoneInfo, after: int = 0) -> datetime:
    """The beginning of a day there, or of one so many days after it."""
    return datetime.combine(at.astimezone(zone).date() + timedelta(days=after), time.min, zone)


def _day(at: datetime, zone: ZoneInfo) -> str:
    return format_date(at.astimezone(zone), "d MMM y", locale=LOCALE)


def _noon(day: date | None) -> datetime:
    return datetime.combine(day or date.min, time(12), UTC)
