"""Audits at the console: which there are; and one with its team, how it stands and why, what was found, its record."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, get_args

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.api import audits as api_audits
from services.api.audits import AuditFilters
from services.api.context import TheApi
from services.console.audits.beginning import begun_by
from services.console.audits.listing import listed
from services.console.case.reports import LOG
from services.console.forms.acts import acts
from services.console.forms.subject import seen
from services.console.frame.navigation import PATHS
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
    return await listed(
        request,
        viewer,
        "audits.html",
        AuditFilters,
        partial(api_audits.listed, api, viewer.caller),
        stages=get_args(Stage),
        statuses=get_args(Reached),
        begins=begun_by(viewer.caller, "plan"),
    )


@router.get("/{key}")
async def detail(key: str, request: Request, api: TheApi, viewer: TheViewer, recorded: str = "") -> Response:
    """One audit."""
    found = await seen(api, viewer.caller, KIND, key)
    audit: Audit = found.state
    told = await api_audits.told(api, viewer.caller, found.stream, found.standing)
    return page(
        request,
        "audit.html",
        viewer,
        found=found,
        audit=audit,
        told=told,
        findings=_by_grade(told["cases"]),
        shown=SHOWN,
        acts=acts(found),
        signings=history.signings(found.history),
        recorded=found.recorded(recorded),
        log=LOG,
    )


def _by_grade(cases: Sequence[Mapping[str, Any]]) -> list[tuple[str | None, list[Mapping[str, Any]]]]:
    """Findings by grade, the gravest first; grades of which there are none left out."""
    found = [(grade, [case for case in cases if case["grade"] == grade]) for grade in GRADES]
    return [(grade, those) for grade, those in found if those]
