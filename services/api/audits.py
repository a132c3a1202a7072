"""Audits: lists, details with how they stand, events, and a route for each command."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from activities.ledger.protocol import Stream
from activities.reads import entries as reads
from activities.reads.pages import Page
from services.api import links, lists, streams
from services.api.answers import Json, etag
from services.api.audit_views import audit_view
from services.api.context import Api, TheApi, TheCaller, now
from services.api.direct import Direct
from services.api.lists import Filters, Several, Word
from services.api.openapi import AUDIT, ETAG, PAGE, answers, command_body, parameters
from services.api.procedures import route_commands, route_events
from services.api.things import Thing
from services.api.views import Standing
from services.auth import Caller
from workflows.audit.audit import Audit, Reached
from workflows.audit.commands import Plan, Revise
from workflows.audit.standing import looked_at
from workflows.decider import Wants
from workflows.entries import CaseEntry, CaseQuery
from workflows.grades import Stage

KIND = "audit"
THING = Thing(KIND, part="outline")

router = APIRouter(prefix=links.path(KIND), tags=["audits"], route_class=Direct)


class AuditFilters(Filters):
    """Which audits; each takes several values."""

    client: Annotated[tuple[Word, ...], Several] = ()
    stage: Annotated[tuple[Stage, ...], Several] = ()
    status: Annotated[tuple[Reached, ...], Several] = ()


@router.get(
    "",
    summary="List audits",
    operation_id=links.listing(KIND),
    openapi_extra=parameters(AuditFilters) | answers(PAGE),
)
async def index(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A page of audits by key; a client's people see their own, machines see none."""
    return lists.answer(request, await listed(api, caller, lists.query(AuditFilters, request)))


async def listed(api: Api, caller: Caller, wanted: AuditFilters) -> Page:
    """A page of audits by key. Raises Unavailable."""
    return await reads.listed(
        api.database,
        caller.scope,
        KIND,
        wanted.cursor,
        wanted.limit,
        clients=wanted.client,
        statuses=wanted.status,
        among={"stage": wanted.stage},
    )


@router.get("/{key}", summary="Read an audit", operation_id=links.read(KIND), openapi_extra=answers(AUDIT, ETAG))
async def detail(key: str, api: TheApi, caller: TheCaller) -> Response:
    """An audit in full: how it stands and why, its windows, its cases in short, and what the caller may do."""
    stream = await streams.visible(api, caller, KIND, key)
    standing = await streams.standing(api, caller, stream, now())
    return Json(await told(api, caller, stream, standing), headers=etag(standing.seq))


async def told(api: Api, caller: Caller, stream: Stream, standing: Standing) -> dict[str, Any]:
    """An audit in full, as its detail tells it. Raises Unavailable."""
    audit = stream.state if isinstance(stream.state, Audit) else Audit()
    scope, whole = caller.scope, caller.scope.whole
    found = await streams.cases(api, scope, CaseQuery(client=audit.client, audit=standing.id))
    earlier: Sequence[CaseEntry] | None = None
    if audit.outline is not None and audit.outline.stage == "internal":
        earlier = await streams.cases(api, scope, CaseQuery(client=audit.client, living=True))
    # How it stands is so for everybody, whatever of it a viewer sees.
    looked = await streams.cases(api, whole, looked_at(audit.outline)) if audit.outline is not None else ()
    beside = (await api.ledger.facts(whole, Wants(client=audit.client, audits=True))).audits
    return audit_view(audit, found, looked, beside, earlier, standing)


@router.post(
    "",
    summary="Plan an audit",
    status_code=201,
    operation_id=links.give(KIND, "plan"),
    openapi_extra=command_body(Plan, created=True),
)
async def plan(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A new audit."""
    return await THING.begin("plan", request, api, caller)


@router.patch(
    "/{key}",
    summary="Revise an audit",
    operation_id=links.give(KIND, "revise"),
    openapi_extra=command_body(Revise),
)
async def revise(key: str, request: Request, api: TheApi, caller: TheCaller) -> Response:
    """Changes of what was planned; what is left out stays."""
    return await THING.change("revise", key, request, api, caller)


route_events(router, KIND)
route_commands(router, KIND, but=frozenset({"plan", "revise"}))
