"""The routes of the embedded issuer: who it is, the page of sample people, and codes for tokens."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from services.api import context
from services.bootstrap import ACME
from services.issuer import provider
from services.issuer.grants import Grant
from services.issuer.provider import CLIENT, LIFE, Provider
from services.problems import Problem
from services.ready import MAILBOX
from services.signin import forms, rendering, viewer

KEPT = (
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
)
"""What of a request for authorization the page of people carries on."""

LONGEST = 128
"""Characters of a challenge or verifier (RFC 7636, 4.1)."""

SIDES = (("Of the certification body", None), ("Of the client Acme Manufacturing", ACME))


async def _served(request: Request) -> Provider:
    """The issuer, for a request to it by its own name: a page of another name in the same browser gets nothing."""
    found: Provider = request.app.state.provider
    if request.url.netloc != urlsplit(found.url).netloc:
        raise Problem(421, "another_host", f"The issuer answers at {found.url} alone.")
    return found


TheProvider = Annotated[Provider, Depends(_served)]

router = APIRouter(include_in_schema=False)


@router.get(provider.DISCOVERY)
async def discovery(issuer: TheProvider) -> Response:
    """What the issuer says of itself."""
    return JSONResponse(issuer.metadata())


@router.get(provider.JWKS)
async def jwks(issuer: TheProvider) -> Response:
    """Its key."""
    return JSONResponse({"keys": [issuer.key]})


@router.get(provider.AUTHORIZE)
async def choose(request: Request, issuer: TheProvider) -> Response:
    """The page on which somebody says who they are. They always do: whoever asks for a fresh sign-in gets one."""
    asked = {name: request.query_params[name] for name in KEPT if name in request.query_params}
    if (refused := _refused(issuer, asked)) is not None:
        return refused
    sides = [
        (side, [{"id": p.id, "name": p.name, "roles": p.role.replace("_", " ")} for p in people])
        for side, client in SIDES
        if (people := [one for one in issuer.people.values() if one.client == client])
    ]
    mailbox = MAILBOX if context.of(request).settings.sample_mail else None
    values = {"title": "Who are you?", "sides": sides, "asked": asked.items(), "action": provider.AUTHORIZE}
    return rendering.page("people.html", {**values, "mailbox": mailbox})


@router.post(provider.AUTHORIZE)
async def chosen(request: Request, issuer: TheProvider) -> Response:
    """Sends them back with a code."""
    viewer.check_origin(request)
    form = dict(await forms.received(request))
    if (refused := _refused(issuer, form)) is not None:
        return refused
    person = issuer.people.get(form.get("person", ""))
    if person is None:
        raise Problem(400, "unknown_person", "There is no such sample person.")
    grant = Grant(person, form["redirect_uri"], form.get("nonce", ""), form["code_challenge"], datetime.now(UTC))
    return _back(issuer, form, {"code": issuer.grants.give(grant)})


@router.post(provider.TOKEN)
async def token(request: Request, issuer: TheProvider) -> Response:
    """Tokens for a code (OpenID Connect Core, 3.1.3)."""
    form = dict(await forms.received(request))
    if form.get("client_id") != CLIENT:
        return JSONResponse({"error": "invalid_client"}, 401)
    if form.get("grant_type") != "authorization_code":
        return JSONResponse({"error": "unsupported_grant_type"}, 400)
    now = datetime.now(UTC)
    verifier = form.get("code_verifier", "")[:LONGEST]
    grant = issuer.grants.take(form.get("code", ""), form.get("redirect_uri", ""), verifier, now)
    if grant is None:
        return JSONResponse({"error": "invalid_grant"}, 400)
    answer = {
        "token_type": "Bearer",
        "expires_in": int(LIFE.total_seconds()),
        "access_token": issuer.access_token(grant, now),
        "id_token": issuer.id_token(grant, now),
    }
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})


def _refused(issuer: Provider, asked: Mapping[str, str]) -> Response | None:
    """Why there is no code: told on the spot until it is known to whom else it may be told (RFC 6749, 4.1.2.1)."""
    if asked.get("client_id") != CLIENT or asked.get("redirect_uri") not in issuer.redirects:
        raise Problem(400, "unknown_client", "Nobody is registered by this client_id and redirect_uri.")
    if asked.get("response_type") != "code":
        return _back(issuer, asked, {"error": "unsupported_response_type"})
    if "openid" not in asked.get("scope", "").split():
        return _back(issuer, asked, {"error": "invalid_scope"})
    if asked.get("code_challenge_method") != "S256" or not 0 < len(asked.get("code_challenge", "")) <= LONGEST:
        return _back(issuer, asked, {"error": "invalid_request"})
    return None


def _back(issuer: Provider, asked: Mapping[str, str], told: Mapping[str, str]) -> Response:
    said = {**told, "iss": issuer.issuer} | ({"state": asked["state"]} if "state" in asked else {})
    return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(said)}", 303)
