"""Imports at the console: which there are, how far one has come with its receipts, and a document on trial or sent."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response
from uuid_utils.compat import uuid7

from activities.directory import documents, profiles
from activities.directory import imports as kept
from activities.directory.imports import RESULTS
from services import reporting
from services.api import imports, lists
from services.api.admission import admit
from services.api.context import Api, TheApi
from services.api.findings import REPORTERS
from services.api.imports import READERS, Receipts, Sending, Wanted
from services.console.administration import uploading
from services.console.administration.reading import Trial, tried
from services.console.administration.sections import IMPORTS, begins, confirmed, following, shown
from services.console.administration.uploading import Sent
from services.console.forms.sent import anew
from services.console.frame import keeping
from services.console.frame.asked import understood
from services.console.frame.catalogue import gettext
from services.console.frame.paged import Paged
from services.console.frame.words import word
from services.console.things import clients
from services.intake import FORMATS, TooLarge, UnknownFormat, Unreadable
from services.problems import Fault, Problem, invalid, refused, unread
from services.signin.viewer import Former, TheActor, TheViewer, Viewer
from workflows.decider import Refusal
from workflows.sentences import mark

PROFILES = 200
"""So many profiles are offered."""

_SHA256 = re.compile("[0-9a-f]{64}", re.ASCII)

router = APIRouter(prefix=IMPORTS, route_class=Paged, include_in_schema=False)


@router.get("")
async def index(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The imports, the newest first."""
    caller = viewer.caller
    admit(caller, READERS, mark("Imports belong to: {roles}."))
    asked, faults = understood(Wanted, request)
    before = begins(request, asked, faults)
    found = await kept.listed(api.database, caller.scope, before, asked.limit + 1, asked.source, asked.state)
    items, last = lists.cut(found, asked.limit, lambda one: one.id)
    more = following(request, last, state=asked.state, source=asked.source)
    may_send = caller.holds(*REPORTERS)
    return shown(request, "imports.html", viewer, items=items, asked=asked, faults=faults, more=more, may_send=may_send)


