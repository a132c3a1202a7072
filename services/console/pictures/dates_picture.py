"""The dates of a case as a picture: each with anchor, stops, earlier dates, reminders and the latest safe instant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from services.console.frame.reader import LOCALE
from services.console.pictures.scale import Scale, Tick
from services.console.things.history import Told
from workflows.nonconformity.case import Case
from workflows.nonconformity.deadlines import Deadline, LatestSafe, latest_safe, reminders

WIDTH, LEFT, TOP, LANE = 960, 110, 34, 50


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of a lane; `kind` is what it means, and its class."""

    kind: str
    x: float
    width: float
    title: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of a lane; `kind` is what it means, and its class."""

    kind: str
    x: float
    title: str


@dataclass(slots=True)
class Lane:
    """One date. `end` is which end of its label lies at the due date, so that it stays in the picture."""

    kind: str
    state: str
    y: int
    due_x: float
    label: str
    end: str
    bars: list[Bar] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that the template draws."""

    width: int
    height: int
    now_x: float
    ticks: Sequence[Tick]
    lanes: Sequence[Lane]


def safe_dates(case: Case) -> Mapping[str, LatestSafe]:
    """The latest safe instants by date; none where nothing is due."""
    if case.policy is None:
        return {}
    return {one.kind: one for one in latest_safe(case.deadlines, case.policy, case.zone, case.owes)}


def picture(case: Case, told: Told, now: datetime, zone: ZoneInfo) -> Picture | None:
    """The picture of a case's dates at an instant; None where it has none."""
    if not case.deadlines or case.issued_at is None:
        return None
    safe = safe_dates(case)
    instants = [case.issued_at, *(deadline.due_at for deadline in case.deadlines)]
    instants += [one.at for one in safe.values()]
    instants += [before for shifts in told.shifts.values() for _, before in shifts]
    instants.append(case.ended_at or now)
    scale = Scale.over(instants, LEFT, WIDTH - 20)
    lanes = [_lane(case, deadline, told, now, scale, zone, n, safe) for n, deadline in enumerate(case.deadlines)]
    return Picture(WIDTH, TOP + LANE * len(lanes) + 8, scale.x(now), scale.ticks(zone), lanes)


def _lane(
    case: Case,
    deadline: Deadline,
    told: Told,
    now: datetime,
    scale: Scale,
    zone: ZoneInfo,
    number: int,
    safe: Mapping[str, LatestSafe],
) -> Lane:
    begun = case.issued_at or now
    if deadline.kind not in ("correction", "plan", "evidence", "closure"):
        begun = min(deadline.set_at or begun, deadline.due_at)
    start, due = scale.x(begun), scale.x(deadline.due_at)
    lane = Lane(
        kind=deadline.kind,
        state=deadline.standing(now),
        y=TOP + LANE * number,
        due_x=due,
        label=_day(deadline.due_at, zone),
        end="end" if due > LEFT + 120 else "start",
    )
    lane.bars.append(Bar("span", start, max(due - start, 1)))
    ended = deadline.met_at or (now if deadline.state == "running" else None)
    if ended is not None and ended > begun:
        until = min(scale.x(ended), due)
        lane.bars.append(Bar("gone", start, max(until - start, 1)))
        if scale.x(ended) > due:
            lane.bars.append(Bar("over", due, scale.x(ended) - due))
    for since, resumed in told.stops.get(deadline.kind, ()):
        title = f"{_day(since, zone)} – {_day(resumed, zone) if resumed else '…'}"
        lane.bars.append(Bar("stop", scale.x(since), max(scale.x(resumed or now) - scale.x(since), 2), title))
    lane.marks.append(Mark("anchor", start, _day(begun, zone)))
    if case.policy is not None and deadline.state == "running":
        lane.marks += [
            Mark("reminder", scale.x(at), _day(at, zone)) for _, at in reminders(deadline, case.policy, case.zone)
        ]
    for _, before in told.shifts.get(deadline.kind, ()):
        lane.marks.append(Mark("before", scale.x(before), _day(before, zone)))
    if deadline.kind in safe:
        lane.marks.append(Mark("safe", scale.x(safe[deadline.kind].at), _day(safe[deadline.kind].at, zone)))
    if deadline.limit_at is not None and deadline.limit_at <= scale.last:
        lane.marks.append(Mark("limit", scale.x(deadline.limit_at), _day(deadline.limit_at, zone)))
    if deadline.met_at is not None:
        lane.marks.append(Mark("met", scale.x(deadline.met_at), _day(deadline.met_at, zone)))
    return lane


def _day(at: datetime, zone: ZoneInfo) -> str:
    return format_date(at.astimezone(zone), "d MMM y", locale=LOCALE)
