"""Findings: one, many, or a document of another format; recorded by the ledger alone, the engine is not asked."""

import asyncio
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import StringConstraints, ValidationError
from starlette.responses import Response

from activities.directory import documents
from services import foreseeing, reading, reporting
from services.api import bodies, commands, links, lists
from services.api.admission import admit
from services.api.answers import Json
from services.api.context import Api, TheApi, TheCaller, new_id, now, request_id
from services.api.direct import Direct
from services.api.openapi import IDEMPOTENCY_KEY, answers, body, parameters
from services.auth import Caller
from services.foreseeing import Items
from services.intake import Context, Found, Item, Limits, TooLarge, UnknownFormat, Unreadable, cloudevents
from services.intake.apart import Asked
from services.intake.text import Content, decoded
from services.problems import Problem, invalid, unread
from services.receiving import Receiving
from services.reporting import Delivery, Entry
from workflows.findings import Finding
from workflows.people import Frozen, Role
from workflows.sentences import Sentence, mark
from workflows.shapes import Kept

REPORTERS = (Role.INTEGRATION, Role.AUDITOR)

_ONE = {
    "type": "object",
    "required": ["id", "number", "status", "result"],
    "properties": {"id": {"type": ["string", "null"]}, "result": {"type": "string"}},
}
_MANY = {
    "type": "object",
    "required": ["accepted", "duplicates", "updated", "skipped", "rejected", "items"],
    "properties": {"items": {"type": "array", "items": {"type": "object"}}},
}
OUTCOMES = {
    **answers({"anyOf": [_ONE, _MANY]}, status="201", says="Reported.")["responses"],
    **answers(
        {"anyOf": [_ONE, _MANY]}, says="Known already, a revision of what is known, a repeat, or nothing to report."
    )["responses"],
    **answers(_MANY, status="207", says="Many, each with what became of it.")["responses"],
}

router = APIRouter(prefix="/v1/findings", tags=["findings"], route_class=Direct)


class Reading(Frozen):
    """How a document is to be read: its format, and the client of findings that name none."""

    format: Annotated[str, StringConstraints(max_length=40)] | None = None
    client: Annotated[Kept, StringConstraints(min_length=1, max_length=200)] | None = None