@router.get("/new")
async def begin(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The form by which a document is tried and sent."""
    admit(viewer.caller, REPORTERS, mark("Importing belongs to: {roles}."))
    return await _form(request, api, viewer, {})


@router.post("/new")
async def send(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """Tries a document or has it imported; what was typed stays, and the document need not be chosen again."""
    admit(viewer.caller, REPORTERS, mark("Importing belongs to: {roles}."))
    try:
        sent = await uploading.sent(request, viewer, api.settings)
    except Former:
        return await _anew(request, api, viewer)
    fields = dict(sent.fields)
    if sent.document:
        fields["sha256"] = ""
    try:
        wanted = _wanted(fields)
        document, media_type = await _document(api, viewer, sent, fields)
        wanted = wanted.model_copy(update={"name": fields.get("name", "")})
        profile = await imports.planned(api, viewer.caller, wanted)
        if fields.get("act") == "import":
            entered = await imports.enter(
                api, viewer.caller, wanted, profile, document, media_type, fields.get("_key") or None
            )
            return RedirectResponse(f"{IMPORTS}/{entered.id}", 303)
        given = None if profile is None else profile.profile
        trial = await tried(api, viewer.caller, document, wanted.format, media_type, wanted.client, given)
    except Problem as problem:
        return await _form(request, api, viewer, fields, problem=problem)
    except Refusal as refusal:
        return await _form(request, api, viewer, fields, problem=refused(refusal.data()))
    except (Unreadable, TooLarge, UnknownFormat) as error:
        return await _form(request, api, viewer, fields, problem=unread(error))
    return await _form(request, api, viewer, fields, trial=trial)


@router.get("/{id}")
async def detail(id: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """How far an import has come, and a page of its receipts."""
    caller = viewer.caller
    one = await imports.seen(api, caller, id)
    asked, faults = understood(Receipts, request)
    after = int(begins(request, asked, faults) or -1)
    found = await kept.items(api.database, caller.scope, one.id, after, asked.result, asked.limit)
    path = f"{IMPORTS}/{one.id}"
    return shown(
        request,
        "import.html",
        viewer,
        one=one,
        clients=await clients.named(api, caller, [one.client]),
        counts=[(name, getattr(one, name), f"{path}?result={name}") for name in RESULTS],
        items=json.loads(found.items),
        asked=asked,
        faults=faults,
        path=path,
        more=following(request, found.last, result=asked.result),
        may_cancel=one.ended_at is None and caller.holds(*REPORTERS),
    )


@router.get("/{id}/receipts.csv")
async def receipts(id: str, api: TheApi, viewer: TheViewer) -> Response:
    """Every receipt as CSV, as the API serves it."""
    return await imports.items_csv(id, api, viewer.caller)


@router.get("/{id}/document")
async def document(id: str, api: TheApi, viewer: TheViewer) -> Response:
    """The bytes as they were received, as the API serves them."""
    return await imports.document(id, api, viewer.caller)


@router.post("/{id}/cancel")
async def cancel(id: str, api: TheApi, viewer: TheActor) -> Response:
    """Ends an import before its next batch."""
    await imports.cancel(id, api, viewer.caller)
    return confirmed(f"{IMPORTS}/{id}", "import")


async def _anew(request: Request, api: Api, viewer: Viewer) -> Response:
    """The form as it was filled in for another session; a document that was with it is to be chosen again."""
    fields, problem = dict(keeping.sent(request)), anew()
    if name := fields.get(keeping.FILE):
        fields["sha256"] = ""
        said = gettext("A file is kept on no page. Choose it again:")
        problem = replace(problem, errors=(Fault("/file", f"{said} {name}"),))
    return await _form(request, api, viewer, fields, problem=problem)


def _wanted(fields: Mapping[str, str]) -> Sending:
    """How the document is to be read. Raises a problem (422)."""
    given = {name: fields[name].strip() or None for name in ("format", "client", "profile") if name in fields}
    try:
        return Sending.model_validate(given)
    except ValidationError as error:
        raise invalid(error) from None


async def _document(api: Api, viewer: Viewer, sent: Sent, fields: dict[str, str]) -> tuple[bytes, str]:
    """The document in the form, which is kept; else the one kept of the form before. Raises a problem (422)."""
    tenant = viewer.caller.tenant
    if sent.document:
        if len(sent.document) > api.settings.document_bytes:
            raise uploading.too_large(api.settings)
        fields["media_type"] = sent.media_type
        fields["sha256"] = await documents.keep(api.database, tenant, sent.document, reporting.MANUAL, sent.media_type)
        return sent.document, sent.media_type
    digest = fields.get("sha256", "")
    if not _SHA256.fullmatch(digest):
        raise _fault("file", gettext("Choose a document."))
    try:
        found = await documents.find(api.database, tenant, digest)
    except KeyError:
        fields["sha256"] = ""
        raise _fault("file", gettext("The document is not there any more: choose it again.")) from None
    return found, fields.get("media_type", "")[:200] or "application/octet-stream"


def _fault(name: str, detail: str) -> Problem:
    return Problem(422, "shape", detail, (Fault(f"/{name}", detail),))


async def _form(
    request: Request,
    api: Api,
    viewer: Viewer,
    fields: Mapping[str, str],
    *,
    problem: Problem | None = None,
    trial: Trial | None = None,
) -> Response:
    saved = await profiles.listed(api.database, viewer.caller.tenant, None, PROFILES)
    faults: dict[str, str] = {}
    if problem is not None:
        faults = {one.pointer.lstrip("/"): one.detail for one in problem.errors}
    known: dict[str, Any] = {name: fields.get(name, "") for name in ("format", "client", "profile", "name")}
    kept_before = fields.get("sha256", "") if _SHA256.fullmatch(fields.get("sha256", "")) else ""
    return shown(
        request,
        "import_new.html",
        viewer,
        status=problem.status if problem else 200,
        typed=known,
        clients=await clients.offered(api, viewer.caller),
        sha256=kept_before,
        media_type=fields.get("media_type", ""),
        formats=sorted(FORMATS, key=lambda one: word("format", one).casefold()),
        profiles=[one.name for one in saved],
        refusal="" if problem is None else problem.detail,
        where={} if problem is None else problem.more,
        faults=faults,
        trial=trial,
        key=str(uuid7()),
    )
