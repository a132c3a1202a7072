"""Sentences of the rules in the reader's words: their templates by the catalogue, what they hold by words and clock.

What is no sentence with parts, as what people wrote and what was recorded, is told as it stands.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from babel.lists import format_list
from babel.messages.extract import extract_python

from services.console.frame.catalogue import gettext
from services.console.frame.explaining import why
from services.console.frame.reader import LOCALE, day, moment
from services.console.frame.words import TABLES, happened, heading, humanised, lasting, word
from workflows.durations import Duration
from workflows.nonconformity.deadlines.telling import day_or_time
from workflows.sentences import Fact, Parts, Sentence, Tally, There, Value

KINDS: Mapping[str, str] = {
    "command": "command",
    "status": "status",
    "states": "status",
    "grade": "grade",
    "meant": "grade",
    "deadline": "deadline",
    "kind": "deadline",
    "state": "state",
    "stage": "stage",
    "choice": "choice",
    "standing": "recommendation",
    "roles": "role",
    "thing": "thing",
}
"""Facts of sentences that are values of the record, and of which kind."""

MODELS = frozenset({"Body", "Event", "Frozen", "Message", "SignedBody"})
"""Of which models the names of fields are headings somewhere."""


def told(text: str, zone: ZoneInfo) -> str:
    """A text of the rules, as somebody is told it whose clock runs in a zone."""
    if isinstance(text, Sentence):
        return gettext(text.says).format_map({name: _told(one, name, zone) for name, one in text.facts.items()})
    return _told(text.value, "", zone) if isinstance(text, Fact) else text


def there(at: datetime, zone: ZoneInfo) -> str:
    """An instant by the clock of a client's zone, which is named; the day alone, where it is the end of one."""
    return told(day_or_time(at, zone), zone)


def _told(value: object, name: str, zone: ZoneInfo) -> str:
    match value:
        case Sentence():
            return told(value, zone)
        case Fact():
            return _told(value.value, name, zone)
        case str() if name in KINDS:
            return _named(KINDS[name], value)
        case Value(kind, named):
            return _named(kind, named)
        case Tally(kind, counts):
            return ", ".join(f"{word(kind, one)} {count}" for one, count in counts)
        case Parts(parts, between):
            return between.join(told(one, zone) for one in parts)
        case Exception() if value.args and isinstance(value.args[0], str):
            return told(value.args[0], zone)
    return _timed(value, zone) or _listed(value, name, zone)


def _timed(value: object, zone: ZoneInfo) -> str:
    """When something is, or how long; empty of anything else."""
    match value:
        case There(at, area, whole_day):
            local = day(at.astimezone(area).date()) if whole_day else moment(at, area)
            return f"{local} ({area.key})"
        case datetime():
            return moment(value, zone)
        case date():
            return day(value)
        case Duration():
            return lasting(value)
    return ""


def _listed(value: object, name: str, zone: ZoneInfo) -> str:
    if not isinstance(value, tuple):
        return str(value)
    return str(format_list([_told(one, name, zone) for one in value], style="or", locale=LOCALE))


def _named(kind: str, value: str) -> str:
    match kind:
        case "thing" | "role":
            return word(kind, value)
        case "reason":
            return why(value)
        case "event":
            return happened(value)
        case "field":
            return humanised(value)
    return f"“{word(kind, value)}”" if kind in TABLES else value


def extract(file: BinaryIO, keywords: Any, comments: Any, options: Any) -> Iterator[Any]:
    """The texts of a Python file for Babel's catalogues: what `says` holds, and names of the record as headings.

    Beside what Babel's keywords find.
    """
    content = file.read()
    yield from extract_python(BytesIO(content), keywords, comments, options)
    for node in ast.walk(ast.parse(content)):
        match node:
            case ast.Assign(targets=[ast.Name(id="says")], value=value):
                yield from ((node.lineno, None, text, []) for text in _texts(value))
            case ast.ClassDef(bases=[ast.Name(id=base)], body=body) if base in MODELS:
                yield from ((one.lineno, None, heading(name), []) for one, name in _fields(body))
            case ast.ClassDef(bases=[ast.Name(id="StrEnum")], body=body):
                yield from ((one.lineno, None, heading(text), []) for one in body for text in _assigned(one))
            case ast.AnnAssign(target=ast.Name(id="type" | "command"), value=ast.Constant(value=str(name))):
                yield node.lineno, None, heading(name.partition(".")[2] or name), []
            case ast.Subscript(value=ast.Name(id="Literal"), slice=one):
                yield from ((node.lineno, None, heading(text), []) for text in _texts(one) if text)


def _fields(body: Sequence[ast.stmt]) -> Iterator[tuple[ast.stmt, str]]:
    for one in body:
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and one.target.id.islower():
            yield one, one.target.id


def _assigned(one: ast.stmt) -> Iterator[str]:
    return _texts(one.value) if isinstance(one, ast.Assign) else iter(())


def _texts(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=first, orelse=second):
            yield from _texts(first)
            yield from _texts(second)
        case ast.Tuple(elts=several):
            for one in several:
                yield from _texts(one)
