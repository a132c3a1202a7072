"""Deliveries at hooks: each proven by its sender's signature before it is read, and noted with what became of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response
from uuid_utils.compat import uuid7

from activities.directory import hook_deliveries, hooks
from activities.directory.hook_deliveries import Received
from activities.directory.hooks import Hook
from activities.directory.imports import RESULTS
from activities.directory.secret import good
from services.api import bodies, findings, lists
from services.api.answers import Json
from services.api.context import Api, TheApi, TheCaller, now
from services.api.findings import OUTCOMES, Reading
from services.api.hooks import keeper, seen, unknown
from services.api.lists import Filters
from services.api.openapi import PAGE, answers, parameters
from services.auth import Caller, machine
from services.intake import senders
from services.intake.senders import Forged
from services.problems import Problem
from services.reporting import Entry
from workflows.canonical import escape

LARGEST = 8 * 2**20
"""Bytes of a delivery, where a document may not have fewer: whoever sends it is not known yet."""

FORM = b"payload="
"""How a form of GitHub's begins, application/x-www-form-urlencoded: what a webhook sends by default."""

TOLD = 20
"""Receipts of a delivery that are kept, what was rejected first; all are counted."""

CHALLENGE = {"WWW-Authenticate": "Signature"}
FORMATS: Mapping[str, str] = {"github": "github", "jira": "jira", "servicenow": "servicenow"}
"""What senders of a kind send; others say it by what they send."""

router = APIRouter(prefix="/v1/hooks/{id}", tags=["hooks"])


@router.post(
    "",
    summary="Report findings as a sender that signs",
    status_code=201,
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": {}}}},
        "responses": OUTCOMES,
        "security": [],
    },
)
async def deliver(id: str, request: Request, api: TheApi) -> Response:
    """Records the findings of a delivery as `POST /v1/findings` does, once its signature proves who sent it.

    A delivery that comes again records nothing: the ledger answers under the same command id what was recorded then.
    That id is made of what is signed, the id of the message or the finding's revision, so that nobody else can have an
    old body taken for a new one; and of the sender's id of the delivery for findings that have no revision.
    """
    tenant = hooks.tenant_of(id)
    hook = await hooks.find(api.database, tenant, id) if tenant else None
    if tenant is None or hook is None or hook.ended_at is not None:
        raise unknown(id)
    document = await bodies.received(request, min(LARGEST, api.settings.document_bytes))
    at = now()
    try:
        senders.verify(hook.kind, good(hook.secrets, at), request.headers, document, at)
    except Forged as forged:
        await hooks.forged(api.database, tenant, hook, str(forged), at)
        raise Problem(401, "bad_signature", f"The signature does not fit: {forged}", headers=CHALLENGE) from None
    await hooks.used(api.database, tenant, hook, at)
    named = senders.delivery(hook.kind, request.headers)
    name = hooks.delivery_name(hook, named) if named else None
    signed = hook.kind in senders.SIGNING_IDS
    try:
        _check_media_type(hook, document)
        delivery, entries = await findings.recorded(
            request,
            api,
            Caller(tenant, machine(f"hook:{hook.id}", hook)),
            document,
            Reading(format=FORMATS.get(hook.kind), client=hook.client),
            key=name if signed else None,
            brought_by=None if signed else name,
        )
    except Problem as problem:
        await _note(api, tenant, hook, named, at, (), problem)
        raise
    await _note(api, tenant, hook, named, at, entries)
    return findings.told(delivery, entries)


def _check_media_type(hook: Hook, document: bytes) -> None:
    """A problem (415) for a form, in which GitHub wraps what it sends unless it is told to send JSON."""
    if hook.kind == "github" and document.startswith(FORM):
        says = "GitHub sends it as a form: set the webhook's content type there to application/json."
        raise Problem(415, "unsupported_media_type", says)


@router.get(
    "/deliveries",
    summary="List what came in at a hook",
    openapi_extra=parameters(Filters) | answers(PAGE),
    dependencies=[Depends(keeper)],
    responses={403: {}},
)
async def index(id: str, request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A page of deliveries that were signed, the newest first, with what became of each; the last 100 are kept."""
    hook = await seen(api, caller, id)
    wanted = lists.query(Filters, request)
    found, following = await listed(api, hook, caller, wanted.cursor, wanted.limit)
    return Json(lists.body(request, [one.model_dump(mode="json") for one in found], following))


async def listed(
    api: Api, hook: Hook, caller: Caller, before: str | None, limit: int
) -> tuple[Sequence[Received], str | None]:
    """Deliveries of a hook, the newest first, and where the next page begins. Raises Unavailable."""
    found = await hook_deliveries.listed(api.database, caller.tenant, hook.id, before, limit + 1)
    return lists.cut(found, limit, lambda one: one.id)


async def _note(
    api: Api,
    tenant: str,
    hook: Hook,
    named: str | None,
    at: datetime,
    entries: Sequence[Entry],
    problem: Problem | None = None,
) -> None:
    """Notes a delivery with what became of its items, or why none was taken; what it brought again is a duplicate."""
    counts = Counter("duplicate" if entry.repeated else entry.result for entry in entries)
    first = sorted(entries, key=lambda entry: entry.result != "rejected")[:TOLD]
    refused = next((entry.problem for entry in first if entry.problem is not None), problem)
    values: dict[str, Any] = {name: counts[name] for name in RESULTS}
    one = Received(
        id=str(uuid7()),
        named=named and named[:200],
        received_at=at,
        refusal=None if refused is None else escape(refused.detail)[0],
        receipts=tuple(entry.view() for entry in first),
        **values,
    )
    await hook_deliveries.keep(api.database, tenant, hook.id, one)
