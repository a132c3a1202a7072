"""Audits at the console: which there are; and one with its team, how it stands and why, what was found, its record."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.api import audits as api_audits
from services.api.audits import AuditFilters
from services.api.context import TheApi
from services.console.administration.sections import begins, following
from services.console.audits.beginning import begun_by
from services.console.case.reports import LOG
from services.console.forms.acts import acts, recorded
from services.console.forms.subject import PATHS, seen
from services.console.frame.asked import understood
from services.console.frame.paged import Paged
from services.console.frame.rendering import page
from services.console.things import history
from services.signin.viewer import TheViewer
from workflows.audit.audit import Audit, Reached
from workflows.policy import Stage

KIND = "audit"
SHOWN = 100
"""Findings that are listed, the gravest first; all of them are counted."""

GRADES = ("major", "minor", "ofi", None)
"""In the order in which findings are listed; those in triage have no grade yet."""

router = APIRouter(prefix=PATHS[KIND], route_class=Paged, include_in_schema=False)


@router.get("")
async def index(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The audits by key; a client's people see their own."""
    wanted, faults = understood(AuditFilters, request)
    wanted = wanted.model_copy(update={"cursor": begins(request, wanted, faults)})
    found = await api_audits.listed(api, viewer.caller, wanted)
    items: list[dict[str, Any]] = json.loads(found.items)
    filters = {name: ",".join(getattr(wanted, name)) for name in ("client", "stage", "status")}
    return page(
        request,
        "audits.html",
        viewer,
        items=items,
        asked=wanted,
        faults=faults,
        stages=get_args(Stage),
        statuses=get_args(Reached),
        begins=begun_by(viewer.caller, "plan"),
        more=following(request, found.last, **filters),
    )


@router.get("/{key}")
async def detail(key: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """One audit."""
    found = await seen(api, viewer.caller, KIND, key)
    audit: Audit = found.state
    told = await api_audits.told(api, viewer.caller, found.stream, found.standing)
    return page(
        request,
        "audit.html",
        viewer,
        place=PATHS[KIND],
        found=found,
        audit=audit,
        told=told,
        findings=_by_grade(told["cases"]),
        shown=SHOWN,
        acts=acts(found),
        signings=history.signings(found.history),
        recorded=recorded(found, request.query_params.get("recorded", "")),
        log=LOG,
    )


def _by_grade(cases: Sequence[Mapping[str, Any]]) -> list[tuple[str | None, list[Mapping[str, Any]]]]:
    """Findings by grade, the gravest first; grades of which there are none left out."""
    found = [(grade, [case for case in cases if case["grade"] == grade]) for grade in GRADES]
    return [(grade, those) for grade, those in found if those]
