"""Signing in and out at the console: to the issuer and back, into a session of the server's."""

import re
import secrets
from collections.abc import Sequence
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from activities.directory import sessions, sign_ins
from services.api import context
from services.auth import Departed, Unauthenticated
from services.console.frame.catalogue import gettext, mark
from services.ready import CONSOLE
from services.settings_rules import LOOPBACK
from services.signin import cookies, flow, paths, rendering, viewer
from services.signin.claims import NoRole
from services.signin.flow import Lost, Refused, SignedIn
from services.signin.party import Party
from services.signin.reaching import IssuerAway
from services.signin.viewer import TheActor
from services.tokens import BadToken

router = APIRouter(include_in_schema=False)

log = structlog.get_logger("signin")

_SECRET = re.compile(r"[\w-]{43}", re.ASCII)
"""What a browser gets when it begins to sign in."""

NOBODY = mark("Nobody can sign in here: the administrator has to name an issuer (CLOSEOUT_OIDC_ISSUER).")
LOST = mark(
    "This sign-in is over: it was used already, took too long, or was begun in another browser. Nothing was done."
)
AWAY = mark("The issuer that says who you are does not answer. Try again in a minute.")


def party_of(request: Request) -> Party | None:
    """What signs people in here; None where nothing does."""
    party: Party | None = request.app.state.party
    return party


@router.get(paths.SIGN_IN)
async def sign_in(request: Request, next: str = CONSOLE, fresh: bool = False) -> Response:
    """Leads to the issuer; with `fresh`, even who is signed in already has to prove anew who they are."""
    api, party, there = context.of(request), party_of(request), paths.own(next)
    if party is None:
        return _told(503, mark("Nobody can sign in"), NOBODY)
    if not fresh and await viewer.recognised(request) is not None:
        return RedirectResponse(there, 303)
    if _by_another_name(request, api.settings.url):
        return RedirectResponse(api.settings.url + paths.sign_in(there, fresh=fresh), 303)
    cookie = cookies.browser(api.settings)
    # Kept while there is one, so that two pages may sign in side by side.
    browser = cookie.read(request)
    browser = browser if _SECRET.fullmatch(browser) else secrets.token_urlsafe(32)
    oldest = api.settings.session_absolute
    try:
        issuer = await flow.depart(party, api.database, browser, there, fresh, oldest, context.now())
    except IssuerAway as error:
        return _away(error)
    answer = RedirectResponse(issuer, 303)
    cookie.give(answer, browser, sign_ins.PATIENCE)
    return answer


@router.get(paths.CALLBACK)
async def callback(request: Request) -> Response:
    """Where the issuer sends people back to: begins their session, and leads to the page that they wanted."""
    api, party = context.of(request), party_of(request)
    if party is None:
        return _told(503, mark("Nobody can sign in"), NOBODY)
    browser = cookies.browser(api.settings).read(request)
    oldest = api.settings.session_absolute
    again = [(mark("Sign in"), paths.sign_in(CONSOLE))]
    other = [(mark("Sign in as somebody else"), paths.sign_in(CONSOLE, fresh=True))]
    try:
        found = await flow.arrive(party, api.database, browser, request.query_params, oldest, context.now())
        return await _begun(request, found)
    except Lost:
        return _told(400, mark("Sign in again"), LOST, again)
    except Refused as refused:
        why = gettext("The issuer did not sign you in (%(why)s).") % {"why": refused}
        return _told(403, mark("You are not signed in"), why, again)
    except NoRole as error:
        return _told(403, mark("You have no role here"), str(error), other)
    except Departed as error:
        return _told(403, mark("You are noted as having left"), str(error), other)
    except (BadToken, Unauthenticated) as error:
        return _told(403, mark("You cannot be signed in"), str(error), other)
    except IssuerAway as error:
        return _away(error)


@router.post(paths.SIGN_OUT)
async def sign_out(request: Request, actor: TheActor) -> Response:
    """Ends the session, and the issuer's own where it lets us."""
    api, party = context.of(request), party_of(request)
    hint = await sessions.end(api.database, actor.caller.tenant, actor.session)
    there = await flow.farewell(party, hint) if party is not None and hint is not None else None
    answer = RedirectResponse(there or paths.SIGNED_OUT, 303)
    cookies.session(api.settings).take(answer)
    return answer


@router.get(paths.SIGNED_OUT)
async def signed_out() -> Response:
    """Where people are once they signed out."""
    again = [(mark("Sign in"), CONSOLE)]
    return _told(200, mark("You are signed out"), mark("The session at this browser is over."), again)


@router.get(rendering.STYLE)
async def style() -> Response:
    """How these pages look."""
    return rendering.style()


async def _begun(request: Request, found: SignedIn) -> Response:
    """A new session in place of the one that the browser had: no secret from before sign-in is good after it."""
    api = context.of(request)
    caller = await api.authenticator.admitted(found.claims, context.now())
    former = await viewer.recognised(request)
    is_same = former is not None and (former.tenant, former.person.id) == (caller.tenant, caller.actor.id)
    text = await sessions.begin(
        api.database,
        caller.tenant,
        caller.actor,
        found.id_token,
        context.now(),
        viewer.limits(api.settings),
        csrf=former.csrf if former is not None and is_same else None,
    )
    if former is not None:
        await sessions.end(api.database, former.tenant, former.id)
    answer = RedirectResponse(found.next, 303)
    cookies.session(api.settings).give(answer, text)
    log.info("signed in", tenant=caller.tenant, person=caller.actor.id)
    return answer


def _by_another_name(request: Request, url: str) -> bool:
    """Whether this machine was asked by another name for itself than the one that cookies and the issuer know."""
    asked, known = request.url, urlsplit(url)
    return asked.hostname != known.hostname and {asked.hostname, known.hostname} <= LOOPBACK


def _away(error: IssuerAway) -> Response:
    log.warning("issuer away", why=str(error))
    answer = _told(503, mark("Sign-in is not possible now"), AWAY, [(mark("Try again"), paths.sign_in(CONSOLE))])
    answer.headers["Retry-After"] = "60"
    return answer


def _told(status: int, title: str, text: str, links: Sequence[tuple[str, str]] = ()) -> Response:
    told = {"title": gettext(title), "text": gettext(text), "links": [(gettext(label), path) for label, path in links]}
    return rendering.page("message.html", told, status)
