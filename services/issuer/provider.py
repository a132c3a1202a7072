"""What the embedded issuer is: its addresses, its one client, its key, and the tokens that it signs."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import jwt
from jwt.algorithms import OKPAlgorithm

from services.issuer.grants import Grant, Grants
from services.issuer.people import Sample, samples
from services.ready import ISSUER
from services.settings import Settings
from services.signin.paths import CALLBACK
from services.tokens import ALGORITHM, Issuer

CLIENT = "console"
"""The name of the one client: ours, public, proved by PKCE."""

LIFE = timedelta(minutes=5)
"""How long its tokens are good: to be read once, at the end of signing in."""

DISCOVERY = f"{ISSUER}/.well-known/openid-configuration"
JWKS = f"{ISSUER}/jwks"
AUTHORIZE = f"{ISSUER}/authorize"
TOKEN = f"{ISSUER}/token"


class IssuerGiven(Exception):
    """Sample people without passwords have no place beside an issuer of real ones."""

    def __init__(self) -> None:
        super().__init__("the embedded issuer does not start where CLOSEOUT_OIDC_ISSUER names another")


@dataclass(frozen=True)
class Provider:
    """The embedded issuer of one installation."""

    url: str
    tenant: str
    tokens: Issuer
    grants: Grants = field(default_factory=Grants)

    @classmethod
    def of(cls, settings: Settings) -> "Provider | None":
        """The one that these settings switch on; None where they do not, or there is no key to sign with.

        Raises IssuerGiven where another issuer is given.
        """
        if not settings.sample_sign_in:
            return None
        if settings.oidc_issuer:
            raise IssuerGiven
        tokens = Issuer.of(settings)
        return None if tokens is None else cls(settings.url, settings.tenant, tokens)

    @property
    def issuer(self) -> str:
        """Its name."""
        return self.url + ISSUER

    @cached_property
    def people(self) -> Mapping[str, Sample]:
        """The sample people, by id."""
        return {one.id: one for one in samples(self.tokens, self.tenant)}

    @cached_property
    def key(self) -> Mapping[str, Any]:
        """The public key (RFC 7517)."""
        public = self.tokens.key.private.public_key()
        name = hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]
        return {**OKPAlgorithm.to_jwk(public, as_dict=True), "kid": name, "alg": ALGORITHM, "use": "sig"}

    @property
    def redirects(self) -> Sequence[str]:
        """Where it sends people back to, and nowhere else."""
        return (self.url + CALLBACK,)

    def metadata(self) -> Mapping[str, Any]:
        """What it says of itself (OpenID Connect Discovery 1.0, 3)."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": self.url + AUTHORIZE,
            "token_endpoint": self.url + TOKEN,
            "jwks_uri": self.url + JWKS,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "scopes_supported": ["openid", "profile", "email"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "token_endpoint_auth_methods_supported": ["none"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }

    def id_token(self, grant: Grant, now: datetime) -> str:
        """An ID token in exchange for a code: they authenticated when they said who they are."""
        said = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": int(now.timestamp()),
            "exp": int((now + LIFE).timestamp()),
            "auth_time": int(grant.at.timestamp()),
            "amr": ["sample"],
            "nonce": grant.nonce,
        }
        claims = grant.person.claims(self.tenant)
        return jwt.encode(said | claims, self.tokens.key.private, ALGORITHM, headers={"kid": self.key["kid"]})

    def access_token(self, grant: Grant, now: datetime) -> str:
        """A token for the API, as `closeout token` makes them, that ends with the other."""
        person = grant.person
        return self.tokens.sign(self.tenant, person.name, (person.role,), person.client, now, LIFE)
