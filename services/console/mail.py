"""How somebody is told: each kind of mail, the zone of their dates, and the address of their calendar."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from activities.directory import wishes
from activities.directory.mail import DIGEST_AT, Kind, Mode, Modes
from services.api import mail
from services.api.context import Api, TheApi
from services.api.mail import Wanted
from services.console.forms.sent import anew
from services.console.frame.catalogue import mark
from services.console.frame.navigation import MAIL
from services.console.frame.paged import Paged
from services.console.frame.reader import ZONES
from services.console.frame.rendering import page
from services.problems import invalid
from services.signin.viewer import TheActor, TheSender, TheViewer, Viewer

router = APIRouter(prefix=MAIL, route_class=Paged, include_in_schema=False)

KINDS: Mapping[Kind, tuple[str, str]] = {
    "cases": (
        mark("What happens to nonconformities"),
        mark("Issued, planned, returned, accepted, verified, closed; and what waits on you because of it."),
    ),
    "dates": (
        mark("Dates"),
        mark("What comes near, more time that is asked for or granted, follow-up audits."),
    ),
    "talk": (
        mark("Questions and remarks"),
        mark("What is asked, answered, complained of, or remarked on a nonconformity."),
    ),
    "breach": (
        mark("Missed dates"),
        mark("What follows from a missed date cannot be undone by having read of it later."),
    ),
    "committee": (
        mark("The committee, and appeals"),
        mark("Who is heard, sits, or may appeal has to know of it in time."),
    ),
    "certificate": (
        mark("Certificates"),
        mark("Whoever uses or keeps a certificate has to know at once whether it is good."),
    ),
}
"""What each kind is called, and what it holds; of those that nobody chooses, why."""

MODES: Mapping[Mode, str] = {"immediate": mark("At once"), "digest": mark("Once a day"), "off": mark("Not at all")}


@dataclass(frozen=True, slots=True)
class Choices:
    """The form: what is chosen for each kind, the zone as it was typed, what is wrong, and why it is shown again."""

    modes: Mapping[str, str]
    zone: str
    faults: Mapping[str, str]
    refusal: str = ""


@router.get("")
async def wished(request: Request, api: TheApi, viewer: TheViewer, kept: str = "") -> Response:
    """What somebody chose."""
    return await _page(request, api, viewer, kept=bool(kept))


@router.post("")
async def choose(request: Request, api: TheApi, sender: TheSender) -> Response:
    """Keeps what somebody chose; with what was typed, where it means nothing."""
    modes = {kind: sender.form.get(kind, "") for kind in Modes.model_fields}
    zone = sender.form.get("zone", "").strip()
    if not sender.is_own:
        problem = anew(sender.looks, sender.form)
        return await _page(request, api, sender.looks, Choices(modes, zone, {}, problem.detail), status=problem.status)
    viewer = sender.viewer
    try:
        wanted = Wanted.model_validate({**modes, "zone": zone or None})
    except ValidationError as error:
        faults = {one.pointer.removeprefix("/"): one.detail for one in invalid(error).errors}
        return await _page(request, api, viewer, Choices(modes, zone, faults), status=422)
    await mail.keep(api, viewer.caller, wanted)
    return RedirectResponse(f"{MAIL}?kept=1", 303)


@router.post("/calendar")
async def publish(request: Request, api: TheApi, viewer: TheActor) -> Response:
    """Makes a new address of somebody's calendar, and shows it, this once."""
    url = await mail.published_at(api, viewer.caller)
    return await _page(request, api, viewer, calendar=url)


@router.post("/calendar/withdraw")
async def withdraw(api: TheApi, viewer: TheActor) -> Response:
    """Ends the address of somebody's calendar."""
    await wishes.withdraw(api.database, viewer.caller.tenant, viewer.caller.actor.id)
    return RedirectResponse(f"{MAIL}?kept=1", 303)


async def _page(
    request: Request,
    api: Api,
    viewer: Viewer,
    choices: Choices | None = None,
    *,
    status: int = 200,
    kept: bool = False,
    calendar: str = "",
) -> Response:
    address, found = await mail.wished(api, viewer.caller)
    known = Choices({kind: found.of(kind) for kind in get_args(Kind)}, found.zone or "", {})
    return page(
        request,
        "mail.html",
        viewer,
        status=status,
        address=address,
        choices=choices or known,
        chosen={kind: KINDS[kind] for kind in get_args(Kind) if kind in Modes.model_fields},
        fixed={kind: KINDS[kind] for kind in get_args(Kind) if kind not in Modes.model_fields},
        modes=MODES,
        zones=ZONES,
        hour=f"{DIGEST_AT:%H:%M}",
        kept=kept,
        calendar=calendar,
        calendar_at=found.calendar_at,
    )
