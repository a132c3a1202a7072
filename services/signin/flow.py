"""Authorization code with PKCE (RFC 6749, 7636, 9700; OpenID Connect Core, 3.1): out to the issuer, and back."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import structlog

from activities.directory import sign_ins
from activities.directory.sign_ins import Pending
from activities.ledger.database import Database
from services.signin.discovery import Metadata
from services.signin.identity import LEEWAY
from services.signin.party import Party
from services.signin.reaching import IssuerAway
from services.tokens import BadToken, Claims

KNOWN_ERRORS = (
    "access_denied",
    "login_required",
    "interaction_required",
    "consent_required",
    "temporarily_unavailable",
)
"""What an issuer says in the standard's words; others are not repeated, as anybody may have written them."""

PROVED = frozenset({"amr", "auth_time", "exp", "iat"})
"""What is said of this sign-in: by the ID token, which is signed and checked, or by nobody."""

log = structlog.get_logger("signin")


class Lost(Exception):
    """An answer that belongs to no sign-in of this browser, or to one that is over."""


class Refused(Exception):
    """The issuer did not sign the person in."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who the issuer says it is, the token that says so, where they want to go; `fresh` where they were to prove it."""

    claims: Claims
    id_token: str
    next: str
    fresh: bool


async def depart(
    party: Party, database: Database, browser: str, next: str, fresh: bool, oldest: timedelta, now: datetime
) -> str:
    """The issuer's address at which a person signs in, who authenticated at most so long ago, or does now.

    Raises IssuerAway, Unavailable.
    """
    metadata = await party.discovery.metadata()
    begun = await sign_ins.begin(database, party.tenant, browser, next, fresh, now)
    challenge = hashlib.sha256(begun.pending.verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": party.proof.client_id,
        "redirect_uri": party.callback,
        "scope": party.scopes,
        "state": begun.state,
        "nonce": begun.pending.nonce,
        "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        "max_age": str(0 if fresh else int(oldest.total_seconds())),
    } | ({"prompt": "login"} if fresh else {})
    return _joined(metadata.authorization_endpoint, asked)


async def arrive(
    party: Party, database: Database, browser: str, answer: Mapping[str, str], oldest: timedelta, now: datetime
) -> SignedIn:
    """Who it is whom the issuer sends back with this answer.

    Raises Lost, Refused, BadToken, IssuerAway, Unavailable.
    """
    pending = await sign_ins.take(database, party.tenant, browser, answer.get("state", ""), now)
    if pending is None:
        raise Lost
    metadata = await party.discovery.metadata()
    if answer.get("iss", None if metadata.authorization_response_iss_parameter_supported else metadata.issuer) != (
        metadata.issuer
    ):
        raise Lost  # RFC 9207, 2.4
    if "error" in answer or "code" not in answer:
        error = answer.get("error", "")
        raise Refused(error if error in KNOWN_ERRORS else "unknown")
    tokens = await _exchanged(party, metadata, answer["code"], pending)
    token = tokens.get("id_token")
    if not isinstance(token, str):
        raise IssuerAway(f"{metadata.token_endpoint} answers without an ID token")
    said = await party.proof.id_token(token, pending.nonce, now)
    _check_age(said, pending, oldest, now)
    whole = await _told(party, metadata, tokens, said)
    return SignedIn(party.meaning.claims(whole, party.tenant), token, pending.next, pending.fresh)


async def farewell(party: Party, hint: str) -> str | None:
    """Where the issuer ends its own session (RP-Initiated Logout 1.0, 2); None where there is no such place."""
    try:
        metadata = await party.discovery.metadata()
    except IssuerAway:
        return None
    if metadata.end_session_endpoint is None:
        return None
    asked = {
        "id_token_hint": hint,
        "client_id": party.proof.client_id,
        "post_logout_redirect_uri": party.farewell,
    }
    return _joined(metadata.end_session_endpoint, asked)


async def _exchanged(party: Party, metadata: Metadata, code: str, pending: Pending) -> Mapping[str, Any]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": party.callback,
        "code_verifier": pending.verifier,
    }
    name, secret, basic = party.proof.client_id, party.secret, None
    if secret and "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
        basic = quote(name, safe=""), quote(secret, safe="")  # RFC 6749, 2.3.1
    else:
        form |= {"client_id": name} | ({"client_secret": secret} if secret else {})
    status, answer = await party.discovery.wire.post(metadata.token_endpoint, form, basic)
    if status == 200:
        return answer
    if answer.get("error") == "invalid_grant":
        raise Lost
    raise IssuerAway(f"{metadata.token_endpoint} answers {status}: {answer.get('error')}")


def _check_age(said: Mapping[str, Any], pending: Pending, oldest: timedelta, now: datetime) -> None:
    """Refuses an authentication that is older than what was asked for: an issuer may leave that out of account."""
    at = said.get("auth_time")
    if pending.fresh and at is None:
        raise BadToken("The issuer does not say when you authenticated (auth_time), so that you cannot sign here.")
    since = pending.begun_at if pending.fresh else now - oldest
    if at is not None and at < (since - LEEWAY).timestamp():
        raise BadToken("The issuer did not have you authenticate anew, as we asked it to.")


async def _told(
    party: Party, metadata: Metadata, tokens: Mapping[str, Any], said: Mapping[str, Any]
) -> Mapping[str, Any]:
    """All that the issuer says of a person: many keep their ID tokens short. What is signed wins.

    An issuer may give access tokens that do not open this: then the ID token says it all.
    """
    access = tokens.get("access_token")
    if metadata.userinfo_endpoint is None or not isinstance(access, str):
        return said
    try:
        more = await party.discovery.wire.get(metadata.userinfo_endpoint, access)
    except IssuerAway as error:
        log.info("issuer tells no more", why=str(error))
        return said
    if more.get("sub") != said["sub"]:
        raise BadToken("The issuer speaks of two people.")  # Core, 5.3.2
    return {name: value for name, value in more.items() if name not in PROVED} | {**said}


def _joined(endpoint: str, asked: Mapping[str, str]) -> str:
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"
