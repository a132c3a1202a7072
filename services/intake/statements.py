"""What a document says of a finding that it states more than once: one thing, so that it changes a case once at most.

The last statement counts, wherever the others stand. The ledger would take one after the other for news, each time that
the document comes again. A client may be called by its key here, by a name of it there: who knows clients is asked.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from services.intake.items import Context, Found, Item, Reason, Skipped
from workflows.findings import Flag, differing, joined

GONE: frozenset[Reason] = frozenset({"passed", "resolved", "suppressed", "archived"})
"""Why an item is skipped whose source finds it no more (`commands.Passed`); the other reasons say nothing of a case."""

RESTATED = Flag(code="restated", pointer="")
"""That an item says what another one of its document says of the same finding, in place of its own words."""

Statement: TypeAlias = Found | Skipped
Reference: TypeAlias = tuple[str | None, str, str | None]
"""Source, external id and client of a finding."""

Naming: TypeAlias = Callable[[frozenset[str]], Mapping[str, str]]
"""Answers the keys of clients by what a document calls them; without those that nobody knows."""


def strangers(_: frozenset[str]) -> Mapping[str, str]:
    """The answer of who knows no client."""
    return {}


@dataclass(slots=True)
class Said:
    """What is said of one finding so far: the statement that counts, the latest instant that any states, the places.

    What states a part of it counts together with what was stated of the rest.
    """

    counts: Statement
    at: datetime | None
    places: list[int] = field(default_factory=list)

    def hear(self, one: Statement) -> None:
        """One more statement, further on in the document.

        What is older than another by its own word does not count; nor what passed, where it was found at the same
        instant. What states no instant is of the document's, which has but one.
        """
        if one.revision is not None and self.at is not None and one.revision < self.at:
            return
        later = one.revision is not None and self.at is not None and one.revision > self.at
        if later or isinstance(one, Found) or isinstance(self.counts, Skipped):
            self.counts, self.at = _together(self.counts, one), one.revision or self.at


def _together(before: Statement, one: Statement) -> Statement:
    if not isinstance(before, Found) or not isinstance(one, Found) or one.part is None:
        return one
    return replace(
        one,
        finding=joined(before.finding, one.finding, one.part),
        flags=tuple(dict.fromkeys((*before.flags, *one.flags))),
        escaped=tuple(dict.fromkeys((*before.escaped, *one.escaped))),
        part=None if before.part is None else before.part | one.part,
    )


def settled(items: Iterable[Item], context: Context, naming: Naming = strangers) -> Iterator[Item]:
    """The items of a document, each saying of its finding what the document says of it; in memory, all at once.

    Findings that are stated otherwise further on are flagged `restated`. What the document both finds and finds no more
    is one of the two, and the other items of it are `superseded`.
    """
    many = list(items)
    said: dict[Reference, Said] = {}
    for place, (item, reference) in enumerate(zip(many, _references(many, context, naming), strict=True)):
        if reference is None or not isinstance(item, Statement):
            continue
        if reference in said:
            said[reference].hear(item)
        else:
            said[reference] = Said(item, item.revision)
        said[reference].places.append(place)
    for one in said.values():
        if len(one.places) > 1:
            for place in one.places:
                many[place] = _saying(one.counts, many[place])
    yield from many


def _references(items: Sequence[Item], context: Context, naming: Naming) -> list[Reference | None]:
    """What each item says something of; None for one that says nothing of a finding.

    Clients that one id of a source is told with are asked about where they are several by their names. What names none
    is of the one that the others name.
    """
    stated = [_reference(item, context) for item in items]
    called: dict[tuple[str | None, str], set[str]] = defaultdict(set)
    for one in stated:
        if one is not None and one[2] is not None:
            called[one[:2]].add(one[2])
    doubtful = frozenset(name for names in called.values() if len(names) > 1 for name in names)
    keys = naming(doubtful) if doubtful else {}

    def client(name: str) -> str:
        return keys.get(name) or name.strip().lower()

    known = {finding: {client(name) for name in names} for finding, names in called.items()}
    only = {finding: clients.pop() for finding, clients in known.items() if len(clients) == 1}

    def meant(one: Reference) -> Reference:
        finding, name = one[:2], one[2]
        return (*finding, only.get(finding) or (None if name is None else client(name)))

    return [None if one is None else meant(one) for one in stated]


def _reference(item: Item, context: Context) -> Reference | None:
    """Source, external id and client, as the document calls them."""
    match item:
        case Found(finding=finding):
            return context.source or finding.source.system, finding.source.external_id, finding.client
        case Skipped(external_id=str(external_id), reason=reason) if reason in GONE:
            return context.source or item.system or context.system, external_id.strip(), item.client or context.client
    return None


def _saying(counts: Statement, item: Item) -> Item:
    """An item that says what counts, at its own place and as brought by its own delivery."""
    match counts, item:
        case Found(), Found():
            flags = (*counts.flags, RESTATED) if differing(item.finding, counts.finding) else counts.flags
            return replace(counts, index=item.index, flags=flags, delivery=item.delivery, cells=item.cells)
        case Found(), Skipped():
            return replace(item, reason="superseded")
        case Skipped(), Found():
            return Skipped(item.index, item.finding.source.external_id, "superseded", item.revision)
    return replace(counts, index=item.index)
