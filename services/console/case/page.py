"""The page of a case: where it is and what may come next, its dates, all that is known of it, and its record."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Request
from starlette.responses import Response

from activities.ledger.protocol import Recorded
from services.api.context import TheApi
from services.console.case.papers import papers
from services.console.forms import drafting
from services.console.forms.subject import PATHS, seen
from services.console.frame.paged import Paged
from services.console.frame.reader import reader
from services.console.frame.rendering import page
from services.console.pictures import dates_picture, rail
from services.console.things.beside import beside
from services.console.things.work import ASIDE, DECIDES_TWO_WAYS, offered, task
from services.signin.viewer import TheViewer
from workflows.nonconformity.case import Case
from workflows.nonconformity.doubts import unfinished
from workflows.registry import PROCEDURES

KIND = "nonconformity"
router = APIRouter(prefix=PATHS[KIND], route_class=Paged, include_in_schema=False)


@router.get("/{id}")
async def detail(id: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The page."""
    found = await seen(api, viewer.caller, KIND, id)
    case: Case = found.state
    standing = found.standing
    at, zone = standing.now, reader(request, standing.now).zone
    known = await papers(api, viewer.caller.tenant, found, zone)
    first = task(case, viewer.caller.actor, standing.allowed)
    return page(
        request,
        "case.html",
        viewer,
        **vars(known),
        seen=found,
        rail=rail.rail(case, known.told),
        picture=dates_picture.picture(case, known.told, at, zone),
        safe=dates_picture.safe_dates(case),
        task=first,
        opposite=DECIDES_TWO_WAYS.get(first.command) if first else None,
        can=offered(case, viewer.caller.actor, standing.allowed),
        drafted=await drafting.listed(api, viewer.caller, found.stream.name),
        aside=ASIDE,
        cannot=[one for one in standing.allowed if one.why_not is not None],
        signed=frozenset(row.command for row in PROCEDURES[KIND].rows if row.signs is not None),
        warnings=(*case.warnings, *unfinished(case)),
        team=_team(case, found.names),
        beside=await beside(api, viewer.caller, case),
        recorded=_recorded(request, found.history),
    )


def _team(case: Case, names: Mapping[str, str]) -> Sequence[str]:
    """Who audits, each once: as the finding writes them, and who is registered, as far as the reader knows them."""
    written = case.finding.audit.team if case.finding and case.finding.audit else ()
    return list(dict.fromkeys(names.get(one, one) for one in case.audit_team if one in names or one in written))


def _recorded(request: Request, events: Sequence[Recorded]) -> Recorded | None:
    """The event that the reader has just recorded, as the address says."""
    said = request.query_params.get("recorded", "")
    return next((event for event in events if said == str(event.seq)), None)
