"""Imports: a document is taken at once and read in the background; its receipts say what became of each item."""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field, StringConstraints
from starlette.responses import Response
from uuid_utils.compat import uuid7

from activities.directory import documents, imports, profiles
from activities.directory.imports import RESULTS, Import, Result, State
from activities.directory.profiles import Saved
from activities.ledger.refusals import KeyReused
from services import cells, reporting
from services.api import bodies, lists
from services.api.admission import admit
from services.api.answers import Json
from services.api.context import Api, TheApi, TheCaller, now
from services.api.direct import Direct
from services.api.findings import REPORTERS
from services.api.lists import Filters, Word
from services.api.openapi import IDEMPOTENCY_KEY, PAGE, answers, body, parameters
from services.auth import Caller
from services.evidence.names import attachment, fit
from services.intake import FORMATS, UnknownFormat
from services.problems import UnknownThing, refused, unread
from services.reports.wording import plain
from services.streamed import Streamed, begun
from workflows.canonical import digest
from workflows.findings import Finding
from workflows.people import CB_SIDE, Frozen, Role
from workflows.sentences import mark
from workflows.shapes import Kept

READERS = (*CB_SIDE, Role.ADMIN, Role.INTEGRATION)
COLUMNS = ("index", "external_id", "result", "number", "status", "id", "reason", "code", "detail")
PAGE_OF_CSV = 1000

IMPORT = {
    "type": "object",
    "required": ["id", "state", "source", "document", "read", *RESULTS],
    "properties": {
        "id": {"type": "string"},
        "state": {"enum": ["queued", "reading", "done", "failed", "cancelled"]},
        "document": {"type": "string", "description": "SHA-256 of the document's bytes"},
        "read_as": {"type": ["string", "null"], "description": "the format as which it was read"},
        "notes": {
            "type": "array",
            "items": {"type": "string"},
            "description": "how it was read: code page, delimiter, sheet, header",
        },
        "read": {"type": "integer"},
        "total": {"type": ["integer", "null"], "description": "null while nobody knows"},
        "rate": {"type": ["number", "null"], "description": "items per second"},
        "seconds_left": {"type": ["number", "null"]},
        "problem": {"type": ["object", "null"]},
    },
}


def _bytes(media_type: str, says: str) -> dict[str, Any]:
    return {"responses": {"200": {"description": says, "content": {media_type: {"schema": {"type": "string"}}}}}}


router = APIRouter(prefix="/v1/imports", tags=["imports"], route_class=Direct, responses={403: {}})


class Sending(Frozen):
    """How a document is to be read: its format, the client of findings that name none, its column profile, its name."""

    format: Annotated[str, StringConstraints(max_length=40)] | None = None
    client: Annotated[Kept, StringConstraints(min_length=1, max_length=200)] | None = None
    profile: Annotated[Kept, StringConstraints(max_length=200)] | None = None
    name: Annotated[Kept, StringConstraints(max_length=200)] = ""


class Wanted(Filters):
    """Which imports."""

    state: State | None = None
    source: Word | None = None


class Receipts(Filters):
    """Which receipts."""

    result: Result | None = Field(default=None, description="what became of the item")


