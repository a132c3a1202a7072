"""What an issuer says of itself (OpenID Connect Discovery 1.0), with its keys: kept a while, then asked for again."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from services.signin import keys
from services.signin.keys import Key
from services.signin.reaching import IssuerAway, Wire
from services.tokens import fault

KEPT = timedelta(hours=1)
"""For how long metadata and keys are believed before they are asked for again; longer while the issuer is away."""

PAUSE = timedelta(seconds=30)
"""The least time between two requests for keys, whatever unknown keys tokens name."""

BREATH = timedelta(seconds=1)
"""The same while nothing is known: who waits for an issuer that is away is not to wait for each other."""

log = structlog.get_logger("signin")


class Metadata(BaseModel):
    """What we use of an issuer's metadata."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    end_session_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False

    @property
    def addresses(self) -> Sequence[str]:
        """Where we send people and requests."""
        named = (self.authorization_endpoint, self.token_endpoint, self.jwks_uri)
        return [*named, *filter(None, (self.userinfo_endpoint, self.end_session_endpoint))]


@dataclass(slots=True)
class Discovery:
    """An issuer's metadata and keys, as they were last had. `clock` counts seconds."""

    issuer: str
    wire: Wire
    clock: Callable[[], float] = time.monotonic
    _metadata: Metadata | None = None
    _keys: Sequence[Key] = ()
    _read_at: float = float("-inf")
    _tried_at: float = float("-inf")
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def known(self) -> Metadata | None:
        """What the issuer said last; None before anybody asked."""
        return self._metadata

    async def metadata(self) -> Metadata:
        """What the issuer says of itself. Raises IssuerAway where nothing is known, and it is not to be had."""
        if self._metadata is None or self.clock() - self._read_at >= KEPT.total_seconds():
            await self._renew(PAUSE if self._metadata else BREATH)
        if self._metadata is None:
            raise IssuerAway(f"{self.issuer} could not be asked")
        return self._metadata

    async def key(self, kid: str | None, algorithm: str) -> Key | None:
        """The key that a signature names, or the only one that fits where it names none; None for none.

        A key that is not known may be new: then the issuer is asked again. Raises IssuerAway.
        """
        await self.metadata()
        if (found := keys.fitting(self._keys, kid, algorithm)) is None:
            await self._renew(PAUSE)
            found = keys.fitting(self._keys, kid, algorithm)
        return found

    def usable(self, algorithms: Sequence[str]) -> bool:
        """Whether a key that was last published makes one of these signatures."""
        return any(not key.algorithms.isdisjoint(algorithms) for key in self._keys)

    async def _renew(self, pause: timedelta) -> None:
        """Asks the issuer, unless it was asked within the pause; where it is away, what was known stays known."""
        async with self._one:
            if self.clock() - self._tried_at < pause.total_seconds():
                return
            try:
                metadata = await self._asked()
                found = keys.read(await self.wire.get(metadata.jwks_uri))
            except IssuerAway as error:
                self._tried_at = self.clock()
                if self._metadata is None:
                    raise
                log.warning("issuer away", why=str(error))
            else:
                self._metadata, self._keys = metadata, found
                self._read_at = self._tried_at = self.clock()

    async def _asked(self) -> Metadata:
        address = f"{self.issuer.removesuffix('/')}/.well-known/openid-configuration"
        try:
            metadata = Metadata.model_validate(await self.wire.get(address))
        except ValidationError as error:
            raise IssuerAway(f"{address}: {fault(error)}") from None
        if metadata.issuer != self.issuer:
            raise IssuerAway(f"{address} speaks of another issuer: {metadata.issuer}")
        scheme = "https://" if self.issuer.startswith("https://") else ("http://", "https://")
        if bare := [one for one in metadata.addresses if not one.startswith(scheme)]:
            raise IssuerAway(f"{address} names an address that is not https: {bare[0]}")
        return metadata
