"""Certificates: lists, details, events, and a route for each command."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from activities.reads import entries as reads
from activities.reads.pages import Page
from services.api import links, lists, streams
from services.api.answers import Json, etag
from services.api.context import Api, TheApi, TheCaller, now
from services.api.direct import Direct
from services.api.lists import Filters, Moment, Several, Word
from services.api.openapi import CERTIFICATE, ETAG, PAGE, answers, command_body, parameters
from services.api.procedures import route_commands, route_events
from services.api.things import Thing
from services.auth import Caller
from services.telling import when
from workflows.certificate import clock
from workflows.certificate.certificate import Certificate, name_of
from workflows.certificate.commands import Apply, TransferIn
from workflows.certificate.entry import certificate_view
from workflows.certificate.events import Reached

KIND = "certificate"
THING = Thing(KIND)

router = APIRouter(prefix=links.path(KIND), tags=["certificates"], route_class=Direct)


class CertificateFilters(Filters):
    """Which certificates; `client` and `status` take several values."""

    client: Annotated[tuple[Word, ...], Several] = ()
    status: Annotated[tuple[Reached, ...], Several] = ()
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
    return lists.answer(request, await listed(api, caller, lists.query(CertificateFilters, request)))


async def listed(api: Api, caller: Caller, wanted: CertificateFilters) -> Page:
    """A page of certificates by key. Raises Unavailable."""
    return await reads.listed(
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
    return Json({**view(key, state), **standing.view()}, headers=etag(standing.seq))


@router.post(
    "",
    summary="Apply for a certificate",
    status_code=201,
    operation_id=links.give(KIND, "apply"),
    openapi_extra=command_body(Apply, created=True),
)
async def apply(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A new application; under the key of one that was refused, withdrawn or expired, another one for it."""
    return await THING.begin("apply", request, api, caller)


@router.post(
    "/transfer-in",
    summary="Take over a certificate of another body",
    status_code=201,
    operation_id=links.give(KIND, "transfer_in"),
    openapi_extra=command_body(TransferIn, created=True),
)
async def transfer_in(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A certificate with its dates; each nonconformity that is open there comes as a finding with `history`."""
    return await THING.begin("transfer_in", request, api, caller)


def view(key: str, state: Certificate) -> dict[str, Any]:
    """A certificate in full: its row in lists, what its dates mean, and why it stands as it does."""
    term, suspension = state.term, state.suspension
    restorable = clock.restorable_until(term, state.zone) if term and state.status == "expired" else None
    return {
        **certificate_view(key, state),
        "zone": state.zone,
        "expires_at": when(term.expires_at if term else None),
        "restorable_until": when(restorable),
        "suspension": suspension and suspension.model_dump(mode="json"),
        "reductions": [reduction.model_dump(mode="json") for reduction in state.reductions],
        "cases": list(state.cases),
        "applications": state.applications,
        "applied_at": when(state.applied_at),
        "decided_at": when(state.decided_at),
        "ended_at": when(state.ended_at),
        "ended_because": state.ended_because,
    }


route_events(router, KIND)
route_commands(router, KIND, but=frozenset({"apply", "transfer_in"}))
