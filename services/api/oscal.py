"""OSCAL for other systems: a client's open nonconformities as a plan of action and milestones."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from activities.reads.living import living
from services import oscal, sight
from services.api import lists, streams
from services.api.answers import Json
from services.api.context import TheApi, TheCaller, now
from services.api.direct import Direct
from services.api.lists import Word
from services.api.openapi import answers, parameters
from services.intake import Limits
from services.problems import Problem, fault
from workflows.people import Frozen
from workflows.sentences import Sentence

router = APIRouter(prefix="/v1/oscal", tags=["oscal"], route_class=Direct)

MOST = Limits().items
"""As many items as one document may bring back."""

POAM: dict[str, Any] = {
    "type": "object",
    "required": ["plan-of-action-and-milestones"],
    "properties": {"plan-of-action-and-milestones": {"type": "object"}},
}


class Whose(Frozen):
    """Whose nonconformities; a client's people and keys need not say it."""

    client: Word | None = None


@router.get(
    "/poam",
    summary="Export open nonconformities as an OSCAL POA&M",
    operation_id="export_poam",
    responses={403: {}, 404: {}, 413: {}},
    openapi_extra=parameters(Whose) | answers(POAM),
)
async def export(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """Every open nonconformity of a client, those due first; 404 where there is none, of which there is no POA&M."""
    client = lists.query(Whose, request).client or caller.actor.client
    if caller.actor.kind == "key" and caller.actor.client is None:
        raise Problem(403, "role", Sentence("Of machines, a POA&M is for those whose key is bound to the client."))
    if client is None:
        raise fault("/client", Sentence("A POA&M is of one client: say whose."))
    await streams.visible(api, caller, "client", client)
    found = await living(api.database, sight.of_client(caller.tenant, caller.actor), client, MOST + 1)
    if not found:
        raise Problem(404, "nothing_open", f"{client} has no open nonconformity, and a POA&M has one item at least.")
    if len(found) > MOST:
        raise Problem(413, "too_many_items", f"{client} has more than {MOST:,} open nonconformities.")
    return await asyncio.to_thread(lambda: Json(oscal.poam(caller.tenant, client, found, now())))