@router.post(
    "",
    summary="Import a document",
    status_code=202,
    operation_id="import_document",
    openapi_extra=body(Finding)
    | {"parameters": [*parameters(Sending)["parameters"], IDEMPOTENCY_KEY]}
    | answers(IMPORT, status="202", says="Taken; read in the background."),
)
async def send(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """Takes a document of any size within bounds and any known format; `Location` says how far it has come."""
    wanted, key = lists.query(Sending, request), bodies.key(request)
    profile = await planned(api, caller, wanted)
    document = await bodies.received(request, api.settings.document_bytes)
    media_type = request.headers.get("content-type", "application/octet-stream")[:200]
    entered = await enter(api, caller, wanted, profile, document, media_type, key)
    return Json(_view(entered, now()), 202, {"Location": f"/v1/imports/{entered.id}"})


async def planned(api: Api, caller: Caller, wanted: Sending) -> Saved | None:
    """The profile by which a document is to be read. Raises a problem where it cannot be so, or not by the caller."""
    admit(caller, REPORTERS, mark("Importing belongs to: {roles}."))
    if wanted.format is not None and wanted.format not in FORMATS:
        raise unread(UnknownFormat(f"There is no format {wanted.format!r}.", list(FORMATS)))
    profile = await profiles.find(api.database, caller.tenant, wanted.profile) if wanted.profile else None
    if wanted.profile and profile is None:
        raise UnknownThing(thing="profile", id=wanted.profile)
    return profile


async def enter(
    api: Api, caller: Caller, wanted: Sending, profile: Saved | None, document: bytes, media_type: str, key: str | None
) -> Import:
    """Keeps a document, and enters its import, once under a key. Raises KeyReused as a problem, and Unavailable."""
    source = caller.actor.source or reporting.MANUAL
    told = await documents.keep(api.database, caller.tenant, document, source, media_type)
    said = [told, media_type, caller.actor.client, *wanted.model_dump().values()]
    one = Import(
        id=str(uuid7()),
        source=source,
        key=_own(caller, key),
        request=digest(said),
        actor=caller.actor,
        may_create_clients=caller.may_create_clients,
        document=told,
        media_type=media_type,
        name=wanted.name,
        format=wanted.format,
        client=wanted.client,
        profile=None if profile is None else profile.profile,
        received_at=now(),
    )
    entered = await imports.enter(api.database, caller.tenant, one)
    if entered.request != one.request:
        raise refused(KeyReused().data())
    api.nudges.start(caller.tenant, [f"import/{entered.id}"])
    return entered


@router.get("", summary="List imports", operation_id="list_imports", openapi_extra=parameters(Wanted) | answers(PAGE))
async def index(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A page of imports, the newest first; an API key sees those of its source and its client, an auditor the own."""
    admit(caller, READERS, mark("Imports belong to: {roles}."))
    wanted = lists.query(Wanted, request)
    sought = wanted.source, wanted.state
    found = await imports.listed(api.database, caller.scope, wanted.cursor, wanted.limit + 1, *sought)
    (shown, following), at = lists.cut(found, wanted.limit, lambda one: one.id), now()
    return Json(lists.body(request, [_view(one, at) for one in shown], following))


@router.get("/{id}", summary="Read an import", operation_id="get_import", openapi_extra=answers(IMPORT))
async def detail(id: str, api: TheApi, caller: TheCaller) -> Response:
    """How far it has come, and what became of what was read."""
    return Json(_view(await seen(api, caller, id), now()))


@router.get(
    "/{id}/items",
    summary="Read an import's receipts",
    operation_id="list_import_items",
    openapi_extra=parameters(Receipts) | answers(PAGE),
)
async def items(id: str, request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A page of receipts in the order of the document."""
    wanted = lists.query(Receipts, request)
    one = await seen(api, caller, id)
    after = int(wanted.cursor) if wanted.cursor else -1
    page = await imports.items(api.database, caller.scope, one.id, after, wanted.result, wanted.limit)
    return lists.answer(request, page)


@router.get(
    "/{id}/items.csv",
    summary="Read an import's receipts as CSV",
    operation_id="get_import_csv",
    openapi_extra=_bytes("text/csv", "Every receipt, a row each."),
)
async def items_csv(id: str, api: TheApi, caller: TheCaller) -> Response:
    """Every receipt, a row each; what a spreadsheet would calculate has an apostrophe before it."""
    one = await seen(api, caller, id)
    headers = {"Content-Disposition": f'attachment; filename="import-{one.id}.csv"'}
    return Streamed(await begun(_lines(api, caller, one)), media_type="text/csv; charset=utf-8", headers=headers)


@router.get(
    "/{id}/document",
    summary="Read the document of an import",
    operation_id="get_import_document",
    openapi_extra=_bytes("application/octet-stream", "The bytes as they were received."),
)
async def document(id: str, api: TheApi, caller: TheCaller) -> Response:
    """The bytes as they were received."""
    one = await seen(api, caller, id)
    content = await documents.find(api.database, caller.tenant, one.document)
    # Never by the media type that its sender gave: a browser would run what it names.
    headers = {
        "Content-Disposition": attachment(fit(one.name)) if one.name else f'attachment; filename="import-{one.id}"',
        "ETag": f'"{one.document}"',
    }
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.post("/{id}/cancel", summary="Cancel an import", operation_id="cancel_import", openapi_extra=answers(IMPORT))
async def cancel(id: str, api: TheApi, caller: TheCaller) -> Response:
    """Ends it before its next batch; what is recorded stays recorded."""
    one = await seen(api, caller, id)
    admit(caller, REPORTERS, mark("Cancelling belongs to: {roles}."))
    cancelled = await imports.cancel(api.database, caller.tenant, one.id)
    return Json(_view(cancelled or one, now()))


def _own(caller: Caller, key: str | None) -> str | None:
    """An Idempotency-Key among those of its sender: of one source, keys bound to clients know of no other's."""
    return key if key is None or caller.actor.client is None else f"{caller.actor.client}/{key}"


async def seen(api: Api, caller: Caller, id: str) -> Import:
    """An import that the caller may see."""
    admit(caller, READERS, mark("Imports belong to: {roles}."))
    one = await imports.find(api.database, caller.scope, id) if len(id) < 100 and "\x00" not in id else None
    if one is None:
        raise UnknownThing(thing="import", id=id[:128])
    return one


async def _lines(api: Api, caller: Caller, one: Import) -> AsyncIterator[str]:
    """The receipts as CSV, a page at a time."""
    lines, after = [cells.line(COLUMNS)], -1
    while True:
        page = await imports.items(api.database, caller.scope, one.id, after, None, PAGE_OF_CSV)
        for told in plain(json.loads(page.items)):
            problem = told.get("problem") or _withheld(told)
            lines.append(cells.line([{**told, **problem, "status": told["status"]}.get(column) for column in COLUMNS]))
        yield "".join(lines)
        if page.last is None:
            return
        lines, after = [], int(page.last)


def _withheld(told: Mapping[str, Any]) -> Mapping[str, Any]:
    """The flag of a receipt whose finding waits in triage although it states its grade; empty where there is none."""
    flags = (flag for flag in told.get("flags", ()) if flag["code"] == reporting.NOT_ISSUED)
    return next(({"code": flag["rule"], "detail": flag["detail"]} for flag in flags), {})


def _view(one: Import, at: datetime) -> dict[str, Any]:
    """The import as it is told, with its rate and, while it is being read, the time that is left."""
    told = one.model_dump(
        mode="json",
        include={
            "id", "state", "source", "name", "format",
            "read_as", "notes", "client", "document", "media_type", "total", *RESULTS,
            "problem", "cancelling", "received_at", "started_at", "ended_at",
        },
    )  # fmt: skip
    took = ((one.ended_at or at) - one.started_at) if one.started_at else timedelta()
    rate = one.next / took.total_seconds() if one.next and took else None
    goes_on = one.ended_at is None and one.total is not None and rate
    return told | {
        "read": one.next,
        "by": one.actor.id,
        "rate": None if rate is None else round(rate, 1),
        "seconds_left": round((one.total - one.next) / rate, 1) if goes_on and one.total is not None and rate else None,
    }
