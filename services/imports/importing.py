"""The activity that reads a document and records its items, and goes on where another try was broken off.

The ledger is the truth: each item's command id is made of the import and its place, so that a batch whose receipts were
lost is answered as it was the first time, and doubles nothing.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog
from pydantic_core import to_json
from temporalio import activity

from activities.beats import beating
from activities.directory import documents, imports
from activities.directory.imports import Import, Overtaken
from activities.engine import Engine
from activities.ledger.database import Database
from activities.recording import Recording
from services.auth import Caller
from services.imports.lane import Lane
from services.intake import Context, Found, Item, Limits, TooLarge, UnknownFormat, Unreadable
from services.intake.apart import Asked, Batch
from services.intake.profiles import Profile
from services.nudges import MANY_AT_ONCE, Nudges
from services.problems import unread
from services.readers import Spare
from services.reading import Ahead, registered
from services.receiving import Received, Receiving
from services.reporting import Delivery, Entry
from workflows.canonical import escape
from workflows.stubs import Address

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Done:
    """A batch that is recorded: from which place of the document on, as which format it was read, and how."""

    place: int
    read_as: str
    notes: Sequence[str]
    received: Received


@dataclass(frozen=True, slots=True)
class Importing:
    """Imports over one ledger, its database and one engine; `spare` is the reader of the next document."""

    recording: Recording
    database: Database
    engine: Engine
    limits: Limits
    spare: Spare = field(default_factory=Spare)

    def activities(self) -> list[Callable[..., Any]]:
        """What a worker registers."""
        return [self.import_document]

    @activity.defn(name="import_document")
    async def import_document(self, address: Address) -> None:
        """Records what the document holds beyond the receipts that are kept; nothing for an import that has ended."""
        tenant, name = address.tenant, address.stream.partition("/")[2]
        async with beating():
            one = await imports.begin(self.database, tenant, name)
            if one is None:
                return
            nudges = Nudges(self.engine, MANY_AT_ONCE)
            # Another try of the same import has overtaken this one, and ends it.
            with suppress(Overtaken):
                await self._import(tenant, one, nudges)
            await nudges.done()
            self.spare.prepare()

    async def _import(self, tenant: str, one: Import, nudges: Nudges) -> None:
        receiving = Receiving(self.recording, self.database)
        delivery = Delivery(
            caller=Caller(tenant, one.actor, one.may_create_clients),
            at=one.received_at,
            request_id=f"import:{one.id}",
            new_id=one.id,
            key=f"import:{one.id}",
            single=False,
            document=one.document,
            client=one.client,
        )

        document = await documents.find(self.database, tenant, one.document)
        naming = registered(self.database, tenant)
        ahead = Ahead(_asked(document, one, self.limits), self.spare, naming)

        async def keep(done: Done) -> bool:
            nudges.start(tenant, done.received.born)
            receipts = [(entry.result, _told(entry)) for entry in done.received.entries]
            told = (done.place, receipts, done.read_as, done.notes, ahead.total)
            return not await imports.advance(self.database, tenant, one.id, *told)

        read, lane = 0, Lane(keep)
        try:
            async with ahead, lane:
                async for batch in ahead:
                    place = max(read, one.next)
                    fresh = batch.items[place - read :]
                    read += len(batch.items)
                    # An empty batch says how a document without items was read.
                    if fresh or not batch.items:
                        rest = batch._replace(items=fresh)
                        if not await lane.begin(_names(fresh), partial(_record, receiving, delivery, rest, place)):
                            break
        except (Unreadable, TooLarge, UnknownFormat) as error:
            problem, _ = escape(unread(error).document())
            await imports.end(self.database, tenant, one.id, "failed", None, problem)
            log.info("import failed", tenant=tenant, import_id=one.id, rule=problem["code"], detail=problem["detail"])
        else:
            if lane.stopped:
                await imports.end(self.database, tenant, one.id, "cancelled", None)
            else:
                await imports.end(self.database, tenant, one.id, "done", read)


async def _record(receiving: Receiving, delivery: Delivery, batch: Batch, place: int) -> Done:
    received = await receiving.record(delivery, batch.items, datetime.now(UTC))
    return Done(place, batch.format, batch.notes, received)


def _names(items: Sequence[Item]) -> frozenset[str]:
    """What the source calls the findings of a batch: another batch that says something of one of them has to wait."""
    named = (item.finding.source.external_id if isinstance(item, Found) else item.external_id for item in items)
    return frozenset(name for name in named if name is not None)


def _asked(document: bytes, one: Import, limits: Limits) -> Asked:
    profile = None if one.profile is None else Profile.model_validate(one.profile)
    context = Context(one.client or one.actor.client, one.source, limits, profile, one.actor.source)
    return Asked(document, context, one.format, one.media_type, one.name)


def _told(entry: Entry) -> str:
    """The receipt as JSON text."""
    return to_json(entry.view()).decode()
