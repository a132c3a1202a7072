"""Audits: lists, details with how they stand, events, and a route for each command."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from activities.ledger.folding import blank
from activities.ledger.histories import whole_history
from activities.reads import entries as reads
from activities.reads.pages import Page
from services.api import commands, links, lists, streams, views
from services.api.answers import Json
from services.api.audit_views import audit_view
from services.api.context import Api, TheApi, TheCaller, now
from services.api.direct import Direct
from services.api.lists import Filters, Several, Word
from services.api.nonconformities import route_commands
from services.api.openapi import AUDIT, ETAG, EVENTS, PAGE, answers, command_body, parameters
from services.auth import Caller
from workflows.audit.audit import Audit
from workflows.audit.commands import Plan, Revise
from workflows.audit.standing import looked_at
from workflows.decider import Answer, Wants, stream_of
from workflows.entries import CaseEntry, CaseQuery
from workflows.policy import Stage
from workflows.registry import REGISTRY

KIND = "audit"

router = APIRouter(prefix="/v1/audits", tags=["audits"], route_class=Direct)


class AuditFilters(Filters):
    """Which audits; each takes several values."""

    client: Annotated[tuple[Word, ...], Several] = ()
    stage: Annotated[tuple[Stage, ...], Several] = ()
    status: Annotated[
        tuple[Literal["planned", "under_way", "ended", "concluded", "lapsed", "cancelled"], ...], Several
    ] = ()


@router.get(
    "",
    summary="List audits",
    operation_id=links.listing(KIND),
    openapi_extra=parameters(AuditFilters) | answers(PAGE),
)
async def index(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A page of audits by key; a client's people see their own, machines see none."""
    wanted = lists.query(AuditFilters, request)
    if caller.actor.kind == "key":
        return lists.answer(request, Page("[]", None))
    found = await reads.listed(
        api.database,
        caller.scope,
        KIND,
        wanted.cursor,
        wanted.limit,
        clients=wanted.client,
        statuses=wanted.status,
        among={"stage": wanted.stage},
    )
    return lists.answer(request, found)


@router.get("/{key}", summary="Read an audit", operation_id=links.read(KIND), openapi_extra=answers(AUDIT, ETAG))
async def detail(key: str, api: TheApi, caller: TheCaller) -> Response:
    """An audit in full: how it stands and why, its windows, its cases in short, and what the caller may do."""
    stream = await streams.visible(api, caller, KIND, key)
    standing = await streams.standing(api, caller, stream, now())
    audit = stream.state if isinstance(stream.state, Audit) else Audit()
    found = await _cases(api, caller, CaseQuery(client=audit.client, audit=key))
    earlier: list[CaseEntry] | None = None
    if audit.outline is not None and audit.outline.stage == "internal":
        earlier = await _cases(api, caller, CaseQuery(client=audit.client, living=True))
    looked = await _cases(api, caller, looked_at(audit.outline)) if audit.outline is not None else []
    return Json(audit_view(audit, found, looked, earlier, standing), headers={"ETag": f'"{standing.seq}"'})


@router.get(
    "/{key}/events",
    summary="Read the events of an audit",
    operation_id=f"{KIND}_events",
    openapi_extra=answers(EVENTS),
)
async def events(key: str, api: TheApi, caller: TheCaller) -> Response:
    """Every event, with its envelope whole, so that the chain of hashes can be checked by anyone."""
    stream = await streams.visible(api, caller, KIND, key)
    history = await whole_history(api.ledger, caller.scope, stream.name)
    return Json([views.event_view(event) for event in history if event.seq <= stream.seq])


@router.post(
    "",
    summary="Plan an audit",
    status_code=201,
    operation_id=links.give(KIND, "plan"),
    openapi_extra=command_body(Plan, created=True),
)
async def plan(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A new audit."""
    command = await commands.read(request, caller, "plan")
    name = stream_of(KIND, commands.key_of(KIND, command))
    with commands.told(api, KIND, command.name):
        stream = await api.ledger.load(caller.scope, name) or blank(REGISTRY, caller.tenant, name)
        answer = await commands.give(api, caller, stream, command)
        return await _respond(api, caller, name, answer, 200 if answer.repeated else 201)


@router.patch(
    "/{key}",
    summary="Revise an audit",
    operation_id=links.give(KIND, "revise"),
    openapi_extra=command_body(Revise),
)
async def revise(key: str, request: Request, api: TheApi, caller: TheCaller) -> Response:
    """Changes of what was planned; what is left out stays."""
    with commands.told(api, KIND, "revise"):
        stream = await streams.visible(api, caller, KIND, key)
        command = await commands.read(request, caller, "revise")
        return await _respond(api, caller, stream.name, await commands.give(api, caller, stream, command), 200)


async def _cases(api: Api, caller: Caller, query: CaseQuery) -> list[CaseEntry]:
    """Cases in short, as far as the caller sees them."""
    return list((await api.ledger.facts(caller.scope, Wants(cases=query))).cases)


async def _respond(api: Api, caller: Caller, name: str, answer: Answer, status: int) -> Response:
    """The audit as the command left its plan, with its answer."""
    [event] = await api.ledger.history(caller.scope, name, after=answer.seq - 1, limit=1)
    outline: dict[str, Any] = (event.data or {}).get("outline", {})
    told = answer.model_dump(mode="json", include=commands.TOLD)
    headers = {"ETag": f'"{answer.seq}"', "Location": f"/v1/audits/{name.partition('/')[2]}"}
    return Json({**outline, **told}, status, headers)


route_commands(router, KIND, but=frozenset({"plan", "revise"}))
