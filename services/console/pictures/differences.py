"""What changed between two versions of what was signed: by place, in words, for people."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.console.frame.words import humanised

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
    was, now = (
        dict(told({name: one for name, one in value.items() if name not in _NAMES})) for value in (before, after)
    )
    places = [*now, *(place for place in was if place not in now)]
    return [Difference(place, was.get(place), now.get(place)) for place in places if was.get(place) != now.get(place)]


def told(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Each text with its place. Entries of a list go by their key, where they have one."""
    match value:
        case None | "" | [] | ():
            return
        case dict():
            for name, one in value.items():
                if name != "key":
                    yield from told(one, _below(place, humanised(name)))
        case list() | tuple() if any(isinstance(one, dict) for one in value):
            for number, one in enumerate(value, start=1):
                name = one.get("key") or one.get("name") or one.get("site") or one.get("kind") or str(number)
                yield from told(one, _below(place, str(name)))
        case list() | tuple():
            yield place, _listed(value)
        case bool():
            yield place, "yes" if value else "no"
        case _:
            yield place, str(value)


def _listed(values: Sequence[Any]) -> str:
    return "\n".join(map(str, values))


def _below(place: str, name: str) -> str:
    return f"{place} › {name}" if place else name
