"""Drafts of forms: kept while somebody types, by a script or by a button, and there when they come back.

They are their person's alone. What a signature says is in none, and no file.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from activities.directory import drafts
from activities.directory.drafts import Draft, Form, Listed
from activities.ledger.protocol import Recorded, Unavailable
from services.api import streams
from services.api.context import Api, TheApi, now
from services.auth import Caller
from services.console.forms.sent import about, about_of, keepable, row_of, seq_of, typed_of
from services.console.forms.subject import PATHS, Subject
from services.console.forms.typed import Typed
from services.console.frame.catalogue import gettext
from services.console.frame.paged import Paged
from services.console.frame.rendering import part
from services.problems import Problem, refused
from services.signin import paths
from services.signin.viewer import SignInFirst, TheActor, acting
from workflows.decider import Refusal
from workflows.procedure import Row

router = APIRouter(route_class=Paged, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """What a form shows, what it is opened for, the draft that it shows, and what happened since that was typed."""

    typed: Typed
    about: str
    draft: Draft | None = None
    since: Sequence[Recorded] = ()

    @property
    def said(self) -> Typed:
        """What is typed of it, without what was left empty."""
        return {name: texts for name, texts in self.typed.items() if any(text.strip() for text in texts)}


async def opened(api: Api, caller: Caller, found: Subject, row: Row, asked: Mapping[str, str]) -> Opened:
    """A form with its draft, all of it, else with what is known; and with what the address says. Raises Unavailable."""
    form = Form(caller.actor.id, found.stream.name, row.command, about(asked))
    draft = await drafts.find(api.database, caller.tenant, form, _since(api))
    if draft is None:
        return Opened(found.beginning(row.command, asked), form.about)
    typed: Typed = {**draft.typed, **{name: [text] for name, text in asked.items()}}
    return Opened(typed, form.about, draft, [event for event in found.history if event.seq > draft.seq])


async def listed(api: Api, caller: Caller, stream: str) -> Sequence[Listed]:
    """The forms about a stream of which somebody has drafts. Raises Unavailable."""
    return await drafts.listed(api.database, caller.tenant, caller.actor.id, stream, _since(api))


async def sent(api: Api, caller: Caller, stream: str, command: str, about: str) -> None:
    """Forgets the draft of a form that was recorded; where that cannot be now, it stays, and says of when it is."""
    with suppress(Unavailable):
        await drafts.discard(api.database, caller.tenant, Form(caller.actor.id, stream, command, about))


async def keep(kind: str, id: str, command: str, request: Request, api: Api) -> Response:
    """Keeps what is typed so far: a script is told so in a line, a button leads back to the form.

    What goes wrong is told a script in that line, too, and not by another page: what was typed stays where it is.
    """
    path = f"{PATHS[kind]}/{id}/{command}"
    is_script = request.headers.get("hx-request") == "true"
    try:
        form, draft = await _kept(kind, id, command, request, api)
    except (SignInFirst, Problem, Refusal, Unavailable) as fault:
        if not is_script:
            raise
        return _told(request, path, fault)
    return _line(request, path, draft=draft) if is_script else _back(path, form)


async def discard(kind: str, id: str, command: str, request: Request, api: Api, caller: Caller) -> Response:
    """Forgets a draft, and leads to the form as it is without."""
    stream = await streams.visible(api, caller, kind, id)
    form = Form(caller.actor.id, stream.name, row_of(kind, command).command, about_of(await request.form()))
    await drafts.discard(api.database, caller.tenant, form)
    return _back(f"{PATHS[kind]}/{id}/{command}", form)


async def _kept(kind: str, id: str, command: str, request: Request, api: Api) -> tuple[Form, Draft | None]:
    """The form that was sent, and its draft; none where nothing is typed, or the form was recorded already."""
    caller = (await acting(request)).caller
    row = row_of(kind, command)
    stream = await streams.visible(api, caller, kind, id)
    given = await request.form()
    fields = keepable(row)
    typed = {name: texts for name, texts in typed_of(given).items() if name.partition(".")[0] in fields}
    form = Form(caller.actor.id, stream.name, row.command, about_of(given))
    if not any(text.strip() for texts in typed.values() for text in texts):
        await drafts.discard(api.database, caller.tenant, form)
        return form, None
    key, seq = str(given.get("_key", "")), seq_of(given)
    if not key.isprintable():
        key = ""  # no command was recorded under it
    seq = stream.seq if seq is None else min(seq, stream.seq)
    try:
        return form, await drafts.keep(api.database, caller.tenant, form, typed, seq, key, now(), _since(api))
    except drafts.TooLarge:
        detail = gettext("No draft is kept, because it is too long: send it, or keep a copy.")
        raise Problem(413, "draft_too_large", detail) from None
    except drafts.TooMany:
        detail = gettext("No draft is kept, because you have %(most)s already: send or discard some.")
        raise Problem(409, "too_many_drafts", detail % {"most": drafts.MOST}) from None


def _told(request: Request, path: str, fault: SignInFirst | Problem | Refusal | Unavailable) -> Response:
    """Why no draft is kept."""
    match fault:
        case SignInFirst():
            why = gettext("No draft is kept, because you are no longer signed in. What you typed stays here.")
            return _line(request, path, status=401, why=why, afresh=paths.sign_in(path))
        case Problem():
            return _line(request, path, status=fault.status, why=fault.detail)
        case Refusal():
            known = refused(fault.data())
            return _line(request, path, status=known.status, why=known.detail)
    why = gettext("No draft can be kept at this moment. What you typed stays here.")
    return _line(request, path, status=503, why=why)


def _line(
    request: Request, path: str, *, draft: Draft | None = None, status: int = 200, why: str = "", afresh: str = ""
) -> Response:
    """The line of a form about its draft."""
    return HTMLResponse(part(request, "draft.html", draft=draft, path=path, why=why, afresh=afresh), status)


def _back(path: str, form: Form) -> Response:
    return RedirectResponse(f"{path}?{form.about}" if form.about else path, 303)


def _since(api: Api) -> datetime:
    """What was kept by then is forgotten."""
    return now() - api.settings.drafts_kept


def _route(kind: str, path: str) -> None:
    """Adds the two routes of drafts about a kind."""

    async def kept(id: str, command: str, request: Request, api: TheApi) -> Response:
        return await keep(kind, id, command, request, api)

    async def discarded(id: str, command: str, request: Request, api: TheApi, viewer: TheActor) -> Response:
        return await discard(kind, id, command, request, api, viewer.caller)

    there = f"{path}/{{id}}/{{command}}/draft"
    router.add_api_route(there, kept, methods=["POST"], name=f"{kind}_draft")
    router.add_api_route(f"{there}/discard", discarded, methods=["POST"], name=f"{kind}_draft_discard")


for _kind, _path in PATHS.items():
    _route(_kind, _path)
