"""What changed between two versions of what was signed: by place, in words, for people."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.console.frame.words import humanised, valued

_NAMES = ("nonconformity", "plan")
"""What says which version it is, and nothing that it says."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place that differs; None where it was not there."""

    place: str
    was: str | None
    now: str | None


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Where two versions differ, in the order of the later one."""
    was, now = (_told({name: one for name, one in value.items() if name not in _NAMES}) for value in (before, after))
    places = [*now, *(place for place in was if place not in now)]
    return [Difference(place, was.get(place), now.get(place)) for place in places if was.get(place) != now.get(place)]


def leaves(value: Any, place: str = "", field: str = "") -> Iterator[tuple[str, str, Any]]:
    """Each value with its place and the name of its field. Entries of a list go by their key, where they have one."""
    match value:
        case None | "" | [] | ():
            return
        case dict():
            for name, one in value.items():
                if name != "key":
                    yield from leaves(one, _below(place, humanised(name)), name)
        case list() | tuple() if any(isinstance(one, dict) for one in value):
            for number, one in enumerate(value, start=1):
                name = one.get("key") or one.get("name") or one.get("site") or valued("kind", one.get("kind") or number)
                yield from leaves(one, _below(place, str(name)), field)
        case _:
            yield place, field, value


def _told(value: Mapping[str, Any]) -> dict[str, str]:
    return {place: valued(field, one) for place, field, one in leaves(value)}


def _below(place: str, name: str) -> str:
    return f"{place} › {name}" if place else name
