"""Files of evidence at the console: uploaded for a case, then attached to it by the form of that command; and read.

A preview is a read, and noted as one; but once a day for each reader and file, because pictures come with each page.
"""

import hmac
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from services.api import evidence, files, streams, uploads
from services.api.context import TheApi
from services.api.middleware import BODILESS
from services.console.case.page import KIND
from services.console.forms.subject import PATHS
from services.console.frame.catalogue import gettext
from services.console.frame.paged import Paged
from services.console.frame.rendering import page
from services.evidence import previews
from services.evidence.serving import Damaged, Download
from services.problems import Problem
from services.ready import CONSOLE
from services.signin.viewer import FIELD, Forged, TheViewer, Viewer, check_origin

router = APIRouter(route_class=Paged, include_in_schema=False)


@router.post(f"{PATHS[KIND]}/{{id}}/upload")
async def upload(id: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """Keeps a file, and leads to the form by which it is attached, begun with what is known of it."""
    check_origin(request)
    await streams.visible(api, viewer.caller, KIND, id)
    file, _ = await uploads.take(request, api, viewer.caller, lambda fields: _admit(fields, viewer))
    told = {"name": file.name, "sha256": file.sha256, "media_type": file.media_type, "size": str(file.size)}
    if file.produced_on is not None:
        told["produced_on"] = file.produced_on.isoformat()
    return RedirectResponse(f"{PATHS[KIND]}/{id}/attach-evidence?{urlencode(told)}", 303)


@router.get(f"{CONSOLE}/evidence/{{id}}")
async def content(id: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The bytes of a file, as the API serves them."""
    return await evidence.serve(request, api, viewer.caller, await files.visible(api, viewer.caller, id))


@router.get(f"{CONSOLE}/evidence/{{id}}/preview")
async def preview(id: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """A picture as it is, or the first lines of a text: the part alone for a script, else a page."""
    file = await files.visible(api, viewer.caller, id)
    kind = previews.kind(file)
    if kind is None:
        raise Problem(404, "no_preview", gettext("Such a file is not shown here. Save it to read it."))
    if request.scope.get(BODILESS):
        return Response(headers=previews.headers(file) if kind == "picture" else {})
    try:
        parts = await evidence.reading(api, viewer.caller).shown(file)
        if kind == "picture":
            return Download(parts, headers={**previews.headers(file), "Content-Length": str(file.size)})
        beginning = await previews.beginning(parts)
    except Damaged:
        raise evidence.damaged() from None
    part = request.headers.get("hx-request") == "true"
    return page(request, "preview_lines.html" if part else "preview.html", viewer, file=file, beginning=beginning)


def _admit(fields: dict[str, str], viewer: Viewer) -> None:
    """Refuses a form of another session, before its file is read."""
    if not hmac.compare_digest(fields.pop(FIELD, "").encode(), viewer.csrf.encode()):
        raise Forged(gettext("The form is not one of this session: load the page again."))
