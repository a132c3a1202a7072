"""What begins at the console by a form: a client, an audit, a certificate that is applied for or taken over."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from uuid_utils.compat import uuid7

from activities.ledger.protocol import Unavailable
from services.api import audits, certificates, clients, commands
from services.api.context import Api, TheApi, now, request_id
from services.api.things import Giving, Thing
from services.auth import Caller
from services.console.administration.asking import Form
from services.console.forms.existing import clients_offered, existing
from services.console.forms.fields import schema_of
from services.console.forms.sent import anew, away, client_of, key_of, typed_of
from services.console.forms.typed import Typed, body, compacted
from services.console.frame.catalogue import gettext, mark
from services.console.frame.navigation import HOME, PATHS
from services.console.frame.paged import Paged
from services.console.frame.reader import reader
from services.console.frame.words import word
from services.problems import Problem, UnknownThing, refused
from services.signin.viewer import TheSender, TheViewer
from workflows.decider import Command
from workflows.people import named
from workflows.procedure import Body, RoleMissing, Row
from workflows.registry import PROCEDURES

NEW = f"{HOME}new"
"""Where forms are that begin something."""

router = APIRouter(prefix=NEW, route_class=Paged, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Begun:
    """What begins a thing of a kind, and what one should know before."""

    thing: Thing
    lead: str
    give: Giving = commands.give


BEGUN: Mapping[str, Begun] = {
    "plan": Begun(audits.THING, mark("Its short name is the reference under which findings name it.")),
    "apply": Begun(
        certificates.THING, mark("Under the name of one that was refused, withdrawn or expired, it begins again.")
    ),
    "transfer_in": Begun(
        certificates.THING, mark("What is open at the other body is reported first, as findings with their history.")
    ),
    "register": Begun(
        clients.THING, mark("Findings name it by its key, its name, or what else it is called."), clients.give
    ),
}
"""By command."""


def begun_by(caller: Caller, *names: str) -> list[tuple[str, str]]:
    """Of these commands those that somebody's roles have, each with the path of its form."""
    return [
        (name, f"{router.prefix}/{name.replace('_', '-')}")
        for name in names
        if caller.holds(*PROCEDURES[BEGUN[name].thing.kind].row(name).who)
    ]


@router.get("/{command}")
async def show(command: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The form, begun with what the address says."""
    typed = {name: [text] for name, text in request.query_params.items()}
    form = await _form(api, viewer.caller, _row(viewer.caller, command), typed)
    return form.page(request, viewer, typed)


@router.post("/{command}")
async def begin(command: str, request: Request, api: TheApi, sender: TheSender) -> Response:
    """Has it recorded, and leads to what it began; or shows the form again as it was filled in."""
    row = _row(sender.looks.caller, command)
    thing = BEGUN[row.command].thing
    typed, key = typed_of(sender.form), key_of(sender.form)
    if not sender.is_own:
        return (await _form(api, sender.looks.caller, row, typed)).page(request, sender.looks, typed, anew(), key)
    viewer = sender.viewer
    if more := sender.form.get("_more", ""):
        return (await _form(api, viewer.caller, row, typed)).page(request, viewer, typed, key=key, more=more)
    told = compacted(typed)
    given = Command(
        id=key or str(uuid7()),
        name=row.command,
        body=body(schema_of(row.body), told, reader(request, now()).zone),
        actor=viewer.caller.actor,
        received_at=now(),
        correlation_id=request_id(request),
    )
    try:
        with commands.told(api, thing.kind, row.command):
            name, answer = await thing.begun(api, viewer.caller, given, BEGUN[row.command].give)
    except Problem as problem:
        return (await _form(api, viewer.caller, row, typed)).page(request, viewer, told, problem)
    except Unavailable:
        form = await _form(api, viewer.caller, row, typed)
        return form.page(request, viewer, told, away(), given.id)
    return RedirectResponse(f"{PATHS[thing.kind]}/{name.partition('/')[2]}?recorded={answer.seq}", 303)


def _row(caller: Caller, command: str) -> Row:
    """The row of a command in a path. Raises UnknownThing, and a problem (403) for who has no role for it."""
    name = command.replace("-", "_")
    if name not in BEGUN:
        raise UnknownThing(thing="form", id=command[:80])
    row = PROCEDURES[BEGUN[name].thing.kind].row(name)
    if not caller.holds(*row.who):
        raise refused(RoleMissing(command=name, roles=named(row.who)).data())
    return row


async def _form(api: Api, caller: Caller, row: Row, typed: Typed) -> Form[Body]:
    begun = BEGUN[row.command]
    does, back = word("command", row.command), PATHS[begun.thing.kind]
    options = await clients_offered(api, caller)
    known = await existing(api, caller, schema_of(row.body), client_of(typed), typed)
    return Form(row.body, does, does, back, gettext(begun.lead), options, known, template="begin.html", place=back)
