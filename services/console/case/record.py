"""The record of a thing proved: its chain of events computed anew, in its place on the page or as a page."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.api.context import Api, TheApi, now
from services.console.case.proving import proof
from services.console.forms.subject import PATHS, seen
from services.console.frame.paged import Paged
from services.console.frame.rendering import page
from services.signin.viewer import TheViewer, Viewer

router = APIRouter(route_class=Paged, include_in_schema=False)


async def prove(kind: str, id: str, request: Request, api: Api, viewer: Viewer) -> Response:
    """What checking the record found: the part alone for a script, else a page."""
    found = await seen(api, viewer.caller, kind, id)
    part = request.headers.get("hx-request") == "true"
    return page(
        request,
        "proof_result.html" if part else "proof.html",
        viewer,
        found=found,
        proof=proof(found.stream, found.history),
        checked_at=now(),
    )


def _route(kind: str, path: str) -> None:
    async def proved(id: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
        return await prove(kind, id, request, api, viewer)

    router.add_api_route(f"{path}/{{id}}/proof", proved, methods=["GET"], name=f"{kind}_proof")


for _kind, _path in PATHS.items():
    _route(_kind, _path)
