"""What relies on an issuer: its name there, how its tokens are proved, and what their claims mean here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from services.settings import Settings
from services.signin import claims
from services.signin.claims import Meaning
from services.signin.discovery import Discovery
from services.signin.identity import Proof
from services.signin.paths import CALLBACK, SIGNED_OUT
from services.signin.reaching import Wire
from services.tokens import Claims


@dataclass(frozen=True, slots=True)
class Party:
    """An installation at its issuer. `tenant` is of those of whom the issuer says none."""

    proof: Proof
    meaning: Meaning
    tenant: str
    secret: str
    scopes: str
    url: str

    @classmethod
    def given(cls, settings: Settings) -> "Party | None":
        """The one that these settings name; None without an issuer. Raises BadMapping."""
        if not settings.oidc_issuer:
            return None
        algorithms = settings.oidc_algorithms.split(",")
        audience = settings.oidc_audience or settings.oidc_client_id
        proof = Proof(Discovery(settings.oidc_issuer, Wire()), settings.oidc_client_id, audience, algorithms)
        return cls(
            proof, claims.of(settings), settings.tenant, settings.oidc_client_secret, settings.oidc_scopes, settings.url
        )

    @classmethod
    def within(
        cls,
        settings: Settings,
        issuer: str,
        client_id: str,
        algorithms: Sequence[str],
        transport: httpx.AsyncBaseTransport,
    ) -> "Party":
        """The one of an issuer within this very process, which is asked over no network."""
        proof = Proof(Discovery(issuer, Wire(transport)), client_id, client_id, algorithms)
        return cls(proof, claims.packaged(), settings.tenant, "", "openid profile email", settings.url)

    @property
    def discovery(self) -> Discovery:
        """What the issuer says of itself."""
        return self.proof.discovery

    @property
    def callback(self) -> str:
        """Where the issuer sends people back to: what is registered with it."""
        return self.url + CALLBACK

    @property
    def farewell(self) -> str:
        """Where it sends them after signing out: registered, too."""
        return self.url + SIGNED_OUT

    async def read(self, token: str) -> Claims:
        """What an access token says, as the API takes it. Raises BadToken, NoRole, IssuerAway."""
        return self.meaning.claims(await self.proof.access_token(token, datetime.now(UTC)), self.tenant)
