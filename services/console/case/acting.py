"""Acting on a case or a review: each command as a form by its own schema, and nothing lost that was typed."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl
from uuid import NAMESPACE_URL, uuid5

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from uuid_utils.compat import uuid7

from activities.directory import drafts
from activities.directory.files import File
from activities.ledger.protocol import Recorded, Unavailable
from services.api import clients, commands, streams
from services.api.context import Api, TheApi, now, request_id
from services.api.context import of as api_of
from services.api.things import Giving
from services.console.case import attaching, desk, drawing
from services.console.case.papers import papers
from services.console.forms import completing, drafting, reasons
from services.console.forms.choices import REPLACES, begins
from services.console.forms.consequences import Consequence, consequences
from services.console.forms.drafting import Opened
from services.console.forms.existing import existing, others_offered, people_offered
from services.console.forms.faults import Amiss, above, at_fault
from services.console.forms.fields import Asking, Field, fields, schema_of, unplaced
from services.console.forms.sent import (
    OWN,
    about_of,
    anew,
    away,
    key_of,
    row_of,
    seen_of,
    seq_of,
    typed_of,
    unkept,
)
from services.console.forms.subject import Subject, seen
from services.console.forms.typed import body, compacted
from services.console.frame.catalogue import gettext
from services.console.frame.freshness import stale
from services.console.frame.keeping import FILE
from services.console.frame.navigation import PATHS
from services.console.frame.paged import Paged
from services.console.frame.reader import reader
from services.console.frame.rendering import page
from services.console.things.votes import coming, shares
from services.problems import Problem
from services.signin.forms import Filled
from services.signin.viewer import Sender, TheSender, TheViewer, Viewer
from workflows.committee.review import Review
from workflows.committee.standing import standing as votes_standing
from workflows.decider import Command
from workflows.nonconformity.case import Case
from workflows.nonconformity.completions import stated
from workflows.procedure import Row
from workflows.registry import PROCEDURES

GIVING: Mapping[str, Giving] = {"client": clients.give}
"""What has the commands on a kind recorded, where more is asked of them than the rules know."""

router = APIRouter(route_class=Paged, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Told:
    """What a form that is shown again says: why, what is wrong with which field, and what happened meanwhile.

    `choose` names files that were sent with it and are to be chosen again; `attached` those that became evidence, each
    by a command of its own, before another of the same form was refused.
    """

    status: int = 200
    refusal: str = ""
    code: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)
    meanwhile: Sequence[Recorded] = ()
    choose: Sequence[str] = ()
    attached: Sequence[str] = ()


async def form(kind: str, id: str, command: str, request: Request, api: Api, viewer: Viewer) -> Response:
    """The form of a command: the draft of it, or begun with what is known; and with what the address says."""
    row = row_of(kind, command)
    found = await seen(api, viewer.caller, kind, id)
    asked = {name: text for name, text in request.query_params.items() if name not in OWN}
    opened = await drafting.opened(api, viewer.caller, found, desk.drafted(found, row), asked)
    opened = replace(opened, typed={**opened.typed, **typed_of(request.query_params)})
    return await _page(request, viewer, found, row, opened, Told(meanwhile=opened.since))


async def again(
    kind: str,
    id: str,
    command: str,
    request: Request,
    api: Api,
    viewer: Viewer,
    sent: Filled,
    problem: Problem | None = None,
) -> Response:
    """The form of a command as it was filled in, and the `problem` for which nothing was done.

    Without one, it was filled in for an earlier session: whoever signed in since looks, and sends it. What they sign is
    what it shows them now.
    """
    row = row_of(kind, command)
    found = await seen(api, viewer.caller, kind, id)
    opened, problem = Opened(typed_of(sent), about_of(sent)), problem or anew(viewer, sent)
    told = Told(
        problem.status,
        above(problem),
        problem.code,
        {fault.pointer: fault.detail for fault in problem.errors},
        meanwhile=_since(found, seq_of(sent)),
        choose=sent.getlist(FILE),
    )
    return await _page(request, viewer, found, row, opened, told, key=key_of(sent))


async def act(kind: str, id: str, command: str, request: Request, api: Api, sender: Sender) -> Response:
    """Has the command recorded, and leads back to its thing; or shows the form again as it was filled in.

    What is not recorded is a draft from then on: whoever leaves that page finds it in the form.
    """
    if not sender.is_own:
        return await again(kind, id, command, request, api, sender.looks, sender.form)
    row, caller = row_of(kind, command), sender.viewer.caller
    found = await seen(api, caller, kind, id)
    done: list[File] = []
    answer = await _given(kind, id, request, api, sender, row, found, done)
    if answer.status_code != 303:
        back = desk.returns(row.command)
        left = attaching.left(sender.form, done)
        with suppress(drafts.TooLarge, drafts.TooMany, Unavailable):
            await drafting.kept(api, caller, found.stream, PROCEDURES[kind].row(back) if back else row, left)
    return answer


async def _given(
    kind: str, id: str, request: Request, api: Api, sender: Sender, row: Row, found: Subject, done: list[File]
) -> Response:
    """Has the command given, each upload of a form by one of its own: `done` are those that were attached."""
    viewer, sent = sender.viewer, sender.form
    opened = Opened(typed_of(sent), about_of(sent))
    more, put = sent.get("_more", ""), sent.get("_put", "")
    if more or put:
        return await _page(request, viewer, found, row, opened, Told(), more=more, put=put)
    if other := sent.get("_other"):
        opened = replace(opened, typed=attaching.without(opened.typed, {other}))
        return await _page(request, viewer, found, row, opened, Told())
    if amiss := desk.amiss(row.command, opened.typed):
        return await _page(request, viewer, found, row, opened, Told(422, amiss))
    uploads: Sequence[File | None] = [None]
    if row.command == attaching.COMMAND:
        held = await attaching.held(api, viewer.caller, found.state, opened.typed)
        if amiss := attaching.amiss(opened.typed, held):
            told = Told(422, amiss, faults={f"/{attaching.CHOSEN}": amiss})
            return await _page(request, viewer, found, row, opened, told)
        uploads = held or uploads
    key, answers = key_of(sent) or str(uuid7()), []
    for upload in uploads:
        typed = attaching.described(opened.typed, upload)
        about = replace(opened, typed=compacted(desk.rowed(row.command, typed)))
        given = Command(
            id=key if upload is None else str(uuid5(NAMESPACE_URL, f"{key}#{upload.id}")),
            name=row.command,
            body=_body(row, about, sent.get("_sha256", ""), found),
            actor=viewer.caller.actor,
            received_at=now(),
            if_match=None if done else seen_of(sent, row),
            correlation_id=request_id(request),
        )
        try:
            with commands.told(api, kind, row.command):
                met = await streams.met(api, viewer.caller, kind, id, given)
                answers.append(await GIVING.get(kind, commands.give)(api, viewer.caller, met, given))
        except (Problem, Unavailable) as fault:
            told = _refused(fault, found, given) if isinstance(fault, Problem) else Told(503, away().detail)
            if done:
                found = await seen(api, viewer.caller, kind, id)
                about = replace(opened, typed=attaching.without(opened.typed, {file.id for file in done}))
                told = replace(told, attached=[file.name for file in done], meanwhile=())
            key = key if isinstance(fault, Unavailable) else ""
            return await _page(request, viewer, found, row, about, told, key=key)
        done += [upload] if upload else []
    await drafting.sent(api, viewer.caller, found.stream.name, desk.returns(row.command) or row.command, opened.about)
    return RedirectResponse(f"{found.path}?recorded={','.join(str(answer.seq) for answer in answers)}", 303)


def _body(row: Row, opened: Opened, sha256: str, found: Subject) -> dict[str, Any]:
    told = body(schema_of(row.body), opened.typed, found.zone, _held(row, opened, found))
    if row.command == completing.COMMAND:
        told = completing.meant(found.state, told, opened.typed)
    if row.signs is not None:
        told["signature"] = {"content_sha256": sha256, "meaning": row.meaning}
    return told


def _held(row: Row, opened: Opened, found: Subject) -> frozenset[str]:
    """The fields that the form began with; none where it is sent about something else than it was opened for."""
    asked = dict(parse_qsl(opened.about))
    if any([*opened.typed.get(name, ())] != [text] for name, text in asked.items()):
        return frozenset()
    return frozenset(name.partition(".")[0] for name in found.beginning(row.command, asked))


def _refused(problem: Problem, found: Subject, given: Command) -> Told:
    """Why it was not recorded, at the fields at fault; and what happened since the form was shown."""
    faults = {fault.pointer: fault.detail for fault in problem.errors}
    return Told(problem.status, above(problem), problem.code, faults, _since(found, given.if_match))


def _since(found: Subject, seq: int | None) -> Sequence[Recorded]:
    """What happened since a form was shown; nothing for one that does not say when."""
    return [event for event in found.history if seq is not None and event.seq > seq]


async def _page(
    request: Request,
    viewer: Viewer,
    found: Subject,
    row: Row,
    opened: Opened,
    told: Told,
    *,
    more: str = "",
    put: str = "",
    key: str = "",
) -> Response:
    standing = found.standing
    stock = await _stock(request, viewer, row)
    if put:
        opened = replace(opened, typed=desk.with_reason(opened.typed, put, stock))
    offered = found.options(row.command, viewer.caller.actor, api_of(request).policies)
    schema = schema_of(row.body)
    offered = {**offered, **await others_offered(api_of(request), viewer.caller, schema, standing.id)}
    client = None if found.kind == "client" else found.state.client
    known = await existing(api_of(request), viewer.caller, schema, client, opened.typed, standing.id)
    known = {**known, **await people_offered(api_of(request), viewer.caller, schema, standing.id)}
    begun = begins(row.command, opened.typed)
    shown = fields(Asking(schema, opened.typed, offered, told.faults, more, found.advice(row.command), known, begun))
    signable = (standing.signable or {}).get(row.command)
    decided = desk.desk(found, row.command, opened.typed, told.faults, stock, again=bool(told.refusal))
    beside: dict[str, Any] = {"attaching": None, "stated": ()}
    if decided is not None:
        zone = reader(request, standing.now).zone
        beside |= (await papers(api_of(request), viewer.caller.tenant, found, zone)).beside()
    elif isinstance(found.state, Review):
        beside |= {"papers": found.state.papers, "review": found.state}
        beside |= {"digest": found.digest, "shares": shares(found.state), "coming": None}
        beside["lacks"] = votes_standing(found.state).lacking
        if row.command == "decide":
            beside["coming"] = coming(found.state, found.digest, standing.now)
    elif row.command == completing.COMMAND:
        beside["stated"] = stated(found.state)
    elif row.command == attaching.COMMAND:
        case = found.state
        file = await attaching.attaching(api_of(request), viewer.caller, case, opened.typed, shown, told.faults)
        beside["attaching"] = file
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
        reasons=desk.came_back(row.command, found.state) if isinstance(found.state, Case) else (),
        **beside,
        allowed=next((one for one in standing.allowed if one.command == row.command), None),
        fields=[one for one in shown if not beside["attaching"] or one.name not in attaching.DESCRIBED],
        drawn=drawing.drawn(opened.typed, found.heading["title"]) if row.command == drawing.COMMAND else None,
        told=told,
        follows=_follows(found, row_of(found.kind, decided.returns) if decided else row),
        present=_present(found, row, opened) if told.meanwhile else None,
        opened=opened,
        unkept=unkept(row),
        amiss=_amiss(shown, decided, told),
        unplaced=unplaced({at: one for at, one in told.faults.items() if at not in ("", *attaching.PLACES)}, shown),
        signable=signable,
        content=row.signs(found.state) if row.signs is not None and signable else None,
        key=key or str(uuid7()),
        zone=found.zone.key,
        stale=stale(request, viewer) if row.signs is not None or decided else None,
    )


def _amiss(shown: Sequence[Field], decided: desk.Desk | None, told: Told) -> Sequence[Amiss]:
    """What is at fault, in the order of the page."""
    if decided is not None:
        reasons = [part.reason for part in decided.parts]
        return [*at_fault((*reasons, *decided.returning, *decided.accepting))]
    file = told.faults.get(f"/{attaching.CHOSEN}")
    return [*at_fault(shown), *([Amiss(attaching.CHOSEN, gettext("File to upload"), file)] if file else ())]


def _follows(found: Subject, row: Row) -> Sequence[Consequence]:
    """What the command causes besides."""
    return consequences(found.state, row) if isinstance(found.state, Case) else ()


def _present(found: Subject, row: Row, opened: Opened) -> Any:
    """What is recorded now of what a form replaces; None for one that replaces nothing."""
    return found.known(row.command, dict(parse_qsl(opened.about))) if row.command in REPLACES else None


async def _stock(request: Request, viewer: Viewer, row: Row) -> reasons.Stock:
    """The reasons at hand; none for a command that is given at no desk."""
    if desk.returns(row.command) is None:
        return reasons.Stock({})
    return await reasons.stock(api_of(request).database, viewer.caller.tenant)


def _route(kind: str, path: str) -> None:
    """Adds the two routes of the forms about a kind."""

    async def shown(id: str, command: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
        return await form(kind, id, command, request, api, viewer)

    async def sent(id: str, command: str, request: Request, api: TheApi, sender: TheSender) -> Response:
        return await act(kind, id, command, request, api, sender)

    router.add_api_route(f"{path}/{{id}}/{{command}}", shown, methods=["GET"], name=f"{kind}_form")
    router.add_api_route(f"{path}/{{id}}/{{command}}", sent, methods=["POST"], name=f"{kind}_act")


for _kind, _path in PATHS.items():
    _route(_kind, _path)
