"""The API as methods, each of which may be repeated."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import quote

import httpx

from services.client import evidence
from services.client.evidence import Evidence
from services.client.feed import follow
from services.client.models import Answer, Case, Event, Import, Listed, Receipt, Receipts, Review, Thing
from services.client.transport import Transport

PATIENCE = timedelta(minutes=1)
PAGE = 500
GLANCE = 0.5
"""Seconds between two looks at an import."""

Query = str | int | bool | Sequence[str] | None


class Closeout:
    """One server, as one person or machine: `bearer` is a token or an API key.

    While the server is away, or asks to wait, each request is sent again for `patience`, a write under the same key, so
    that it is recorded once. Every method raises Failed for what the server refuses, and Unreached. `http` has the
    connections, for a request that must go out as it is.
    """

    def __init__(
        self,
        url: str,
        bearer: str,
        *,
        patience: timedelta = PATIENCE,
        timeout: timedelta = timedelta(seconds=60),
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.http = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {bearer}"},
            timeout=timeout.total_seconds(),
            trust_env=False,
            transport=transport,
        )
        self._transport = Transport(self.http, patience)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connections."""
        await self.http.aclose()

    async def get(self, path: str, **query: Query) -> Any:
        """The JSON at a path, for what has no method here."""
        return (await self._transport.ask("GET", path, query=_written(query))).json()

    async def post(self, path: str, body: Any = None, *, idempotency_key: str | None = None) -> Any:
        """What a write answers, for what has no method here."""
        return (await self._transport.ask("POST", path, body={} if body is None else body, key=idempotency_key)).json()

    async def report(self, finding: Mapping[str, Any], *, idempotency_key: str | None = None) -> Receipt:
        """Reports one finding (CONTRACT, Findings)."""
        return Receipt.model_validate(await self.post("/v1/findings", dict(finding), idempotency_key=idempotency_key))

    async def report_all(
        self, findings: Sequence[Mapping[str, Any]], *, idempotency_key: str | None = None
    ) -> Receipts:
        """Reports up to 10,000 findings; one that cannot be read loses no other."""
        return Receipts.model_validate(
            await self.post("/v1/findings", [dict(one) for one in findings], idempotency_key=idempotency_key)
        )

    async def preview(self, items: Sequence[Mapping[str, Any]], *, client: str | None = None) -> list[Receipt]:
        """What would become of items that were reported now, by their references; nothing is recorded.

        `client` is whose those are that name none; a key that is bound to one needs none.
        """
        answer = await self.post("/v1/findings/preview", {"items": [dict(one) for one in items], "client": client})
        return [Receipt.model_validate(one) for one in answer["items"]]

    async def import_document(
        self,
        document: bytes,
        *,
        name: str = "",
        format: str | None = None,
        client: str | None = None,
        profile: str | None = None,
        media_type: str = "application/octet-stream",
        idempotency_key: str | None = None,
    ) -> Import:
        """Sends a document of any known format, which is read in the background; see `imported`."""
        query = {"name": name or None, "format": format, "client": client, "profile": profile}
        answer = await self._transport.ask(
            "POST",
            "/v1/imports",
            query=query,
            content=document,
            headers={"Content-Type": media_type},
            key=idempotency_key,
        )
        return Import.model_validate(answer.json())

    async def import_status(self, id: str) -> Import:
        """How far an import has come."""
        return Import.model_validate(await self.get(_import(id)))

    async def progress(self, one: Import) -> AsyncIterator[Import]:
        """An import as it stands, now and then, to its end."""
        while True:
            one = await self.import_status(one.id)
            yield one
            if one.ended:
                return
            await asyncio.sleep(GLANCE)

    async def imported(self, one: Import) -> Import:
        """An import once it has ended."""
        async for now in self.progress(one):
            one = now
        return one

    async def cancel(self, one: Import) -> Import:
        """Ends an import before its next batch; what is recorded stays recorded."""
        return Import.model_validate(await self.post(f"{_import(one.id)}/cancel"))

    async def receipts(self, one: Import, result: str | None = None) -> AsyncIterator[Receipt]:
        """What became of each item of an import, in the order of its document; of one result, where given."""
        async for item in self.pages(f"{_import(one.id)}/items", result=result):
            yield Receipt.model_validate(item)

    async def receipts_csv(self, one: Import) -> bytes:
        """What became of each item of an import, as a table for spreadsheets."""
        return (await self._transport.ask("GET", f"{_import(one.id)}/items.csv")).content

    async def nonconformities(self, **filters: Query) -> AsyncIterator[Listed]:
        """The cases that the caller sees, the newest first, by the filters of CONTRACT; page after page."""
        async for item in self.pages("/v1/nonconformities", **filters):
            yield Listed.of(item)

    async def nonconformity(self, id: str, *, as_of: str | None = None) -> Case:
        """A case, as it is or as it was at an instant."""
        return Case.of(await self.get(_case(id), as_of=as_of))

    async def poam(self, client: str | None = None) -> bytes:
        """A client's open nonconformities as a POA&M of OSCAL, in JSON; a bearer of one client need not name it."""
        return (await self._transport.ask("GET", "/v1/oscal/poam", query={"client": client})).content

    async def document(self, id: str, *, format: Literal["pdf", "docx"] = "pdf", zone: str | None = None) -> bytes:
        """The report of a nonconformity; a `docx` in the certification body's own template. `zone` is its reader's."""
        query = {"format": format, "zone": zone}
        return (await self._transport.ask("GET", f"{_case(id)}/report", query=query)).content

    async def minutes(self, id: str, *, format: Literal["pdf", "docx"] = "pdf", zone: str | None = None) -> bytes:
        """The minutes of a committee's review, as `document` has the report; a draft until it is decided."""
        query = {"format": format, "zone": zone}
        return (await self._transport.ask("GET", f"{_review(id)}/minutes", query=query)).content

    async def review(self, id: str) -> Review:
        """A committee's review."""
        return Review.of(await self.get(_review(id)))

    async def command(
        self,
        thing: str | Thing,
        command: str,
        /,
        *,
        idempotency_key: str | None = None,
        if_match: int | None = None,
        **body: Any,
    ) -> Answer:
        """Gives a command, named as in CONTRACT (`record-cause`), on a case by its id, or on what was read before.

        `if_match` is the `seq` that was seen; by default, what happened since stands against no command.
        """
        headers = {} if if_match is None else {"If-Match": f'"{if_match}"'}
        place = _case(thing) if isinstance(thing, str) else f"/v1/{thing.noun}/{quote(thing.id, safe='')}"
        answer = await self._transport.ask(
            "POST", f"{place}/{command}", body=body, headers=headers, key=idempotency_key
        )
        return Answer.model_validate(answer.json())

    async def sign(self, thing: Thing, command: str, /, *, idempotency_key: str | None = None, **body: Any) -> Answer:
        """Gives a command that is signed, over the thing as it was read: refused where what is signed has changed.

        KeyError for one that the caller cannot sign now.
        """
        seen = thing.signable[command.replace("-", "_")]
        signature = {"content_sha256": seen.sha256, "meaning": seen.meaning}
        return await self.command(thing, command, idempotency_key=idempotency_key, **body, signature=signature)

    async def upload_evidence(
        self,
        source: Path | bytes,
        *,
        name: str | None = None,
        media_type: str | None = None,
        client: str | None = None,
        produced_on: date | None = None,
        revises: str | None = None,
        idempotency_key: str | None = None,
    ) -> Evidence:
        """Uploads a file of evidence, piece by piece; `produced_on` is the day of the evidence itself.

        `client` is whose it is, for whoever works for several; `revises` the id of the file that it takes the place of.
        The media type is guessed from the name where none is given. Raises OSError for a file that cannot be read.
        """
        made = None if produced_on is None else produced_on.isoformat()
        told = {"client": client, "produced_on": made, "revises": revises}
        return await evidence.upload(
            self._transport, source, name=name, media_type=media_type, told=told, key=idempotency_key
        )

    async def evidence(self, id: str) -> Evidence:
        """What is known of a file of evidence."""
        return await evidence.describe(self._transport, id)

    async def download_evidence(self, id: str, to: Path) -> Evidence:
        """Reads a file of evidence into `to`, checked against its digest, and goes on where a connection was lost.

        Raises NotTheSame for other bytes than those that were uploaded, and OSError.
        """
        return await evidence.download(self._transport, id, to)

    async def pages(self, path: str, **filters: Query) -> AsyncIterator[dict[str, Any]]:
        """Every item of a list, page after page."""
        cursor: str | None = None
        while True:
            page = await self.get(path, limit=PAGE, cursor=cursor, **filters)
            for item in page["items"]:
                yield item
            cursor = page["next"]
            if cursor is None:
                return

    def events(self, start: str = "now", **filters: Query) -> AsyncIterator[Event]:
        """What happens, from now, from the beginning, or from beyond an event's `sequence`; for as long as one listens.

        Where the connection is lost, it goes on behind the last event that came: none is left out, none comes twice.
        """
        return follow(self.http, {**_written(filters), "from": start})


def _case(id: str) -> str:
    return f"/v1/{Case.noun}/{quote(id, safe='')}"


def _review(id: str) -> str:
    return f"/v1/{Review.noun}/{quote(id, safe='')}"


def _import(id: str) -> str:
    return f"/v1/imports/{quote(id, safe='')}"


def _written(query: Mapping[str, Query]) -> dict[str, Any]:
    """Filters as a query has them."""
    written = {name: "true" if value is True else "false" if value is False else value for name, value in query.items()}
    return {
        name: value if isinstance(value, str | int) else ",".join(value)
        for name, value in written.items()
        if value is not None
    }
