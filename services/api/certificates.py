"""Certificates: lists, details, events, and a route for each command."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from activities.ledger.folding import blank
from activities.ledger.histories import whole_history
from activities.reads import entries as reads
from activities.reads.pages import Page
from services.api import commands, links, lists, streams, views
from services.api.answers import Json
from services.api.context import Api, TheApi, TheCaller, now
from services.api.direct import Direct
from services.api.lists import Filters, Moment, Several, Word
from services.api.nonconformities import route_commands
from services.api.openapi import CERTIFICATE, ETAG, EVENTS, PAGE, answers, command_body, parameters
from services.auth import Caller
from workflows.canonical import instant
from workflows.certificate import clock
from workflows.certificate.certificate import Certificate, name_of
from workflows.certificate.commands import Apply, TransferIn
from workflows.certificate.entry import certificate_view
from workflows.decider import stream_of
from workflows.registry import REGISTRY

KIND = "certificate"
Status = Literal["applied", "active", "suspended", "withdrawn", "expired", "refused"]

router = APIRouter(prefix="/v1/certificates", tags=["certificates"], route_class=Direct)


class CertificateFilters(Filters):
    """Which certificates; `client` and `status` take several values."""

    client: Annotated[tuple[Word, ...], Several] = ()
    status: Annotated[tuple[Status, ...], Several] = ()
    standard: Word | None = Field(default=None, description="a standard, with or without its edition")
    expires_before: Moment | None = Field(default=None, description="those that hold, and expire before this instant")


@router.get(
    "",
    summary="List certificates",
    operation_id=links.listing(KIND),
    openapi_extra=parameters(CertificateFilters) | answers(PAGE),
)
async def index(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A page of certificates by key; a client's people see their own, machines see none."""
    wanted = lists.query(CertificateFilters, request)
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
        holding={"standards": [name_of(wanted.standard)]} if wanted.standard else None,
        due_before=wanted.expires_before,
    )
    return lists.answer(request, found)


@router.get(
    "/{key}",
    summary="Read a certificate",
    operation_id=links.read(KIND),
    openapi_extra=answers(CERTIFICATE, ETAG),
)
async def detail(key: str, api: TheApi, caller: TheCaller) -> Response:
    """A certificate in full, with what the caller may do."""
    stream = await streams.visible(api, caller, KIND, key)
    standing = await streams.standing(api, caller, stream, now())
    state = stream.state if isinstance(stream.state, Certificate) else Certificate()
    return Json({**_view(key, state), **standing.view()}, headers={"ETag": f'"{standing.seq}"'})


@router.get(
    "/{key}/events",
    summary="Read the events of a certificate",
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
    summary="Apply for a certificate",
    status_code=201,
    operation_id=links.give(KIND, "apply"),
    openapi_extra=command_body(Apply, created=True),
)
async def apply(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A new application; under the key of one that was refused, withdrawn or expired, another one for it."""
    return await _begun(request, api, caller, Apply.command)


@router.post(
    "/transfer-in",
    summary="Take over a certificate of another body",
    status_code=201,
    operation_id=links.give(KIND, "transfer_in"),
    openapi_extra=command_body(TransferIn, created=True),
)
async def transfer_in(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A certificate with its dates; each nonconformity that is open there comes as a finding with `history`."""
    return await _begun(request, api, caller, TransferIn.command)


async def _begun(request: Request, api: Api, caller: Caller, given: str) -> Response:
    command = await commands.read(request, caller, given)
    key = commands.key_of(KIND, command)
    name = stream_of(KIND, key)
    with commands.told(api, KIND, command.name):
        stream = await api.ledger.load(caller.scope, name) or blank(REGISTRY, caller.tenant, name)
        answer = await commands.give(api, caller, stream, command)
    told = answer.model_dump(mode="json", include=commands.TOLD)
    headers = {"ETag": f'"{answer.seq}"', "Location": f"/v1/certificates/{key}"}
    return Json({"key": key, **told}, 200 if answer.repeated else 201, headers)


def _view(key: str, state: Certificate) -> dict[str, Any]:
    """A certificate in full: its row in lists, what its dates mean, and why it stands as it does."""
    term, suspension = state.term, state.suspension
    restorable = clock.restorable_until(term, state.zone) if term and state.status == "expired" else None
    return {
        **certificate_view(key, state),
        "zone": state.zone,
        "expires_at": _at(term.expires_at if term else None),
        "restorable_until": _at(restorable),
        "suspension": suspension and suspension.model_dump(mode="json"),
        "reductions": [reduction.model_dump(mode="json") for reduction in state.reductions],
        "cases": list(state.cases),
        "applications": state.applications,
        "applied_at": _at(state.applied_at),
        "decided_at": _at(state.decided_at),
        "ended_at": _at(state.ended_at),
        "ended_because": state.ended_because,
    }


def _at(at: datetime | None) -> str | None:
    return None if at is None else instant(at)


route_commands(router, KIND, but=frozenset({"apply", "transfer_in"}))
