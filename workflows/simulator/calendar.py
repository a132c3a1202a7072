"""The calendar of a life: everything that happened to anything, when, by whom, and why, line by line."""

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from workflows.decider import Event, Happened, kind_of
from workflows.durations import Duration
from workflows.people import Frozen
from workflows.registry import DECIDERS, PROCEDURES
from workflows.sentences import Fact, Parts, Sentence, Told, Value
from workflows.simulator import dates
from workflows.simulator.world import Turn, Unheard, World

BY: Mapping[str, Sentence] = {"clock": Sentence("the clock"), "reaction": Sentence("by reaction")}
"""Who does what nobody does."""

SHORT = 80
"""How long a text may be to stand in a line."""


class Line(Frozen):
    """Something that happened: to which `thing` (a word on its `stream`), what, `by` whom, and why.

    `cause` is a person's or machine's command, the clock, another stream's event, or a command that was refused.
    `idle` is for what happens after the last step, while nobody acts.
    """

    at: datetime
    thing: Told
    stream: str
    event: str
    what: Told
    by: Told
    cause: Literal["command", "clock", "reaction", "refused"]
    why: tuple[str, ...]
    idle: bool = False

    def text(self, zone: ZoneInfo) -> str:
        """The line without its reasons."""
        return f"{self.at.astimezone(zone):%Y-%m-%d %H:%M} {self.thing}: {self.what} ({self.by})"


class Refused(Frozen):
    """A step that was refused, as expected or not, after so many `turns`."""

    at: datetime
    turns: int
    stream: str
    who: str
    command: str
    code: str
    detail: str


class DateLeft(Frozen):
    """A date of a thing, as it stands; `safe_until` is by when the client must act so that no date is missed."""

    kind: str
    due_at: datetime
    state: str
    explanation: tuple[str, ...]
    safe_until: datetime | None = None
    safe_because: tuple[str, ...] = ()


class Left(Frozen):
    """A thing as somebody leaves it: its status, its dates, and when the clock would wake it."""

    thing: Told
    stream: str
    status: str
    dates: tuple[DateLeft, ...]
    wake_up: datetime | None


def lines(world: World, refused: Iterable[Refused], zone: ZoneInfo, last: int | None = None) -> list[Line]:
    """The whole calendar, in order; what comes after the first `last` turns is idle."""
    waiting = list(refused)
    found: list[Line] = []
    for number, turn in enumerate(world.turns):
        while waiting and waiting[0].turns <= number:
            found.append(_refused(world, waiting.pop(0)))
        found += _told(turn, zone, idle=last is not None and number >= last)
    found += [_refused(world, one) for one in waiting]
    return found + [_unheard(world, one) for one in world.unheard]


def left(world: World) -> list[Left]:
    """Everything that still lives, as it stands."""
    return [
        Left(
            thing=called(stream.name, stream.state),
            stream=stream.name,
            status=world.status(stream.name),
            dates=_dates_left(stream.state, world.now),
            wake_up=stream.due,
        )
        for stream in world.streams.values()
        if stream.history and DECIDERS[kind_of(stream.name)].lives(stream.state)
    ]


def _dates_left(state: BaseModel, now: datetime) -> tuple[DateLeft, ...]:
    safe = dates.safe(state)
    return tuple(
        DateLeft(
            kind=kind,
            due_at=due.due_at,
            state=dates.standing(due, now),
            explanation=due.explanation,
            safe_until=safe[kind].at if kind in safe else None,
            safe_because=safe[kind].explanation if kind in safe else (),
        )
        for kind, due in dates.explained(state).items()
    )


def called(stream: str, state: Any) -> str:
    """What a thing is called: a case by its number, a review by that of its case, anything else by its key."""
    kind, _, key = stream.partition("/")
    if kind == "nonconformity":
        return getattr(state, "number", None) or Sentence("finding {key}", key=key)
    if kind == "committee_review":
        papers = getattr(state, "papers", None)
        return Sentence("review of {number}", number=papers.number if papers else key)
    return Sentence("{thing} {key}", thing=PROCEDURES[kind].thing, key=key)


