"""Reports at the console: what the API renders, for who is signed in here."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.api import reports
from services.api.context import TheApi
from services.console.case.page import KIND
from services.console.forms.subject import PATHS
from services.console.frame.navigation import HOME
from services.console.frame.paged import Paged
from services.signin.viewer import TheViewer

LOG = f"{HOME}nonconformity-log"

router = APIRouter(route_class=Paged, include_in_schema=False)


@router.get(f"{PATHS[KIND]}/{{id}}/report")
async def report(id: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The form of a case as PDF or DOCX."""
    return await reports.report(id, request, api, viewer.caller)


@router.get(LOG)
async def export_log(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The log of what the address filters, as XLSX or CSV."""
    return await reports.export_log(request, api, viewer.caller)
