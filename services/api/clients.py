"""Clients: the registry of those whose management systems are audited."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import JSONResponse, Response

from activities.ledger.folding import blank
from activities.reads import clients as reads
from services.api import commands, lists, streams
from services.api.context import Api, TheApi, TheCaller, now
from services.api.lists import Filters
from services.api.openapi import command_body, parameters
from services.api.problems import invalid
from services.auth import Caller
from workflows.client.commands import ChangeSettings, Register, Revise
from workflows.client.rules import ClientState
from workflows.decider import Answer, stream_of
from workflows.registry import REGISTRY

KIND = "client"

router = APIRouter(prefix="/v1/clients", tags=["clients"])


@router.get("", summary="List clients", openapi_extra=parameters(Filters))
async def index(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A page of clients by key; a client's people and keys see their own."""
    wanted = lists.query(Filters, request)
    scope = caller.scope if caller.actor.client is None else type(caller.scope)(caller.tenant, caller.actor.client)
    return lists.answer(await reads.listed(api.database, scope, wanted.cursor, wanted.limit))


@router.get("/{key}", summary="Read a client")
async def detail(key: str, api: TheApi, caller: TheCaller) -> Response:
    """A client's entry, with what the caller may do."""
    stream = await streams.visible(api, caller, KIND, key)
    standing = await streams.standing(api, caller, stream, now())
    entry = stream.state.entry if isinstance(stream.state, ClientState) else None
    told = entry.model_dump(mode="json") if entry else {}
    return JSONResponse({**told, **standing.view()}, headers={"ETag": f'"{standing.seq}"'})


@router.post("", summary="Register a client", status_code=201, openapi_extra=command_body(Register))
async def register(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A new client."""
    command = await commands.read(request, caller, "register")
    try:
        entry = Register.model_validate(command.body)
    except ValidationError as error:
        raise invalid(error) from None
    name = stream_of(KIND, entry.key)
    stream = await api.ledger.load(caller.scope, name) or blank(REGISTRY, caller.tenant, name)
    answer = await commands.give(api, caller, stream, command)
    return await _respond(api, caller, name, answer, 201)


@router.patch("/{key}", summary="Revise a client", openapi_extra=command_body(Revise))
async def revise(key: str, request: Request, api: TheApi, caller: TheCaller) -> Response:
    """Changes by the certification body."""
    return await _change(key, "revise", request, api, caller)


@router.post("/{key}/change-settings", summary="Change a client's settings", openapi_extra=command_body(ChangeSettings))
async def change_settings(key: str, request: Request, api: TheApi, caller: TheCaller) -> Response:
    """Changes by the client's approver."""
    return await _change(key, "change_settings", request, api, caller)


async def _change(key: str, name: str, request: Request, api: Api, caller: Caller) -> Response:
    stream = await streams.visible(api, caller, KIND, key)
    command = await commands.read(request, caller, name)
    return await _respond(api, caller, stream.name, await commands.give(api, caller, stream, command), 200)


async def _respond(api: Api, caller: Caller, name: str, answer: Answer, status: int) -> Response:
    """The entry as the command left it, with its answer."""
    [event] = await api.ledger.history(caller.scope, name, after=answer.seq - 1, limit=1)
    entry: dict[str, Any] = (event.data or {}).get("entry", {})
    told = answer.model_dump(mode="json", include=commands.TOLD)
    headers = {"ETag": f'"{answer.seq}"', "Location": f"/v1/clients/{name.partition('/')[2]}"}
    return JSONResponse({**entry, **told}, status, headers)
