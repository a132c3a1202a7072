"""Who looks at a page of the console, and who acts there: the boundary between sign-in and the pages."""

import hmac
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.responses import RedirectResponse, Response

from activities.directory import sessions
from activities.directory.sessions import Limits, Session
from services.api import context
from services.auth import Caller
from services.problems import Problem
from services.ready import CONSOLE
from services.settings import Settings
from services.signin import cookies, paths
from services.signin.forms import Filled, received
from workflows.people import Actor

FIELD = "csrf"
"""The field of every form that changes something."""

HEADER = "X-Csrf"
"""Where a script says the same, which no other site can; it wins."""


class SignInFirst(Exception):
    """Nobody is signed in; `next` is the page to come back to."""

    def __init__(self, next: str) -> None:
        self.next = next
        super().__init__(f"sign in to see {next}")


class Forged(Problem):
    """A form that was not sent from a page of this session."""

    def __init__(self, detail: str) -> None:
        super().__init__(403, "forged_form", detail)


class Former(Forged):
    """A form from a page of ours, but of no session that goes on: it is shown again to whoever is signed in now."""

    def __init__(self) -> None:
        super().__init__("The form is not one of this session: load the page again.")


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody signed in at the console.

    `caller` is what the API would make of them, `session` the session's id, which is no secret, and `csrf` what each
    form of the session carries in the field `csrf`. `client` is what their client is called, None for who has none.
    """

    caller: Caller
    session: str
    csrf: str
    client: str | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """Somebody signed in who sent a form.

    `looks` may be shown what there is, and the form again; `form` is what was filled in. `is_own` says whether the form
    is one of their session: one from before they signed in anew is not, nor one that another site had them send.
    """

    looks: Viewer
    form: Filled
    is_own: bool

    @property
    def viewer(self) -> Viewer:
        """Who acts by the form. Raises Former where it is none of theirs: nothing is done by it, whoever asks."""
        if not self.is_own:
            raise Former
        return self.looks


def limits(settings: Settings) -> Limits:
    """How long a session is good in this installation."""
    return Limits(settings.session_idle, settings.session_absolute)


async def recognised(request: Request, *, used: bool = True) -> Session | None:
    """The session that a request belongs to, and uses or not; None where nobody is signed in. Raises Unavailable."""
    api = context.of(request)
    text = cookies.session(api.settings).read(request)
    return await sessions.recognise(api.database, text, context.now(), limits(api.settings), used=used)


async def viewer(request: Request) -> Viewer:
    """Who looks at a page. Raises SignInFirst, and Unavailable."""
    return await _viewer(request, used=True)


async def listening(request: Request) -> Viewer:
    """Whose page listens: it does so by itself, which keeps no session alive. Raises as `viewer` does."""
    return await _viewer(request, used=False)


async def _viewer(request: Request, *, used: bool) -> Viewer:
    session = await recognised(request, used=used)
    if session is None:
        raise SignInFirst(_page(request))
    actor = Actor(**session.person.model_dump(), authenticated=session.authenticated)
    client = session.client_name or actor.client
    found = Viewer(Caller(session.tenant, actor), session.id, session.csrf, client)
    request.state.viewer = found
    return found


def known(request: Request) -> Viewer | None:
    """Who was found to look, by whatever served the request so far; None where nothing asked, or nobody does."""
    found: Viewer | None = getattr(request.state, "viewer", None)
    return found


async def sending(request: Request) -> Sender:
    """Who sends a form of texts, theirs or not. Raises SignInFirst, Forged, Unavailable, and a problem (413, 415)."""
    found = await viewer(request)
    check_origin(request)
    form = await received(request)
    return Sender(found, form, carries(found, request.headers.get(HEADER) or form.get(FIELD)))


async def acting(request: Request) -> Viewer:
    """Who acts by a form in which nothing is typed. Raises as `sending` does, and Former where it is none of theirs."""
    return (await sending(request)).viewer


def carries(viewer: Viewer, given: str | None) -> bool:
    """Whether a form carries what each of its session does."""
    return given is not None and hmac.compare_digest(given.encode(), viewer.csrf.encode())


def check_origin(request: Request) -> None:
    """Refuses what another site has the browser send; old browsers say nothing, and are judged by the form's field."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site not in (None, "same-origin", "none") or origin not in (None, *_origins(request)):
        raise Forged("The form was sent from another site.")


def _origins(request: Request) -> tuple[str, ...]:
    settings = context.of(request).settings
    return origin_of(settings.url), f"{request.url.scheme}://{request.url.netloc}"


def origin_of(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def is_script(request: Request) -> bool:
    """Whether the script of a page asks: what it is answered becomes a part of that page."""
    return request.headers.get("hx-request") == "true"


def ask_to_sign_in(request: Request, error: Exception) -> Response:
    """The answer to a request of nobody: a script's leads its page to sign-in, and a stream of events just ends."""
    there = paths.sign_in(error.next if isinstance(error, SignInFirst) else CONSOLE)
    if is_script(request):
        return Response(status_code=401, headers={"HX-Redirect": there})
    if "text/event-stream" in request.headers.get("accept", ""):
        return Response(status_code=401)
    return RedirectResponse(there, 303)


def _page(request: Request) -> str:
    """The page on which somebody is: a script and a form say it by their headers, as their own path is no page."""
    said = request.headers.get("hx-current-url") or (
        str(request.url) if request.method == "GET" else request.headers.get("referer", "")
    )
    parts = urlsplit(said)
    return paths.own(parts.path + (f"?{parts.query}" if parts.query else ""))


TheViewer = Annotated[Viewer, Depends(viewer)]
TheListener = Annotated[Viewer, Depends(listening)]
TheActor = Annotated[Viewer, Depends(acting)]
TheSender = Annotated[Sender, Depends(sending)]
