"""Committee reviews: lists, details, and a route for each command."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from activities.reads import reviews as reads
from services.api import links, lists, streams, views
from services.api.answers import Json, etag
from services.api.context import TheApi, TheCaller, now
from services.api.direct import Direct
from services.api.lists import Filters, Word
from services.api.openapi import DETAIL, ETAG, PAGE, answers, parameters
from services.api.procedures import route_commands, route_events
from workflows.committee.review import Review

KIND = "committee_review"

router = APIRouter(prefix=links.path(KIND), tags=["committee reviews"], route_class=Direct)


class ReviewFilters(Filters):
    """Which reviews; `member` is a person's id, `me` the caller's own."""

    status: Literal["convened", "decided"] | None = None
    case_id: Word | None = None
    member: Annotated[Word, "a person's id, or me"] | None = None


@router.get(
    "",
    summary="List committee reviews",
    operation_id=links.listing(KIND),
    openapi_extra=parameters(ReviewFilters) | answers(PAGE),
)
async def index(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A page of reviews, the certification body's own: clients and machines see none."""
    wanted = lists.query(ReviewFilters, request)
    member = caller.actor.id if wanted.member == "me" else wanted.member
    return lists.answer(
        request,
        await reads.listed(
            api.database, caller.scope, wanted.status, wanted.case_id, member, wanted.cursor, wanted.limit
        ),
    )


@router.get(
    "/{id}",
    summary="Read a committee review",
    operation_id=links.read(KIND),
    openapi_extra=answers(DETAIL, ETAG),
)
async def detail(id: str, api: TheApi, caller: TheCaller) -> Response:
    """A review in full, with what the caller may do."""
    stream = await streams.visible(api, caller, KIND, id)
    standing = await streams.standing(api, caller, stream, now())
    review = stream.state if isinstance(stream.state, Review) else Review()
    return Json(views.review_view(review, standing), headers=etag(standing.seq))


route_events(router, KIND)
route_commands(router, KIND)
