"""Files of evidence: uploaded as a stream, listed, and read again, whole or in part."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import StringConstraints
from starlette.responses import Response

from activities.directory import files as directory
from activities.directory.files import File
from services.api import files, lists, streams, uploads
from services.api.answers import Json
from services.api.context import Api, TheApi, TheCaller
from services.api.direct import Direct
from services.api.lists import Filters, Word
from services.api.middleware import BODILESS
from services.api.openapi import IDEMPOTENCY_KEY, PAGE, answers, parameters
from services.api.uploads import Told
from services.auth import Caller
from services.evidence import ranges, sniffing
from services.evidence.serving import Damaged, Download, Serving, headers
from services.problems import Problem
from services.telling import when
from workflows.nonconformity.case import Case

PATH = "/v1/evidence"
FILE = {
    "type": "object",
    "required": ["id", "client", "name", "sha256", "size", "media_type", "declared_type", "sniffed_type", "differs"],
    "properties": {
        "id": {"type": "string"},
        "client": {"type": "string"},
        "name": {"type": "string"},
        "sha256": {"type": "string"},
        "size": {"type": "integer", "description": "bytes"},
        "media_type": {"type": "string", "description": "what it is taken for"},
        "declared_type": {"type": ["string", "null"], "description": "what its sender said"},
        "sniffed_type": {"type": ["string", "null"], "description": "what its first bytes show"},
        "differs": {"type": "boolean", "description": "whether the bytes show something else than what was said"},
        "produced_on": {"type": ["string", "null"], "format": "date", "description": "the day of the evidence itself"},
        "revises": {"type": ["string", "null"], "description": "the id of the file that it takes the place of"},
        "uploaded_by": {"type": "string"},
        "uploaded_at": {"type": "string", "format": "date-time"},
        "cases": {"type": "array", "items": {"type": "string"}, "description": "that name it, as far as you see them"},
    },
}
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_FORM = {
    "schema": {
        "type": "object",
        "required": ["file"],
        "properties": {
            "file": {"type": "string", "format": "binary"},
            **{name: {"type": "string"} for name in Told.model_fields},
        },
    }
}
SENT = {"requestBody": {"required": True, "content": {"application/octet-stream": _BYTES, uploads.FORM: _FORM}}}
"""Any other media type is taken as well."""

SERVED = {
    "responses": {
        "200": {"description": "Its bytes.", "content": {"*/*": _BYTES}},
        "206": {"description": "The bytes of one range.", "content": {"*/*": _BYTES}},
    }
}

router = APIRouter(prefix=PATH, tags=["evidence"], route_class=Direct, responses={403: {}})


class Wanted(Filters):
    """Which files: those that a case names, or else a client's own, or one's own uploads."""

    case: Word | None = None
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None


@router.post(
    "",
    summary="Upload a file of evidence",
    status_code=201,
    operation_id="upload_evidence",
    openapi_extra=SENT
    | {"parameters": [*parameters(Told)["parameters"], IDEMPOTENCY_KEY]}
    | answers(FILE, status="201", says="Kept."),
)
async def upload(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """Takes a file, raw or as the one of a form, and keeps it as it is, once; 200 where it was sent before."""
    file, again = await uploads.take(request, api, caller)
    return Json(view(file), 200 if again else 201, {"Location": f"{PATH}/{file.id}"})


@router.get(
    "",
    summary="List files of evidence",
    operation_id="list_evidence",
    responses={404: {}},
    openapi_extra=parameters(Wanted) | answers(PAGE),
)
async def index(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A page of files, the newest first: of a case; without one, a client's people see theirs, others their uploads."""
    wanted = lists.query(Wanted, request)
    sought: dict[str, Any] = {"contents": None if wanted.sha256 is None else [wanted.sha256]}
    scope = caller.scope
    if wanted.case is not None:
        case = (await streams.visible(api, caller, "nonconformity", wanted.case)).state
        named = {piece.sha256 for piece in case.evidence} if isinstance(case, Case) else set()
        sought["contents"] = sorted(named & {wanted.sha256} if wanted.sha256 else named)
        sought["client"] = case.client if isinstance(case, Case) else None
    elif scope.client is None:
        sought["uploader"] = caller.actor.id
    found = await directory.listed(api.database, scope, wanted.cursor, wanted.limit + 1, **sought)
    shown, following = lists.cut(found, wanted.limit, lambda one: one.id)
    return Json(lists.body(request, [view(file) for file in shown], following))