@router.post(
    "",
    summary="Report findings",
    status_code=201,
    operation_id="report_findings",
    openapi_extra=body(Finding)
    | {"parameters": [*parameters(Reading)["parameters"], IDEMPOTENCY_KEY], "responses": OUTCOMES},
)
async def receive(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """Records each finding once; one that states its grade, from someone who may, is issued at once."""
    admit(caller, REPORTERS, mark("Reporting belongs to: {roles}."))
    if "if-match" in request.headers:
        says = "If-Match does not apply to findings: their source's reference names them."
        raise Problem(422, "if_match", Sentence(says))
    wanted, key = lists.query(Reading, request), bodies.key(request)
    document = await bodies.received(request, api.settings.document_bytes)
    return told(*await recorded(request, api, caller, document, wanted, key=key or _enveloped(request)))


@router.post(
    "/preview",
    summary="Foresee what would become of findings",
    operation_id="preview_findings",
    responses={403: {}},
    openapi_extra=body(Items)
    | answers({"type": "object", "required": ["items"], "properties": {"items": {"type": "array"}}}),
)
async def preview(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """What would become of items that were reported now, by their references; records nothing."""
    admit(caller, REPORTERS, mark("Reporting belongs to: {roles}."))
    sent = await bodies.received(request, api.settings.document_bytes)
    try:
        asked = await asyncio.to_thread(_items, sent, api.settings.bounds_at_once)
    except (Unreadable, TooLarge) as error:
        raise unread(error) from None
    except ValidationError as error:
        raise invalid(error) from None
    if len(asked.items) > api.settings.document_items:
        raise unread(TooLarge("too_many_items", f"{api.settings.document_items:,} items are looked up at once."))
    return Json({"items": await foreseeing.told(api.database, caller, asked)})


async def recorded(
    request: Request,
    api: Api,
    caller: Caller,
    document: bytes,
    wanted: Reading,
    *,
    key: str | None = None,
    brought_by: str | None = None,
) -> tuple[Delivery, Sequence[Entry]]:
    """Records what a caller's document holds: what became of each item; `key` is what its repeats share.

    Without one, findings that have no revision are repeats where the same delivery brought them (`brought_by`).
    """
    called, items = await _read(api, document, wanted, caller, request.headers.get("content-type"))
    if brought_by is not None:
        items = [_brought(item, brought_by) for item in items]
    delivery = Delivery(
        caller=caller,
        at=now(),
        request_id=request_id(request),
        new_id=new_id(request),
        key=key,
        single=called == "json" and len(items) == 1 and _is_one(document, api.settings.bounds_at_once),
        client=wanted.client,
    )
    if not delivery.single:
        source = caller.actor.source or reporting.MANUAL
        media_type = request.headers.get("content-type", "application/octet-stream")
        kept = await documents.keep(api.database, caller.tenant, document, source, media_type)
        delivery = replace(delivery, document=kept)
    with commands.told(api, "nonconformity", "report"):
        received = await Receiving(api.recording, api.database).record(delivery, items, delivery.at)
    api.nudges.start(caller.tenant, received.born)
    return delivery, received.entries


def told(delivery: Delivery, entries: Sequence[Entry]) -> Response:
    """The answer to a delivery, by what became of its items. Raises the problem of a single one that was rejected."""
    return _one(entries[0]) if delivery.single else _many(entries)


def _items(sent: bytes, limits: Limits) -> Items:
    """What is asked about. Raises Unreadable, TooLarge and ValidationError."""
    content = Content.of(sent, limits)
    value = content.only()
    if twice := content.doubled(value):
        raise Unreadable("duplicate_key", "A key comes twice in one object.", path=twice)
    return Items.model_validate(value)


def _is_one(document: bytes, limits: Limits) -> bool:
    """Whether a document of JSON that was read before, in whichever encoding, is an object and no list."""
    return decoded(document, limits).lstrip().startswith("{")


def _brought(item: Item, delivery: str) -> Item:
    if isinstance(item, Found) and item.delivery is None:
        return replace(item, delivery=f"{delivery}#{item.index}")
    return item


def _enveloped(request: Request) -> str | None:
    """The key of the event whose attributes are headers (CloudEvents, binary mode), None where there is none."""
    try:
        event = cloudevents.binary(request.headers)
    except Unreadable as error:
        raise unread(error) from None
    return None if event is None else str(uuid.uuid5(uuid.NAMESPACE_URL, event.delivery))


async def _read(
    api: Api, document: bytes, wanted: Reading, caller: Caller, media_type: str | None
) -> tuple[str | None, Sequence[Item]]:
    """The document's format and items; no format for one without items. Raises Unavailable while others are read."""
    actor = caller.actor
    system = actor.source or reporting.MANUAL
    limits = api.settings.bounds_at_once
    context = Context(client=wanted.client or actor.client, system=system, limits=limits, source=actor.source)
    try:
        naming = reading.registered(api.database, caller.tenant)
        batches = await reading.whole(Asked(document, context, wanted.format, media_type), api.readers, naming)
    except (Unreadable, TooLarge, UnknownFormat) as error:
        raise unread(error) from None
    return batches[0].format if batches else None, [item for batch in batches for item in batch.items]


def _one(entry: Entry) -> Response:
    """The answer to a single finding."""
    if entry.problem is not None:
        raise entry.problem
    new = entry.result in ("created", "recurred") and not entry.repeated
    return Json(entry.view(), 201 if new else 200, {"Location": f"{links.path('nonconformity')}/{entry.id}"})


def _many(entries: Sequence[Entry]) -> Response:
    """The answer to many: 207 where any of them was not created."""
    counts = Counter(entry.result for entry in entries)
    told = {
        "accepted": counts["created"] + counts["recurred"],
        "duplicates": counts["duplicate"],
        "updated": counts["updated"],
        "skipped": counts["skipped"],
        "rejected": counts["rejected"],
        "items": [entry.view() for entry in entries],
    }
    return Json(told, 200 if not entries else 201 if counts.keys() == {"created"} else 207)
