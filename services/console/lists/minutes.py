"""The minutes of a committee review as a page that prints, and as the files that the API renders."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.api import minutes as papers
from services.api.context import TheApi, now
from services.console.frame.here import Here
from services.console.frame.navigation import PATHS
from services.console.frame.paged import Paged
from services.console.frame.reader import reader
from services.console.frame.rendering import page
from services.console.lists.reviews import KIND
from services.signin.viewer import TheViewer

router = APIRouter(prefix=PATHS[KIND], route_class=Paged, include_in_schema=False)


@router.get("/{id}/minutes")
async def minutes(id: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The minutes in the reader's zone."""
    made = await papers.drawn_up(api, viewer.caller, id, reader(request, now()).zone.key, Here)
    return page(request, "minutes.html", viewer, minutes=made)


@router.get("/{id}/minutes/file")
async def file(id: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The minutes as PDF or DOCX."""
    return await papers.minutes(id, request, api, viewer.caller)
