"""What one event of a record says, in words: its data line by line, and what a signature in it was put under."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from activities.ledger.protocol import Recorded
from services.console.frame.explaining import effect, limit
from services.console.frame.words import valued
from services.console.pictures.differences import leaves
from workflows.canonical import digest
from workflows.decider import Happened, kind_of
from workflows.registry import PROCEDURES, REGISTRY

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_DATES = "deadlines"
_TOLD: Mapping[str, Callable[[str], str]] = {"limit": limit, "effect": effect}
"""What the rules wrote themselves, by its field."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that an event says, and where in it; `at` where that is an instant, `why` of a date that says that."""

    place: str
    text: str
    at: datetime | None = None
    why: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """An event in words. `dates` are all dates as it left them, `content` what was signed with it, None for nothing."""

    event: Recorded
    lines: Sequence[Line]
    dates: Sequence[Line]
    content: Any


def said(history: Sequence[Recorded], event: Recorded) -> Said:
    """What an event of a history says; an erased one says nothing."""
    data = event.data or {}
    plain = {name: one for name, one in data.items() if name != _DATES}
    return Said(event, list(_lines(plain)), list(_lines(data.get(_DATES) or [])), _signed(history, event))


def _lines(value: Any) -> Iterator[Line]:
    for place, field, found in leaves(value):
        if field == "explanation":
            yield Line(place, "", why=found)
            continue
        for one in found if isinstance(found, list) and all(map(_instant, found)) else [found]:
            yield Line(place, _TOLD.get(field, partial(valued, field))(one), _instant(one))


def _instant(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) and _INSTANT.fullmatch(value) else None


def _signed(history: Sequence[Recorded], event: Recorded) -> Any:
    """What a signature was put under, folded anew of what was there before; None unless its digest is the signed one.

    What is erased from a record can be folded no more: then there may be nothing to show.
    """
    signature = (event.data or {}).get("signature")
    if not isinstance(signature, Mapping):
        return None
    law, state = REGISTRY.of(event.stream), REGISTRY.of(event.stream).initial()
    for one in history:
        if one.command_id == event.command_id or one.seq >= event.seq:
            break
        if one.data is not None:
            decoded = REGISTRY.decode(one.type, one.v, one.data)
            state = law.evolve(state, Happened(decoded, one.seq, one.at, one.actor, event.stream))
    meant = [row.signs for row in PROCEDURES[kind_of(event.stream)].rows if row.meaning == signature.get("meaning")]
    contents = (signs(state) for signs in meant if signs is not None)
    return next((one for one in contents if digest(one) == signature.get("content_sha256")), None)