def _told(turn: Turn, zone: ZoneInfo, *, idle: bool) -> Iterator[Line]:
    cause: Literal["command", "clock", "reaction"] = (
        "clock" if turn.command is None else "reaction" if turn.actor.kind == "reaction" else "command"
    )
    moved = _moved(turn.before, turn.after)
    for happened in turn.happened:
        own = _of_date(happened.event, turn.after)
        why = own or (moved if happened is _bearer(turn.happened) else ())
        yield Line(
            at=turn.at,
            thing=called(turn.stream, turn.after),
            stream=turn.stream,
            event=happened.event.type,
            what=_what(happened.event, zone),
            by=BY.get(cause) or Fact(turn.actor.id, Value("role", turn.actor.id)),
            cause=cause,
            why=why or (_meaning(happened.event),),
            idle=idle,
        )


def _moved(before: BaseModel, after: BaseModel) -> tuple[str, ...]:
    """What the dates of a thing say now that they did not say before."""
    known = dates.explained(before)
    return tuple(
        f"{kind}: {line}"
        for kind, due in dates.explained(after).items()
        for line in due.explanation[len(known[kind].explanation) if kind in known else 0 :]
    )


def _bearer(happened: Sequence[Happened]) -> Happened:
    """The event of a turn that tells of its dates: the last that carries any, else the first."""
    carrying = [one for one in happened if {"deadlines", "clocks"} & type(one.event).model_fields.keys()]
    return carrying[-1] if carrying else happened[0]


def _of_date(event: Event, state: BaseModel) -> tuple[str, ...]:
    """Of an event about one date that came: how that date came about."""
    kind = getattr(event, "deadline", None) or getattr(event, "clock", None)
    found = dates.explained(state).get(str(kind))
    return found.explanation if found and hasattr(event, "due_at") else ()


def _what(event: Event, zone: ZoneInfo) -> str:
    words = Fact(event.type.partition(".")[2].replace("_", " "), Value("event", event.type))
    fields = type(event).model_fields
    told = tuple(text for name in fields if (text := _detail(name, getattr(event, name), zone)))
    return Sentence("{event}: {details}", event=words, details=Fact(", ".join(told), Parts(told))) if told else words


def _detail(name: str, value: object, zone: ZoneInfo) -> str:
    """A field of an event in a line: short texts, dates and numbers; nothing for what is long, empty or nested."""
    field = Fact(name.replace("_", " "), Value("field", name))
    match value:
        case bool():
            return field if value else ""
        case datetime():
            at = Fact(f"{value.astimezone(zone):%Y-%m-%d %H:%M:%S}", value)
            return Sentence("{field} {value}", field=field, value=at)
        case date() | int():
            return Sentence("{field} {value}", field=field, value=value)
        case Duration():
            return Fact(str(value), value)
        case str() if value and len(value) <= SHORT and not name.endswith("sha256") and name not in ("review", "zone"):
            return Fact(value, Value(name, value))
    return ""


def _meaning(event: Event) -> str:
    """What an event of this type means: the first sentence on it."""
    return (inspect.getdoc(type(event)) or "").partition("\n")[0]


def _refused(world: World, one: Refused) -> Line:
    return Line(
        at=one.at,
        thing=called(one.stream, world.state(one.stream)),
        stream=one.stream,
        event="",
        what=Sentence("{command} refused: {code}", command=one.command, code=one.code),
        by=one.who,
        cause="refused",
        why=(one.detail,),
    )


def _unheard(world: World, one: Unheard) -> Line:
    return Line(
        at=one.at,
        thing=called(one.reaction.stream, world.state(one.reaction.stream)),
        stream=one.reaction.stream,
        event="",
        what=Sentence("{command} refused: {code}", command=one.reaction.name, code=one.refused.code),
        by=BY["reaction"],
        cause="refused",
        why=(one.refused.detail,),
    )
