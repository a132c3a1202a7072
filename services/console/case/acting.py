"""Acting on a case or a review: each command as a form by its own schema, and nothing lost that was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from uuid_utils.compat import uuid7

from activities.ledger.protocol import Recorded, Unavailable
from services.api import commands
from services.api.context import Api, TheApi, now, request_id
from services.api.context import of as api_of
from services.console.case import desk
from services.console.case.papers import papers
from services.console.forms import drafting
from services.console.forms.drafting import Opened
from services.console.forms.fields import Asking, fields, schema_of, unplaced
from services.console.forms.sent import OWN, about_of, row_of, seq_of, typed_of, unkept
from services.console.forms.subject import PATHS, Subject, seen
from services.console.forms.typed import Typed, body, compacted
from services.console.frame.catalogue import gettext
from services.console.frame.paged import Paged
from services.console.frame.reader import reader
from services.console.frame.rendering import page
from services.problems import Problem
from services.signin import paths
from services.signin.viewer import TheActor, TheViewer, Viewer
from workflows.decider import Command
from workflows.procedure import Row

router = APIRouter(route_class=Paged, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Told:
    """What a form that is shown again says: why, what is wrong with which field, and what happened meanwhile."""

    status: int = 200
    refusal: str = ""
    code: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)
    meanwhile: Sequence[Recorded] = ()


async def form(kind: str, id: str, command: str, request: Request, api: Api, viewer: Viewer) -> Response:
    """The form of a command: the draft of it, or begun with what is known; and with what the address says."""
    row = row_of(kind, command)
    found = await seen(api, viewer.caller, kind, id)
    asked = {name: text for name, text in request.query_params.items() if name not in OWN}
    opened = await drafting.opened(api, viewer.caller, found, desk.drafted(found, row), asked)
    return await _page(request, viewer, found, row, opened, Told(meanwhile=opened.since))


async def act(kind: str, id: str, command: str, request: Request, api: Api, viewer: Viewer) -> Response:
    """Has the command recorded, and leads back to its thing; or shows the form again as it was filled in."""
    row = row_of(kind, command)
    sent = await request.form()
    opened = Opened(typed_of(sent), about_of(sent))
    found = await seen(api, viewer.caller, kind, id)
    more, put = str(sent.get("_more", "")), str(sent.get("_put", ""))
    if more or put:
        opened = replace(opened, typed=desk.with_reason(opened.typed, put))
        return await _page(request, viewer, found, row, opened, Told(), more=more)
    if amiss := desk.amiss(row.command, opened.typed):
        return await _page(request, viewer, found, row, opened, Told(422, amiss))
    opened = replace(opened, typed=compacted(desk.rowed(row.command, opened.typed)))
    given = Command(
        id=str(sent.get("_key", "")) or str(uuid7()),
        name=row.command,
        body=_body(row, opened.typed, str(sent.get("_sha256", "")), found),
        actor=viewer.caller.actor,
        received_at=now(),
        if_match=seq_of(sent),
        correlation_id=request_id(request),
    )
    try:
        with commands.told(api, kind, row.command):
            answer = await commands.give(api, viewer.caller, found.stream, given)
    except Problem as problem:
        return await _page(request, viewer, found, row, opened, _refused(problem, found, given))
    except Unavailable:
        told = Told(503, gettext("The record cannot be reached now. Nothing is lost: send it again in a moment."))
        return await _page(request, viewer, found, row, opened, told, key=given.id)
    await drafting.sent(api, viewer.caller, found.stream.name, desk.returns(row.command) or row.command, opened.about)
    return RedirectResponse(f"{found.path}?recorded={answer.seq}", 303)


def _body(row: Row, typed: Typed, sha256: str, found: Subject) -> dict[str, Any]:
    told = body(schema_of(row.body), typed, found.zone)
    if row.signs is not None:
        told["signature"] = {"content_sha256": sha256, "meaning": row.meaning}
    return told


def _refused(problem: Problem, found: Subject, given: Command) -> Told:
    """Why it was not recorded, at the fields at fault; and what happened since the form was shown."""
    faults = {fault.pointer: fault.detail for fault in problem.errors}
    since = [event for event in found.history if given.if_match is not None and event.seq > given.if_match]
    return Told(problem.status, problem.detail, problem.code, faults, since)


async def _page(
    request: Request,
    viewer: Viewer,
    found: Subject,
    row: Row,
    opened: Opened,
    told: Told,
    *,
    more: str = "",
    key: str = "",
) -> Response:
    standing = found.standing
    offered = found.options(row.command, viewer.caller.actor, api_of(request).policies)
    shown = fields(Asking(schema_of(row.body), opened.typed, offered, told.faults, more))
    signable = (standing.signable or {}).get(row.command)
    decided = desk.desk(found, row.command, opened.typed, told.faults, again=bool(told.refusal))
    beside: dict[str, Any] = {}
    if decided is not None:
        zone = reader(request, standing.now).zone
        beside = (await papers(api_of(request), viewer.caller.tenant, found, zone)).beside()
    return page(
        request,
        "desk.html" if decided else "act.html",
        viewer,
        status=told.status,
        found=found,
        names=found.names,
        command=row.command,
        row=row,
        desk=decided,
        **beside,
        allowed=next((one for one in standing.allowed if one.command == row.command), None),
        fields=shown,
        told=told,
        opened=opened,
        unkept=unkept(row),
        unplaced=unplaced({place: one for place, one in told.faults.items() if place}, shown),
        signable=signable,
        content=row.signs(found.state) if row.signs is not None and signable else None,
        key=key or str(uuid7()),
        zone=found.zone.key,
        afresh=paths.sign_in(request.url.path, fresh=True) if told.code == "authenticate_afresh" else "",
    )


def _route(kind: str, path: str) -> None:
    """Adds the two routes of the forms about a kind."""

    async def shown(id: str, command: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
        return await form(kind, id, command, request, api, viewer)

    async def sent(id: str, command: str, request: Request, api: TheApi, viewer: TheActor) -> Response:
        return await act(kind, id, command, request, api, viewer)

    router.add_api_route(f"{path}/{{id}}/{{command}}", shown, methods=["GET"], name=f"{kind}_form")
    router.add_api_route(f"{path}/{{id}}/{{command}}", sent, methods=["POST"], name=f"{kind}_act")


for _kind, _path in PATHS.items():
    _route(_kind, _path)
