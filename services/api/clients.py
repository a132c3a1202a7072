"""Clients: the registry of those whose management systems are audited."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.responses import Response

from activities.ledger.protocol import Met
from activities.reads import clients as reads
from activities.reads.pages import Page
from services.api import commands, links, lists, streams
from services.api.answers import Json, etag
from services.api.context import Api, TheApi, TheCaller, now
from services.api.direct import Direct
from services.api.lists import Filters
from services.api.openapi import ENTRY, ETAG, PAGE, answers, command_body, parameters
from services.api.procedures import route_events
from services.api.things import Thing
from services.auth import Caller
from services.problems import refused
from workflows.client.commands import ChangeSettings, Merge, Register, Revise
from workflows.client.refusals import NameTaken
from workflows.client.state import ClientState
from workflows.decider import Answer, Command

KIND = "client"
THING = Thing(KIND, part="entry")
NAMING: Mapping[str, type[Register | Revise]] = {shape.command: shape for shape in (Register, Revise)}
"""The commands that give a client names."""

router = APIRouter(prefix=links.path(KIND), tags=["clients"], route_class=Direct)


@router.get(
    "",
    summary="List clients",
    operation_id=links.listing(KIND),
    openapi_extra=parameters(Filters) | answers(PAGE),
)
async def index(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A page of clients by key; a client's people and keys see their own."""
    wanted = lists.query(Filters, request)
    return lists.answer(request, await listed(api, caller, wanted.cursor, wanted.limit))


async def listed(api: Api, caller: Caller, after: str | None, limit: int) -> Page:
    """A page of clients by key, as far as the caller sees them. Raises Unavailable."""
    return await reads.listed(api.database, caller.scope, after, limit)


@router.get("/{key}", summary="Read a client", operation_id=links.read(KIND), openapi_extra=answers(ENTRY, ETAG))
async def detail(key: str, api: TheApi, caller: TheCaller) -> Response:
    """A client's entry, with what the caller may do."""
    stream = await streams.visible(api, caller, KIND, key)
    standing = await streams.standing(api, caller, stream, now())
    client = stream.state if isinstance(stream.state, ClientState) else ClientState()
    told = client.entry.model_dump(mode="json") if client.entry else {}
    return Json({**told, "status": client.status, **standing.view()}, headers=etag(standing.seq))


@router.post(
    "",
    summary="Register a client",
    status_code=201,
    operation_id=links.give(KIND, "register"),
    openapi_extra=command_body(Register, created=True),
)
async def register(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A new client."""
    return await THING.begin("register", request, api, caller, give)


@router.patch(
    "/{key}",
    summary="Revise a client",
    operation_id=links.give(KIND, "revise"),
    openapi_extra=command_body(Revise),
)
async def revise(key: str, request: Request, api: TheApi, caller: TheCaller) -> Response:
    """Changes by the certification body."""
    return await THING.change("revise", key, request, api, caller, give)


@router.post(
    "/{key}/change-settings",
    summary="Change a client's settings",
    operation_id=links.give(KIND, "change_settings"),
    openapi_extra=command_body(ChangeSettings),
)
async def change_settings(key: str, request: Request, api: TheApi, caller: TheCaller) -> Response:
    """Changes by the client's approver."""
    return await THING.change("change_settings", key, request, api, caller)


@router.post(
    "/{key}/merge",
    summary="Merge a duplicate into another client",
    operation_id=links.give(KIND, "merge"),
    openapi_extra=command_body(Merge),
)
async def merge(key: str, request: Request, api: TheApi, caller: TheCaller) -> Response:
    """The client ends; the other takes over its names, sites and people, and what bears its key follows."""
    return await THING.change("merge", key, request, api, caller)


route_events(router, KIND)


async def give(api: Api, caller: Caller, met: Met, command: Command) -> Answer:
    """What became of a command on a client; another client's names are refused.

    The database keeps names apart (0004): who loses a race is told to repeat, and hears here whose the name is.
    """
    shape = NAMING.get(command.name)
    if shape is not None and met.recorded is None:
        await commands.check(api, caller, met.stream, command)
        said = shape.model_validate(command.body)
        key = met.stream.name.partition("/")[2]
        names = {key, said.name or key, *(said.aliases or ())}
        holder = await reads.holding(api.database, caller.tenant, key, names)
        if holder is not None:
            raise refused(NameTaken(name=holder.name, holder=holder.key).data())
    return await commands.give(api, caller, met, command)