@router.get(
    "/{id}",
    summary="Read a file of evidence",
    operation_id="read_evidence",
    responses={416: {}},
    openapi_extra=SERVED,
)
async def content(id: str, request: Request, api: TheApi, caller: TheCaller) -> Response:
    """Its bytes, or one range of them (RFC 9110, 14).

    A whole that is not what was uploaded ends in an error before its last bytes.
    """
    return await serve(request, api, caller, await files.visible(api, caller, id))


@router.get("/{id}/details", summary="Describe a file of evidence", operation_id="get_evidence_details",
            openapi_extra=answers(FILE))  # fmt: skip
async def details(id: str, api: TheApi, caller: TheCaller) -> Response:
    """What is known of it, and the cases that name it."""
    file = await files.visible(api, caller, id)
    return Json({**view(file), "cases": list(await files.attached(api, caller, file))})


@router.get(
    "/{id}/events",
    summary="List who wrote and read a file of evidence",
    operation_id="list_evidence_events",
    openapi_extra=parameters(Filters) | answers(PAGE),
)
async def events(id: str, request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A page of its events, in order: `kept`, `read` (with the `range`, where one was wanted), `damaged`."""
    wanted = lists.query(Filters, request)
    file = await files.visible(api, caller, id)
    after = int(wanted.cursor) if wanted.cursor else 0
    found = await directory.events(api.database, caller.scope, file.id, after, wanted.limit + 1)
    shown, following = lists.cut(found, wanted.limit, lambda one: str(one.n))
    told = [{"type": one.type, "actor": one.actor, "at": when(one.at), "data": one.data} for one in shown]
    return Json(lists.body(request, told, following))


async def serve(request: Request, api: Api, caller: Caller, file: File) -> Response:
    """The answer with the bytes of a file that the caller may see; HEAD reads none, and is no event."""
    whole = headers(file)
    if request.scope.get(BODILESS):
        return Response(headers={**whole, "Content-Length": str(file.size)})
    same = request.headers.get("if-range", whole["ETag"]) == whole["ETag"]
    try:
        span = ranges.wanted(request.headers.get("range"), file.size) if same else None
    except ranges.Unsatisfiable:
        detail = f"The file has {file.size:,} bytes, and none of those that are wanted."
        raise Problem(416, "no_such_range", detail, headers={"Content-Range": f"bytes */{file.size}"}) from None
    serving = reading(api, caller)
    try:
        parts = await serving.opened(file, span)
    except Damaged:
        raise damaged() from None
    if span is None:
        return Download(parts, headers={**whole, "Content-Length": str(file.size)})
    part = {
        "Content-Range": f"bytes {span.start}-{span.end - 1}/{file.size}",
        "Content-Length": str(span.end - span.start),
    }
    return Download(parts, 206, {**whole, **part})


def reading(api: Api, caller: Caller) -> Serving:
    """Files for a caller."""
    return Serving(api.database, api.evidence, api.recording.metrics, caller.tenant, caller.actor.id)


def damaged() -> Problem:
    """What is told where the store has other bytes than those that were uploaded."""
    detail = "The store no longer has what was uploaded. This is recorded; the log knows more."
    return Problem(500, "evidence_damaged", detail)


def view(file: File) -> dict[str, Any]:
    """A file as it is told."""
    told = file.model_dump(mode="json", exclude={"object", "key", "uploaded_at"})
    differs = not sniffing.agrees(file.declared_type, file.sniffed_type)
    return {**told, "differs": differs, "uploaded_at": when(file.uploaded_at)}
