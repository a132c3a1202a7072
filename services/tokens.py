"""The embedded issuer of tokens: one Ed25519 key in the data folder, for installations without an OIDC issuer."""

import hashlib
import hmac
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from unicodedata import category

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from services.embedded.files import make_private
from services.mail.addresses import is_address
from services.settings import Settings
from workflows import shapes
from workflows.people import CLIENT_SIDE, Role
from workflows.procedure import Key

ALGORITHM = "EdDSA"
CLAIMS = ("iss", "aud", "exp", "sub", "name", "tenant", "roles", "auth_time", "amr")
LEEWAY = timedelta(seconds=10)

LONG_AGO = datetime.min.replace(tzinfo=UTC)

LONGEST_NAME = 200
Word = Annotated[str, StringConstraints(pattern=r"^[^\p{Cc}]{1,200}$")]
Subject = Annotated[str, StringConstraints(pattern=r"^[^\p{Cc}]{1,255}$")]
"""As long as OpenID Connect lets it be (Core, 2)."""
Tenant = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]


def _address(text: str) -> str:
    if not is_address(text):
        raise ValueError("A mail address is expected here.")
    return text


Address = Annotated[str, AfterValidator(_address)]


class BadToken(Exception):
    """A token that proves nothing; says why in words fit for its holder."""


class BadClaims(ValueError):
    """Nobody can hold such a token; says why in words fit for who asked for it."""


class BadTokenKey(Exception):
    """The file of the issuer's key holds none."""


def _name(name: str) -> str:
    if not 0 < len(name) <= LONGEST_NAME or name != name.strip() or any(category(letter) == "Cc" for letter in name):
        raise ValueError(f"A name has 1 to {LONGEST_NAME} characters, no control character, and no blank at its ends.")
    return name


class Claims(BaseModel):
    """What a token says of a person.

    `auth_time` is when and `amr` how they proved who they are, `iat` when it was issued, `exp` until when it is good.
    Without `auth_time` nobody can sign where the installation asks for fresh authentication.

    One token acts on one side: for the certification body, or for the client that it names.
    """

    model_config = ConfigDict(frozen=True)

    sub: Subject
    name: Annotated[str, AfterValidator(_name)]
    tenant: Tenant
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    client: Key | None = None
    email: Address | None = None
    auth_time: AwareDatetime | None = None
    iat: AwareDatetime | None = None
    exp: AwareDatetime | None = None
    amr: tuple[Word, ...] = ()

    @model_validator(mode="after")
    def _on_one_side(self) -> "Claims":
        theirs = CLIENT_SIDE.intersection(self.roles)
        others = ", ".join(sorted(set(self.roles) - theirs - {Role.OBSERVER}))
        if self.client is None and theirs:
            raise ValueError(f"{', '.join(sorted(theirs))} is held for a client: name it")
        if self.client is not None and others:
            raise ValueError(f"{others} is no role on the side of a client: leave out the client {self.client}")
        return self

    @property
    def since(self) -> datetime:
        """Since when this is known of the person: a token that was issued later says more."""
        return self.iat or self.auth_time or LONG_AGO


@dataclass(frozen=True, slots=True)
class TokenKey:
    """The issuer's private key; `since` is the age of its file, in whole seconds."""

    private: Ed25519PrivateKey
    since: datetime

    @classmethod
    def open(cls, file: Path) -> "TokenKey":
        """The key in a file, which is made, readable by its owner alone, where there is none."""
        if not file.exists():
            _make(file)
        try:
            private = load_pem_private_key(file.read_bytes(), None)
        except OSError as error:
            raise BadTokenKey(f"{file} cannot be read: {error.strerror}") from None
        except (ValueError, TypeError) as error:  # no PEM, or one under a password
            raise BadTokenKey(f"{file} holds no private key that can be read: {error}") from None
        if not isinstance(private, Ed25519PrivateKey):
            raise BadTokenKey(f"{file} holds no Ed25519 private key")
        return cls(private, datetime.fromtimestamp(int(file.stat().st_mtime), UTC))

    def derived(self, *words: str) -> bytes:
        """32 bytes that only the holder of this key can make, the same ones for the same words."""
        text = "\x00".join(words).encode()
        return hmac.new(self.private.private_bytes_raw(), b"closeout\x00" + text, hashlib.sha256).digest()


@dataclass(frozen=True, slots=True)
class Issuer:
    """Signs and reads tokens; algorithm, issuer and audience are fixed, whatever a token's header says."""

    key: TokenKey
    name: str
    audience: str

    @classmethod
    def of(cls, settings: Settings) -> "Issuer | None":
        """The issuer that these settings embed; None without a key, and where another issuer is given."""
        if settings.token_key is None or settings.oidc_issuer:
            return None
        return cls(TokenKey.open(settings.token_key), settings.token_issuer, settings.token_audience)

    def subject(self, tenant: str, client: str | None, name: str) -> str:
        """The opaque id of a person: one name in one organisation is one person, whatever their roles."""
        return str(uuid.UUID(bytes=self.key.derived("person", tenant, client or "", name)[:16]))

    def sign(
        self, tenant: str, name: str, roles: tuple[Role, ...], client: str | None, since: datetime, life: timedelta
    ) -> str:
        """A token for a person who authenticated at `since`, good for `life` from then.

        Raises BadClaims for what `read` would refuse.
        """
        subject = self.subject(tenant, client, name)
        said = {"sub": subject, "name": name, "tenant": tenant, "roles": roles, "client": client, "auth_time": since}
        try:
            Claims.model_validate(said)
        except ValidationError as error:
            raise BadClaims(fault(error)) from None
        claims: dict[str, Any] = {
            "iss": self.name,
            "aud": self.audience,
            "sub": subject,
            "name": name,
            "tenant": tenant,
            "roles": [str(role) for role in roles],
            "auth_time": int(since.timestamp()),
            "iat": since.timestamp(),
            "amr": ["embedded"],
            "exp": int((since + life).timestamp()),
        }
        if client is not None:
            claims["client"] = client
        return jwt.encode(claims, self.key.private, algorithm=ALGORITHM)

    async def read(self, token: str) -> Claims:
        """What a token says; raises BadToken unless we signed it, for us, and it is still good."""
        try:
            claims = jwt.decode(
                token,
                self.key.private.public_key(),
                algorithms=[ALGORITHM],
                issuer=self.name,
                audience=self.audience,
                leeway=LEEWAY,
                options={"require": list(CLAIMS)},
            )
            return Claims.model_validate(claims)
        except jwt.ExpiredSignatureError:
            raise BadToken("The token has expired.") from None
        except jwt.InvalidTokenError:
            raise BadToken("The token is not one that this installation issued.") from None
        except ValidationError as error:
            raise BadToken(f"The token cannot be used: {fault(error)}.") from None


def fault(error: ValidationError) -> str:
    """The first thing that is wrong with claims."""
    first = shapes.faults(error)[0]
    return f"{first.pointer.removeprefix('/')}: {first.detail}".removeprefix(": ").removesuffix(".")


def _make(file: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    make_private(file, pem)
