"""The minutes of a committee review: for who sees the review, which is in full, and for nobody else."""

import asyncio
from typing import Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.api import links, lists, streams
from services.api.answers import Json
from services.api.context import Api, TheApi, TheCaller, now
from services.api.direct import Direct
from services.api.openapi import parameters
from services.api.printing import documents, printed
from services.api.reviews import KIND
from services.auth import Caller
from services.reports.minutes.filling import write
from services.reports.minutes.form import Minutes
from services.reports.minutes.proceedings import proceedings
from services.reports.wording import Reader
from workflows.committee.review import papers_of
from workflows.people import Frozen
from workflows.zones import Zone

router = APIRouter(prefix=links.path(KIND), tags=["reports"], route_class=Direct)


class MinutesWanting(Frozen):
    """As what minutes are given, and in which zone their reader is; the client's where none is named."""

    format: Literal["pdf", "docx", "json"] = "pdf"
    zone: Zone | None = None


def _answers() -> dict[str, Any]:
    told = documents("pdf", "docx")
    schema = {"type": "object", "required": list(Minutes.model_fields)}
    told["responses"]["200"]["content"]["application/json"] = {"schema": schema}
    return told


@router.get(
    "/{id}/minutes",
    summary="Minutes of a committee review",
    operation_id="minutes_of_committee_review",
    responses={409: {}, 413: {}},
    openapi_extra=parameters(MinutesWanting) | _answers(),
)
async def minutes(id: str, request: Request, api: TheApi, caller: TheCaller) -> Response:
    """The minutes as PDF, as DOCX in the body's own template, or field by field; a draft until it is decided."""
    wanted = lists.query(MinutesWanting, request)
    made = await drawn_up(api, caller, id, wanted.zone)
    if wanted.format == "json":
        return Json(made.model_dump(mode="json"), headers={"Cache-Control": "private, no-store"})
    return await printed(api, caller, made, wanted.format, f"minutes-{made.number or id}")


async def drawn_up(api: Api, caller: Caller, id: str, zone: str | None, reader: type[Reader] = Reader) -> Minutes:
    """The minutes of a review that a caller sees, for such a reader in a zone. Raises UnknownThing, and Unavailable."""
    stream = await streams.visible(api, caller, KIND, id)
    address = f"{api.settings.url}{links.path(KIND)}/{id}/events"
    body = api.settings.body_name(caller.tenant)
    told = await proceedings(api.ledger, api.database, caller.scope, stream, body, address)
    zoned = reader(ZoneInfo(zone or papers_of(told.review).zone))
    return await asyncio.to_thread(write, told, zoned, now())
