"""Tokens of an issuer, proved: who signed, for whom, until when, and in answer to what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt

from services.signin.discovery import Discovery
from services.tokens import BadToken

LEEWAY = timedelta(seconds=30)
"""By how much the issuer's clock may differ from ours."""

ID_TOKENS = (None, "JWT")
ACCESS_TOKENS = (None, "JWT", "at+jwt", "application/at+jwt")
"""What tokens say they are (RFC 9068, 2.1): one that says otherwise was made for something else."""


@dataclass(frozen=True, slots=True)
class Proof:
    """By what an issuer's tokens are proved, whatever they say of themselves."""

    discovery: Discovery
    client_id: str
    audience: str
    algorithms: Sequence[str]

    async def id_token(self, token: str, nonce: str, now: datetime) -> Mapping[str, Any]:
        """What an ID token says that answers our request of this nonce (OpenID Connect Core, 3.1.3.7).

        Raises BadToken, IssuerAway.
        """
        said = await self._read(token, self.client_id, ID_TOKENS)
        if said.get("nonce") != nonce:
            raise BadToken("The token answers another sign-in.")
        named = said["aud"] if isinstance(said["aud"], list) else [said["aud"]]
        if said.get("azp", self.client_id if len(named) == 1 else None) != self.client_id:
            raise BadToken("The token was issued to somebody else.")
        _check_time(said, now)
        return said

    async def access_token(self, token: str, now: datetime) -> Mapping[str, Any]:
        """What an access token for the API says (RFC 9068). Raises BadToken, IssuerAway."""
        said = await self._read(token, self.audience, ACCESS_TOKENS)
        if "nonce" in said:
            raise BadToken("The token is an ID token: it says who signed in, and opens nothing. Send an access token.")
        _check_time(said, now)
        return said

    async def _read(self, token: str, audience: str, kinds: Sequence[str | None]) -> Mapping[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError:
            raise BadToken("The token is none that can be read.") from None
        algorithm = str(header.get("alg"))
        if algorithm not in self.algorithms or "crit" in header or header.get("typ") not in kinds:
            raise BadToken("The token is not of the kind that is taken here.")
        key = await self.discovery.key(header.get("kid"), algorithm)
        if key is None:
            raise BadToken("The token is signed with a key that is not the issuer's.")
        try:
            said: Mapping[str, Any] = jwt.decode(
                token,
                key.public,
                algorithms=[algorithm],
                issuer=self.discovery.issuer,
                audience=audience,
                leeway=LEEWAY,
                options={"require": ["iss", "aud", "exp", "iat", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            raise BadToken("The token has expired.") from None
        except jwt.InvalidAudienceError:
            raise BadToken("The token is for somebody else than this installation.") from None
        except jwt.InvalidTokenError:
            raise BadToken("The token is not one that the issuer gave for this installation.") from None
        return said


def _check_time(said: Mapping[str, Any], now: datetime) -> None:
    """Refuses a time to come, which would count as fresh for long."""
    at = said.get("auth_time")
    if at is not None and (not isinstance(at, int | float) or at > (now + LEEWAY).timestamp()):
        raise BadToken("The token's auth_time is no instant at which anybody can have authenticated.")
