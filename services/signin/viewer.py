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
from workflows.people import Actor

FIELD = "csrf"
"""The field of every form that changes something."""

LONGEST = 5_000_000
"""Bytes of a form without files; what the rules let one write into any takes fewer, in any alphabet."""

HEADER = "X-Csrf"
"""Where a script says the same; it wins, so that an upload need not be read to see who sends it."""


class SignInFirst(Exception):
    """Nobody is signed in; `next` is the page to come back to."""

    def __init__(self, next: str) -> None:
        self.next = next
        super().__init__(f"sign in to see {next}")


class Forged(Problem):
    """A form that was not sent from a page of this session."""

    def __init__(self, detail: str) -> None:
        super().__init__(403, "forged_form", detail)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody signed in at the console.

    `caller` is what the API would make of them, `session` the session's id, which is no secret, and `csrf` what each
    form of the session carries in the field `csrf`.
    """

    caller: Caller
    session: str
    csrf: str


def limits(settings: Settings) -> Limits:
    """How long a session is good in this installation."""
    return Limits(settings.session_idle, settings.session_absolute)


async def recognised(request: Request) -> Session | None:
    """The session that a request belongs to; None where nobody is signed in. Raises Unavailable."""
    api = context.of(request)
    text = cookies.session(api.settings).read(request)
    return await sessions.recognise(api.database, text, context.now(), limits(api.settings))


async def viewer(request: Request) -> Viewer:
    """Who looks at a page. Raises SignInFirst, and Unavailable."""
    session = await recognised(request)
    if session is None:
        raise SignInFirst(_page(request))
    actor = Actor(**session.person.model_dump(), authenticated=session.authenticated)
    return Viewer(Caller(session.tenant, actor), session.id, session.csrf)


async def acting(request: Request) -> Viewer:
    """Who sends a form. Raises SignInFirst, Forged where it comes from no page of theirs, and Unavailable."""
    found = await viewer(request)
    check_origin(request)
    if not await is_own(request, found):
        raise Forged("The form is not one of this session: load the page again.")
    return found


async def is_own(request: Request, viewer: Viewer) -> bool:
    """Whether a form carries what each of its session does; one from before they signed in anew does not.

    Raises a problem (413).
    """
    bound(request)
    given = request.headers.get(HEADER) or (await request.form()).get(FIELD)
    return isinstance(given, str) and hmac.compare_digest(given.encode(), viewer.csrf.encode())


def bound(request: Request) -> None:
    """Refuses a form of texts beyond LONGEST, which would be read into memory whole; files are not, and have bounds."""
    if request.headers.get("content-type", "").startswith("multipart/"):
        return
    length = request.headers.get("content-length", "")
    if "transfer-encoding" in request.headers or (length.isdecimal() and int(length[:20]) > LONGEST):
        raise Problem(413, "too_large", f"The form is longer than {LONGEST:,} bytes.")


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
TheActor = Annotated[Viewer, Depends(acting)]
