"""The page of a case: where it is and what may come next, its dates, all that is known of it, and its record."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from activities.ledger.protocol import Recorded
from services.api import files
from services.api.context import TheApi, now
from services.console import dates_picture, fishbone, gantt, history, proving, rail
from services.console.differences import differences
from services.console.paged import Paged
from services.console.reader import reader
from services.console.rendering import page
from services.console.subject import PATHS, seen
from services.console.work import ASIDE, DECIDES_TWO_WAYS, offered, task
from services.signin.viewer import TheViewer
from workflows.nonconformity.case import Case
from workflows.nonconformity.correspondence import exchanges
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
    told = history.told(found.stream.name, found.history)
    at, zone = standing.now, reader(request, standing.now).zone
    first = task(case, viewer.caller.actor, standing.allowed)
    kept = await files.of_case(api, case, viewer.caller.tenant)
    return page(
        request,
        "case.html",
        viewer,
        id=id,
        seen=found,
        case=case,
        finding=case.finding,
        told=told,
        names=found.names,
        rail=rail.rail(case, told),
        picture=dates_picture.picture(case, told, at, zone),
        safe=dates_picture.safe_dates(case),
        fish=_fish(case),
        gantt=gantt.gantt(case.actions, told.planned_at, at, zone),
        task=first,
        opposite=DECIDES_TWO_WAYS.get(first.command) if first else None,
        can=offered(case, viewer.caller.actor, standing.allowed),
        aside=ASIDE,
        cannot=[one for one in standing.allowed if one.why_not is not None],
        signed=frozenset(row.command for row in PROCEDURES[KIND].rows if row.signs is not None),
        warnings=(*case.warnings, *unfinished(case)),
        exchanges=exchanges((*case.answered, *case.questions), (*case.settled, *case.complaints)),
        versions={of: _compared(told.versions_of(of)) for of in ("plan", "evidence")},
        files={file.sha256: file for file in reversed(kept)},
        recorded=_recorded(request, found.history),
    )


@router.get("/{id}/proof")
async def proof(id: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """What checking the record found: the part alone for a script, else a page."""
    found = await seen(api, viewer.caller, KIND, id)
    checked = proving.proof(found.stream, found.history)
    part = request.headers.get("hx-request") == "true"
    return page(
        request,
        "proof_result.html" if part else "proof.html",
        viewer,
        id=id,
        case=found.state,
        proof=checked,
        checked_at=now(),
    )


def _fish(case: Case) -> fishbone.Fishbone | None:
    analysis = case.analysis
    if analysis is None or analysis.method != "ishikawa":
        return None
    return fishbone.fishbone(analysis.causes, case.finding.title if case.finding else "")


def _compared(versions: Sequence[history.Version]) -> list[tuple[history.Version, list[Any]]]:
    """Versions, the latest first, each with how it differs from the one before it."""
    before = [None, *versions]
    pairs = [
        (version, differences(earlier.content, version.content) if earlier else [])
        for earlier, version in zip(before, versions, strict=False)
    ]
    return pairs[::-1]


def _recorded(request: Request, events: Sequence[Recorded]) -> Recorded | None:
    """The event that the reader has just recorded, as the address says."""
    said = request.query_params.get("recorded", "")
    return next((event for event in events if said == str(event.seq)), None)
