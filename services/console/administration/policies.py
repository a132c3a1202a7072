"""Policies at the console: which hold since when, one whole, and the calendar that it makes for a finding."""

import asyncio
import json
from datetime import date
from typing import Annotated, get_args

from fastapi import APIRouter, Request
from pydantic import Field, StringConstraints
from starlette.responses import Response

from services.api import policies
from services.api.context import TheApi, now
from services.console.administration.foreseen import foresee
from services.console.administration.sections import POLICIES, shown
from services.console.frame.asked import understood
from services.console.frame.paged import Paged
from services.console.frame.reader import reader
from services.problems import UnknownThing
from services.signin.viewer import TheViewer
from workflows.grades import Grade
from workflows.people import Frozen

router = APIRouter(prefix=POLICIES, route_class=Paged, include_in_schema=False)

Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2099, 12, 31))]


class Asked(Frozen):
    """Which version, and of what a calendar is drawn: a finding of a grade, reported on a day."""

    version: Annotated[str, StringConstraints(max_length=100)] | None = None
    grade: Grade = "major"
    on: Day | None = None


@router.get("")
async def index(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """Every version of every policy by name, the oldest first."""
    return shown(
        request,
        "policies.html",
        viewer,
        items=policies.own(api, viewer.caller),
        today=now().date(),
    )


@router.get("/{name}")
async def detail(name: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """One policy: its versions, one of them whole, and its calendar."""
    versions = [one for one in reversed(policies.own(api, viewer.caller)) if one.name == name]
    if not versions:
        raise UnknownThing(thing="policy", id=name[:128])
    asked, faults = understood(Asked, request)
    today = now().date()
    valid = next((one for one in versions if one.effective_from <= today), versions[-1])
    policy = next((one for one in versions if one.version == asked.version), valid)
    on = asked.on or today
    # It takes some milliseconds of nothing but computing.
    calendar = await asyncio.to_thread(foresee, policy, asked.grade, on, reader(request, now()).zone)
    return shown(
        request,
        "policy.html",
        viewer,
        policy=policy,
        versions=versions,
        valid=valid,
        asked=asked,
        faults=faults,
        on=on,
        grades=get_args(Grade),
        calendar=calendar,
        text=json.dumps(policies.view(policy, viewer.caller), indent=2, ensure_ascii=False),
    )
