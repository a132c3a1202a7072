"""Files of evidence at the console: uploaded for a case, then attached to it by the form of that command; and read.

A preview is a read, and noted as one; but once a day for each reader and file, because pictures come with each page.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from activities.ledger.protocol import Unavailable
from services.api import evidence, files, streams, uploads
from services.api.context import Api, TheApi
from services.api.middleware import BODILESS
from services.confined import Busy
from services.console.case import acting, attaching
from services.console.case.page import KIND
from services.console.forms.sent import REVISES, UPLOAD, away
from services.console.frame import keeping
from services.console.frame.catalogue import gettext
from services.console.frame.navigation import PATHS
from services.console.frame.paged import Paged
from services.console.frame.rendering import page
from services.evidence import names, previews
from services.evidence.apart import FIRST, Fault
from services.evidence.easel import Undrawn
from services.evidence.forms import Form
from services.evidence.refusals import EmptyFile
from services.evidence.serving import Damaged, Download
from services.problems import Fault as At
from services.problems import Problem, refused
from services.ready import CONSOLE
from services.signin import forms
from services.signin.forms import Arrived, Filled
from services.signin.viewer import FIELD, Former, TheViewer, carries, check_origin, is_script
from workflows.decider import Refusal

ATTACHES = attaching.COMMAND.replace("_", "-")

router = APIRouter(route_class=Paged, include_in_schema=False)


@router.post(f"{PATHS[KIND]}/{{id}}/upload")
async def upload(id: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """Keeps a file, and leads back to the form by which it is attached, which shows it, as far as it was filled in.

    Whatever stands against the file is said there, too; and the file of another session's form is not even read: it is
    to be chosen again.
    """
    check_origin(request)
    await streams.visible(api, viewer.caller, KIND, id)
    if not forms.carries_files(request):  # gone on with from a page that keeps no file
        return await acting.again(KIND, id, ATTACHES, request, api, viewer, await forms.received(request))

    def admit(form: Form) -> Mapping[str, str]:
        name = names.stated(form.disposition)
        forms.note(request, Arrived(Filled(form.texts), (names.fit(name),) if name else ()))
        if not carries(viewer, form.fields.get(FIELD)):
            raise Former
        return {REVISES: form.fields.get(REVISES, "")}

    try:
        file, _ = await uploads.take(request, api, viewer.caller, admit)
    except Former:
        return await acting.again(KIND, id, ATTACHES, request, api, viewer, keeping.sent(request))
    except (Problem, Refusal, Unavailable) as fault:
        if forms.known(request) is None:
            raise  # nothing of the form was read
        sent = keeping.sent(request)
        problem = _untaken(fault, sent.getlist(keeping.FILE))
        return await acting.again(KIND, id, ATTACHES, request, api, viewer, sent, problem)
    told = [(name, text) for name, text in keeping.sent(request).multi_items() if name in attaching.CARRIED]
    return RedirectResponse(f"{PATHS[KIND]}/{id}/{ATTACHES}?{urlencode([*told, (UPLOAD, file.id)])}", 303)


def _untaken(fault: Problem | Refusal | Unavailable, chosen: Sequence[str]) -> Problem:
    """Why a file is not taken, at the field that is at fault."""
    if isinstance(fault, Unavailable):
        return away()
    problem = fault if isinstance(fault, Problem) else refused(fault.data())
    if isinstance(fault, EmptyFile) and not chosen:
        problem = Problem(problem.status, problem.code, gettext("Choose the file first."))
    if any(one.pointer in attaching.PLACES for one in problem.errors):
        return problem
    return Problem(problem.status, problem.code, problem.detail, (At(f"/{attaching.CHOSEN}", problem.detail),))


@router.get(f"{CONSOLE}/evidence/{{id}}")
async def content(id: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The bytes of a file, as the API serves them."""
    return await evidence.serve(request, api, viewer.caller, await files.visible(api, viewer.caller, id))


@router.get(f"{CONSOLE}/evidence/{{id}}/preview")
async def preview(id: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """A picture as it is, the first pages of a PDF, or the first lines of a text: the part alone for a script."""
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
        told = await _pages(api, parts) if kind == "pages" else {"beginning": await previews.beginning(parts)}
    except Damaged:
        raise evidence.damaged() from None
    part = "preview_pages.html" if kind == "pages" else "preview_lines.html"
    return page(request, part if is_script(request) else "preview.html", viewer, file=file, part=part, **told)


@router.get(f"{CONSOLE}/evidence/{{id}}/preview/{{number}}")
async def drawn(id: str, number: int, request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """One of the first pages of a PDF as a picture."""
    file = await files.visible(api, viewer.caller, id)
    if previews.kind(file) != "pages" or not 0 < number <= FIRST:
        raise Problem(404, "no_preview", gettext("Such a page is not shown here. Save the file to read it."))
    if request.scope.get(BODILESS):
        return Response(headers=previews.page_headers(file))
    try:
        picture = await api.easel.draw(await evidence.reading(api, viewer.caller).shown(file), number)
    except Damaged:
        raise evidence.damaged() from None
    except Undrawn as error:
        raise Problem(404, "no_preview", _why(error)) from None
    except Busy:
        raise _busy() from None
    return Response(picture, headers=previews.page_headers(file))


async def _pages(api: Api, parts: AsyncIterator[bytes]) -> dict[str, Any]:
    """What is told of the pages of a PDF: how many there are, and which are shown; or why none is."""
    try:
        total = await api.easel.count(parts)
    except Undrawn as error:
        return {"total": 0, "shown": 0, "why": _why(error)}
    except Busy:
        raise _busy() from None
    return {"total": total, "shown": min(total, FIRST), "why": ""}


def _why(error: Undrawn) -> str:
    """Why no page is shown."""
    told: Mapping[Fault, str] = {
        "locked": gettext("It is encrypted, and cannot be shown without its password."),
        "damaged": gettext("It is damaged: its pages cannot be shown."),
        "too_much": gettext("Showing it takes more time or memory than a preview has."),
    }
    return told[error.fault]


def _busy() -> Problem:
    detail = gettext("Others are before you: load it again in a moment.")
    return Problem(503, "busy", detail, headers={"Retry-After": "5"})
