"""The record of a thing: its chain of events proved anew, and each event read; in its place, or as a page."""

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from services.api.context import Api, TheApi, now
from services.console.case.proving import proof
from services.console.case.saying import said
from services.console.forms.subject import seen
from services.console.frame.catalogue import gettext
from services.console.frame.navigation import PATHS
from services.console.frame.paged import Paged
from services.console.frame.rendering import page
from services.signin.viewer import TheViewer, Viewer, is_script

router = APIRouter(route_class=Paged, include_in_schema=False)


async def prove(kind: str, id: str, request: Request, api: Api, viewer: Viewer) -> Response:
    """What checking the record found: the part alone for a script, else a page."""
    found = await seen(api, viewer.caller, kind, id)
    return page(
        request,
        "proof_result.html" if is_script(request) else "proof.html",
        viewer,
        found=found,
        proof=proof(found.stream, found.history),
        checked_at=now(),
    )


async def read(kind: str, id: str, seq: str, request: Request, api: Api, viewer: Viewer) -> Response:
    """What one event says: the part alone for a script, else a page. Raises UnknownThing and Unavailable."""
    found = await seen(api, viewer.caller, kind, id)
    event = found.event(seq)
    if event is None:
        raise HTTPException(404, gettext("There is no such event."))
    template = "event_said.html" if is_script(request) else "event.html"
    return page(request, template, viewer, found=found, said=said(found.history, event))


def _route(kind: str, path: str) -> None:
    async def proved(id: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
        return await prove(kind, id, request, api, viewer)

    async def event(id: str, seq: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
        return await read(kind, id, seq, request, api, viewer)

    router.add_api_route(f"{path}/{{id}}/events/{{seq}}", event, methods=["GET"], name=f"{kind}_event")
    router.add_api_route(f"{path}/{{id}}/proof", proved, methods=["GET"], name=f"{kind}_proof")


for _kind, _path in PATHS.items():
    _route(_kind, _path)
