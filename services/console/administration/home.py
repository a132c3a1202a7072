"""Where integrations and administration begin: the first section that somebody may see."""

from fastapi import APIRouter
from starlette.responses import RedirectResponse

from services.console.administration.sections import sections
from services.console.frame.navigation import ADMINISTRATION
from services.console.frame.paged import Paged
from services.signin.viewer import TheViewer

router = APIRouter(route_class=Paged, include_in_schema=False)


@router.get(ADMINISTRATION)
async def home(viewer: TheViewer) -> RedirectResponse:
    """Leads to the first section."""
    first = sections(viewer.caller, ADMINISTRATION)[0]
    return RedirectResponse(first.path, 303)
