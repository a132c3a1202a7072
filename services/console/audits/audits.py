"""Audits at the console: which there are; and one with its team, how it stands and why, what was found, its record."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, get_args

from fastapi import APIRouter, Request
from starlette.responses import Response

from activities.ledger.protocol import Stream
from services.api import audits as api_audits
from services.api import streams
from services.api.audits import AuditFilters
from services.api.context import TheApi, now, of
from services.console.audits import listing
from services.console.audits.beginning import begun_by
from services.console.audits.by_hand import begun_for
from services.console.case.reports import LOG
from services.console.forms.acts import acts
from services.console.forms.subject import seen
from services.console.frame import following
from services.console.frame.following import Rows, followed
from services.console.frame.navigation import PATHS
from services.console.frame.paged import Paged
from services.console.frame.rendering import page
from services.console.things import history
from services.signin.viewer import TheViewer, Viewer
from workflows.audit.audit import Audit, Reached
from workflows.grades import Stage

KIND = "audit"
SHOWN = 100
"""Findings that are listed, the gravest first; all of them are counted."""

GRADES = ("major", "minor", "ofi", None)
"""In the order in which findings are listed; those in triage have no grade yet."""

router = APIRouter(prefix=PATHS[KIND], route_class=Paged, include_in_schema=False)


@router.get("")
async def index(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The audits by key; a client's people see their own."""
    return await listing.listed(
        "audits",
        request,
        viewer,
        AuditFilters,
        partial(api_audits.listed, api, viewer.caller),
        stages=get_args(Stage),
        statuses=get_args(Reached),
        begins=begun_by(viewer.caller, "plan"),
    )


@followed("audits", PATHS[KIND], KIND)
async def rows(request: Request, viewer: Viewer) -> Rows:
    """What a page of audits shows."""
    return await listing.rows(request, AuditFilters, partial(api_audits.listed, of(request), viewer.caller))


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
        report=begun_for(viewer.caller, key, audit),
        live=following.address(f"audits/{key}", request, _shown(found.stream, told)),
    )


@followed("audits/{key}", f"{PATHS[KIND]}/{{key}}", KIND, "nonconformity")
async def parts(request: Request, viewer: Viewer) -> Rows:
    """What the page of an audit shows: what happened to itself, and each case that it names."""
    api, caller = of(request), viewer.caller
    stream = await streams.visible(api, caller, KIND, request.path_params["key"])
    standing = await streams.standing(api, caller, stream, now())
    return _shown(stream, await api_audits.told(api, caller, stream, standing))


def _shown(stream: Stream, told: Mapping[str, Any]) -> Rows:
    return [{"seq": stream.seq}, *told["cases"], *(told["left_open"] or ())]


def _by_grade(cases: Sequence[Mapping[str, Any]]) -> list[tuple[str | None, list[Mapping[str, Any]]]]:
    """Findings by grade, the gravest first; grades of which there are none left out."""
    found = [(grade, [case for case in cases if case["grade"] == grade]) for grade in GRADES]
    return [(grade, those) for grade, those in found if those]
