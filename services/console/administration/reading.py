"""A document on trial: kept by its digest, read, and what would become of its items; nothing is recorded."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services import foreseeing, reading, reporting
from services.api.context import Api
from services.auth import Caller
from services.foreseeing import Items
from services.intake import Context, Found, Item, Rejected, Skipped
from services.intake.apart import Asked
from services.intake.profiles import Profile
from services.mentions import mention

SHOWN = 100
"""Items of a trial that are listed, what is rejected first; all of them are counted."""


@dataclass(frozen=True, slots=True)
class Told:
    """What would become of an item: `why` is its title, or why it is not taken."""

    index: int
    result: str
    external_id: str | None
    number: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What would become of a document: its format, how it was read, how many of what, and the first items."""

    format: str | None
    notes: Sequence[str]
    counts: Mapping[str, int]
    items: Sequence[Told]
    total: int


async def tried(
    api: Api, caller: Caller, document: bytes, format: str | None, media_type: str, client: str | None, profile: Any
) -> Trial:
    """Reads a document as its import would. Raises Unreadable, TooLarge, UnknownFormat and Unavailable."""
    source, limits = caller.actor.source, api.settings.bounds_at_once
    system = source or reporting.MANUAL
    context = Context(client=client or caller.actor.client, system=system, limits=limits, source=source)
    if profile is not None:
        context = replace(context, profile=Profile.model_validate(profile))
    naming = reading.registered(api.database, caller.tenant)
    batches = await reading.whole(Asked(document, context, format, media_type), api.readers, naming)
    items = [item for batch in batches for item in batch.items]
    mentions = {item.index: said for item in items if (said := mention(item, system)) is not None}
    asked = Items.model_validate({"items": list(mentions.values()), "client": client or caller.actor.client})
    foreseen = dict(zip(mentions, await foreseeing.told(api.database, caller, asked), strict=True))
    told = [_told(item, foreseen.get(item.index, {})) for item in items]
    first = sorted(told, key=lambda one: one.result != "rejected")[:SHOWN]
    counts = Counter(one.result for one in told)
    return Trial(batches[0].format if batches else None, batches[0].notes if batches else (), counts, first, len(items))


def _told(item: Item, receipt: Mapping[str, Any]) -> Told:
    problem = (receipt.get("problem") or {}).get("detail")
    number = receipt.get("number")
    match item:
        case Found():
            named, said = item.finding.source.external_id, item.finding.title
            return Told(item.index, str(receipt.get("result", "created")), named, number, problem or said)
        case Skipped():
            return Told(
                item.index, str(receipt.get("result", "skipped")), item.external_id, number, problem or item.reason
            )
        case Rejected():
            said = "; ".join(f"{one.pointer}: {one.detail}" if one.pointer else one.detail for one in item.problems)
            return Told(item.index, "rejected", item.external_id, None, said)
