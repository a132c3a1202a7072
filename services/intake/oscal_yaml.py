"""OSCAL in YAML, as the JSON value that says the same. Every scalar is the text that stands there.

OSCAL's fields are texts, and YAML 1.1 takes `no`, `on`, `1.10` and `2024-01-01` for something else: here they stay.
Read from events, one after the other: no object of another kind is made, and an alias counts as all that it repeats.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from services.intake import text
from services.intake.items import Limits, TooLarge, Unreadable

_CORE = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("bool", "float", "int", "map", "null", "seq", "str", "timestamp")
)
_NOTHING = frozenset({"", "~"})


def value(content: str, limits: Limits) -> Any:
    """The one document's value, strings, lists and objects. Raises Unreadable with its line, and TooLarge."""
    reader = _Reader(limits)
    try:
        for event in _events(content):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
        raise Unreadable("not_yaml", f"{_sentence(error)}.", line=line, column=column) from None
    except yaml.YAMLError as error:
        raise Unreadable("not_yaml", f"{str(error).splitlines()[0][:200]}.", path="") from None
    return reader.value


def _events(content: str) -> Iterator[yaml.Event]:
    return yaml.parse(content, Loader=yaml.CSafeLoader)


def _sentence(error: yaml.MarkedYAMLError) -> str:
    parts = [part for part in (error.context, error.problem) if part]
    return ", ".join(parts)[:200].capitalize() or "This is no YAML"


@dataclass(frozen=True, slots=True)
class _Known:
    """What an anchor names: a value, of how many values and characters it is, and how deep it nests."""

    value: Any
    count: int
    characters: int
    depth: int


@dataclass(slots=True)
class _Open:
    """A list or an object that has not ended. In an object every second value is a key."""

    event: yaml.Event
    mapping: bool
    count: int
    characters: int
    entries: list[Any] = field(default_factory=list)
    depth: int = 1


class _Reader:
    """The value that the events so far have made."""

    def __init__(self, limits: Limits) -> None:
        self.limits, self.documents = limits, 0
        self.count = self.characters = 0
        self.value: Any = None
        self._open: list[_Open] = []
        self._known: dict[str, _Known] = {}

    def take(self, event: yaml.Event) -> None:
        """The next event."""
        match event:
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    self._refuse(event, "not_yaml", "A second document follows the first")
            case yaml.ScalarEvent():
                self._checked(event)
                bare = event.implicit[0] and event.style in (None, "")
                self._key(event, event.value, bare=bare)
                self._counted(1, len(event.value), 0)
                self._put(event, None if bare and event.value in _NOTHING else event.value, 1, len(event.value), 0)
            case yaml.AliasEvent():
                known = self._known.get(event.anchor or "")
                if known is None:
                    detail = f"The alias {(event.anchor or '')[:40]!r} names nothing that ended before"
                    self._refuse(event, "not_yaml", detail)
                self._key(event, known.value, bare=False)
                self._counted(known.count, known.characters, known.depth)
                self._put(event, known.value, known.count, known.characters, known.depth)
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                self._checked(event)
                self._key(event, None, bare=False)
                mapping = isinstance(event, yaml.MappingStartEvent)
                self._open.append(_Open(event, mapping, self.count, self.characters))
                self._counted(1, 0, 0)
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                done = self._open.pop()
                made: Any = done.entries
                if done.mapping:
                    made = text.unique(list(zip(done.entries[::2], done.entries[1::2], strict=True)))
                self._put(done.event, made, self.count - done.count, self.characters - done.characters, done.depth)

    def _put(self, event: yaml.Event, made: Any, count: int, characters: int, depth: int) -> None:
        if not isinstance(event, yaml.AliasEvent) and (anchor := getattr(event, "anchor", None)):
            self._known[anchor] = _Known(made, count, characters, depth)
        if not self._open:
            self.value = made
            return
        holder = self._open[-1]
        holder.entries.append(made)
        holder.depth = max(holder.depth, depth + 1)

    def _counted(self, count: int, characters: int, depth: int) -> None:
        self.count += count
        self.characters += characters
        if self.count > self.limits.values:
            detail = f"The document has more than {self.limits.values:,} values, each alias counted in full."
            raise TooLarge("too_many_values", detail)
        if self.characters > self.limits.inflated:
            detail = f"The document's texts add up to more than {self.limits.inflated:,} characters with its aliases."
            raise TooLarge("inflates_too_far", detail)
        if len(self._open) + depth > self.limits.depth:
            raise TooLarge("too_deep", f"The document nests deeper than {self.limits.depth} levels.")

    def _key(self, event: yaml.Event, said: Any, *, bare: bool) -> None:
        """Refuses what cannot be the key of an object, where one is due; `<<` would be half of an object's fields."""
        if not self._open or not self._open[-1].mapping or len(self._open[-1].entries) % 2:
            return
        if not isinstance(said, str):
            self._refuse(event, "not_yaml", "A key is a text")
        if bare and said == "<<":
            self._refuse(event, "merge_key", "YAML 1.2 has no merge key (<<)")

    def _checked(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.tag is not None and event.tag not in _CORE | {"!"}:
            self._refuse(event, "yaml_tag", f"The tag {event.tag[:80]!r} is for none of JSON's kinds")

    def _refuse(self, event: yaml.Event, code: str, what: str) -> NoReturn:
        line, column = (mark.line + 1, mark.column + 1) if (mark := event.start_mark) else (None, None)
        raise Unreadable(code, f"{what}.", line=line, column=column)
