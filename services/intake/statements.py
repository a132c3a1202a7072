"""What a document says of a finding that it states more than once: one thing, so that it changes a case once at most.

The last statement counts, wherever the others stand. The ledger would take one after the other for news, each time that
the document comes again.
"""

from collections.abc import Iterable, Iterator
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
"""Source, external id and client of a finding, as the document calls them."""


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


def settled(items: Iterable[Item], context: Context) -> Iterator[Item]:
    """The items of a document, each saying of its finding what the document says of it; in memory, all at once.

    Findings that are stated otherwise further on are flagged `restated`. What the document both finds and finds no more
    is one of the two, and the other items of it are `superseded`.
    """
    many = list(items)
    said: dict[Reference, Said] = {}
    for place, item in enumerate(many):
        reference = _reference(item, context)
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


def _reference(item: Item, context: Context) -> Reference | None:
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
            return replace(counts, index=item.index, flags=flags, delivery=item.delivery)
        case Found(), Skipped():
            return replace(item, reason="superseded")
        case Skipped(), Found():
            return Skipped(item.index, item.finding.source.external_id, "superseded", item.revision)
    return replace(counts, index=item.index)
