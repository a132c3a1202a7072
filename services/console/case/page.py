"""The page of a case: where it is and what may come next, its dates, all that is known of it, and its record."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.api.context import TheApi
from services.console.case.papers import Papers, papers
from services.console.forms import drafting
from services.console.forms.subject import Subject, seen
from services.console.frame.navigation import PATHS
from services.console.frame.paged import Paged
from services.console.frame.reader import reader
from services.console.frame.rendering import page
from services.console.pictures import dates_picture, rail
from services.console.things.beside import beside
from services.console.things.work import ASIDE, DECIDES_TWO_WAYS, offered, task
from services.signin.viewer import TheViewer, Viewer
from workflows.nonconformity import doubts
from workflows.nonconformity.case import Case
from workflows.registry import PROCEDURES

KIND = "nonconformity"
router = APIRouter(prefix=PATHS[KIND], route_class=Paged, include_in_schema=False)


@router.get("/{id}")
async def detail(id: str, request: Request, api: TheApi, viewer: TheViewer, recorded: str = "") -> Response:
    """The page."""
    found = await seen(api, viewer.caller, KIND, id)
    zone = reader(request, found.standing.now).zone
    return page(
        request,
        "case.html",
        viewer,
        **shown(found, await papers(api, viewer.caller.tenant, found, zone), viewer, zone),
        drafted=await drafting.listed(api, viewer.caller, found.stream.name),
        beside=await beside(api, viewer.caller, found.state),
        recorded=found.recorded(recorded),
    )


def shown(found: Subject, known: Papers, viewer: Viewer, zone: ZoneInfo) -> dict[str, Any]:
    """What the page tells of a case to somebody whose clock runs in a zone."""
    case: Case = found.state
    standing = found.standing
    first = task(case, viewer.caller.actor, standing.allowed, found.stream.client)
    return {
        **vars(known),
        "seen": found,
        "rail": rail.rail(case, known.told),
        "picture": dates_picture.picture(case, known.told, standing.now, zone),
        "safe": dates_picture.safe_dates(case),
        "task": first,
        "opposite": DECIDES_TWO_WAYS.get(first.command) if first else None,
        "can": offered(case, viewer.caller.actor, standing.allowed),
        "aside": ASIDE,
        "cannot": [one for one in standing.allowed if one.why_not is not None],
        "signed": frozenset(row.command for row in PROCEDURES[KIND].rows if row.signs is not None),
        "warnings": doubts.told(case),
        "team": _team(case, found),
    }


def _team(case: Case, found: Subject) -> Mapping[str, datetime | None]:
    """Who audits, each once, and since when they have left, if they have.

    As the finding writes them, and who is registered, as far as the reader knows them.
    """
    written, names = case.finding.audit.team if case.finding and case.finding.audit else (), found.names
    known = [one for one in case.audit_team if one in names or one in written]
    return {names.get(one, one): found.left.get(one) for one in known}
