"""Taking a file: measured on its way into the store, entered once it is there whole, gone without a trace otherwise."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from uuid_utils.compat import uuid7

from activities.directory import files
from activities.ledger.database import Database
from activities.ledger.protocol import Unavailable
from services.evidence import sniffing
from services.evidence.store import Store

LONGEST = timedelta(days=1)
"""How long an upload may take."""

ABANDONED = LONGEST + timedelta(hours=1)
"""After so long, what is left of an upload is removed: by then nobody can enter it any more, by whatever clock."""

SWEPT_AT_ONCE = 20

log = structlog.get_logger()


class TooLarge(Exception):
    """A file has more than so many bytes."""


@dataclass(slots=True)
class Meter:
    """The parts of a file as they pass: how many bytes, their SHA-256, and the first of them."""

    parts: AsyncIterator[bytes]
    most: int
    size: int = 0
    head: bytes = b""
    _digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The parts. Raises TooLarge."""
        async for part in self.parts:
            self.size += len(part)
            if self.size > self.most:
                raise TooLarge
            self._digest.update(part)
            if len(self.head) < sniffing.HEAD:
                self.head += part[: sniffing.HEAD - len(self.head)]
            if part:
                yield part

    @property
    def sha256(self) -> str:
        """The digest of what has passed, in hexadecimal."""
        return self._digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that is in the store, and not yet entered."""

    id: str
    object: str
    measured: Meter


@dataclass(frozen=True, slots=True)
class Keeping:
    """Uploads into one store; `most` bytes each."""

    database: Database
    store: Store
    most: int

    @asynccontextmanager
    async def arriving(self, tenant: str, parts: AsyncIterator[bytes]) -> AsyncIterator[Arrived]:
        """The file once it is in the store; whoever raises inside has it removed again.

        Raises TooLarge, Unavailable, and what `parts` raises.
        """
        await self._sweep(tenant)
        arrived = Arrived(str(uuid7()), self.store.new_key(tenant), Meter(parts, self.most))
        await files.begin(self.database, tenant, arrived.id, arrived.object)
        try:
            await self.store.put(arrived.object, aiter(arrived.measured))
            yield arrived
        except BaseException:
            # What fails here too, the sweep does later.
            with suppress(Unavailable):
                await self._leave(tenant, arrived.id, arrived.object)
            raise

    async def _sweep(self, tenant: str) -> None:
        """Removes what uploads left behind that a crash or an outage broke off long ago."""
        before = datetime.now(UTC) - ABANDONED
        for name, key in await files.stale(self.database, tenant, before, SWEPT_AT_ONCE):
            with suppress(Unavailable):
                await self._leave(tenant, name, key)
                log.info("upload given up", tenant=tenant, object=key)

    async def _leave(self, tenant: str, id: str, key: str) -> None:
        await self.store.drop(key)
        await files.give_up(self.database, tenant, id)


async def measured(parts: AsyncIterator[bytes], most: int) -> Meter:
    """A file that is only measured, as one that is sent again. Raises TooLarge, and what `parts` raises."""
    meter = Meter(parts, most)
    async for _ in meter:
        pass
    return meter
