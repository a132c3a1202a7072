"""A file as it goes out: checked against its digest where it goes out whole."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime

import structlog
from starlette.types import Send

from activities.directory import files
from activities.directory.files import File
from activities.ledger.database import Database
from activities.metrics import Metrics
from services.evidence import names, sniffing
from services.evidence.ranges import Span
from services.evidence.store import Lost, Store
from services.streamed import Streamed, begun

POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"

log = structlog.get_logger()


class Damaged(Exception):
    """The store has other bytes than those that were uploaded, or none: nobody gets them for evidence."""


@dataclass(frozen=True, slots=True)
class Serving:
    """Files of one tenant for one reader."""

    database: Database
    store: Store
    metrics: Metrics
    tenant: str
    reader: str

    async def opened(self, file: File, span: Span | None) -> AsyncIterator[bytes]:
        """The bytes of a file, or of a part of it, with the event of reading it.

        The first are read before this returns. The last are given only once the whole has the digest of what was
        uploaded. Raises Damaged, here and while they are read; and Unavailable.
        """
        told = {} if span is None else {"range": [span.start, span.end - 1]}
        parts = self._whole(file) if span is None or span == Span(0, file.size) else self._part(file, span)
        await files.note(self.database, self.tenant, file.id, "read", self.reader, told)
        return await self._begun(parts)

    async def shown(self, file: File) -> AsyncIterator[bytes]:
        """The bytes of a file that is shown beside its case, in the same way; noted once a day for each reader."""
        await files.note_preview(self.database, self.tenant, file.id, self.reader)
        return await self._begun(self._whole(file))

    async def _begun(self, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        first = await begun(parts)
        self.metrics.evidenced("read")
        return first

    async def _whole(self, file: File) -> AsyncIterator[bytes]:
        digest, held = hashlib.sha256(), b""
        async for window in self._part(file, Span(0, file.size)):
            digest.update(window)
            if held:
                yield held
            held = window
        if digest.hexdigest() != file.sha256:
            await self._note_damage(file)
            raise Damaged(file.id)
        yield held

    async def _part(self, file: File, span: Span) -> AsyncIterator[bytes]:
        try:
            await self.store.check(file.object, file.size)
            async for window in self.store.read(file.object, span.start, span.end):
                yield window
        except Lost as error:
            await self._note_damage(file)
            raise Damaged(file.id) from error

    async def _note_damage(self, file: File) -> None:
        log.error("evidence damaged", tenant=self.tenant, file=file.id, object=file.object, sha256=file.sha256)
        self.metrics.evidenced("damaged")
        await files.note(self.database, self.tenant, file.id, "damaged", self.reader, {})


class Download(Streamed):
    """An answer that is broken off also where its bytes are not those that were uploaded."""

    async def stream_response(self, send: Send) -> None:
        """Sends head and bytes."""
        with suppress(Damaged):  # noted and logged where it was found
            await super().stream_response(send)


def headers(file: File) -> dict[str, str]:
    """The headers of a file that goes out: saved and not shown, and if it were shown, unable to run anything."""
    return {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
        "Content-Disposition": names.attachment(file.name),
        "Content-Security-Policy": POLICY,
        "Content-Type": sniffing.served_as(file.media_type),
        "Cross-Origin-Resource-Policy": "same-origin",
        "ETag": f'"{file.sha256}"',
        "Last-Modified": format_datetime(file.uploaded_at.astimezone(UTC), usegmt=True),
    }
