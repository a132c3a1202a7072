"""From an issuer's claims to who a person is here: id, name, tenant, roles and client, by a mapping that is data."""

import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, model_validator

from services.mail.addresses import is_address
from services.settings import Settings
from services.tokens import BadToken, Claims, fault
from workflows.people import Frozen, Role

PACKAGED = Path(str(files("services") / "signin" / "claims.toml"))
KNOWN = frozenset(Role) - {Role.INTEGRATION}
"""The roles that an issuer may give; machines come by API keys."""


class BadMapping(ValueError):
    """The file of the mapping holds none; names the file, the place and the rule."""


class NoRole(BadToken):
    """A person whom the issuer knows, and who is nobody here."""


class Fact(Frozen):
    """Where one fact is found.

    `claim` names a claim, or leads into one as a JSON pointer (RFC 6901: `/realm_access/roles`); of several, the first
    that is there counts. `values` says what its values mean here, one thing or several: a value that is not listed
    means nothing, and without the table all mean themselves. `default` is for a person of whom nothing is said.
    """

    claim: str | tuple[str, ...] = ()
    values: dict[str, str | tuple[str, ...]] | None = None
    default: str | None = None

    def said(self, claims: Mapping[str, Any]) -> Sequence[str]:
        """What these claims say of it, in the words of here."""
        names = (self.claim,) if isinstance(self.claim, str) else self.claim
        found = next((words for name in names if (words := _words(_at(claims, name)))), ())
        if not found and self.default is not None:
            return (self.default,)
        return found if self.values is None else [meant for word in found for meant in _several(self.values.get(word))]


class Meaning(Frozen):
    """What an issuer's claims mean here. A person of whom no tenant is said is of the installation's own."""

    id: Fact = Field(default=Fact(claim="sub"))
    name: Fact = Field(default=Fact(claim="name"))
    tenant: Fact = Fact()
    roles: Fact = Field(default=Fact(claim="roles"))
    client: Fact = Fact()
    email: Fact = Field(default=Fact(claim="email"))

    @model_validator(mode="after")
    def _roles_are_ours(self) -> "Meaning":
        meant = {word for value in (self.roles.values or {}).values() for word in _several(value)}
        if strange := sorted(meant - KNOWN):
            raise ValueError(f"roles.values: {', '.join(strange)} is none of {', '.join(sorted(KNOWN))}")
        return self

    def claims(self, said: Mapping[str, Any], tenant: str) -> Claims:
        """Who it is of whom an issuer says this, where `tenant` is the installation's own.

        Raises NoRole, and BadToken for a person who cannot be one here.
        """
        name = "".join(self.name.said(said)[:1])
        roles = sorted(KNOWN.intersection(self.roles.said(said)))
        if not roles:
            raise NoRole(f"{name or 'You'}: the issuer knows you, and gives you no role here. Ask who administers it.")
        try:
            return Claims.model_validate(
                {
                    "sub": _only(self.id.said(said), "id"),
                    "name": " ".join(name.split()),
                    "tenant": _tenant(self.tenant, said, tenant),
                    "roles": roles,
                    "client": _only(self.client.said(said), "client"),
                    "email": _address(self.email.said(said), said),
                    "auth_time": said.get("auth_time"),
                    "iat": said.get("iat"),
                    "exp": said.get("exp"),
                    "amr": tuple(_words(said.get("amr"))),
                }
            )
        except ValidationError as error:
            raise BadToken(f"What the issuer says of you cannot be used here: {fault(error)}.") from None


def of(settings: Settings) -> Meaning:
    """The mapping in force; raises BadMapping for a file that holds none, or cannot be read."""
    return _read(settings.oidc_claims or PACKAGED)


def packaged() -> Meaning:
    """The mapping where none is given."""
    return _read(PACKAGED)


def _read(file: Path) -> Meaning:
    try:
        return Meaning.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise BadMapping(f"{file}: {error.strerror}") from None
    except ValidationError as error:
        raise BadMapping(f"{file}: {fault(error)}") from None
    except ValueError as error:
        raise BadMapping(f"{file}: {error}") from None


def _tenant(fact: Fact, said: Mapping[str, Any], own: str) -> str | None:
    """The tenant; the installation's own for a person of whom none is said, and none where what is said is unknown."""
    if (found := _only(fact.said(said), "tenant")) is not None:
        return found
    spoken = fact.claim if isinstance(fact.claim, tuple) else (fact.claim,)
    return None if any(_at(said, name) not in (None, "", []) for name in spoken) else own


def _address(words: Sequence[str], said: Mapping[str, Any]) -> str | None:
    """The mail address; none where it is none, or the issuer says that nobody proved it (OpenID Connect Core, 5.1)."""
    if said.get("email_verified") is False:
        return None
    return next((word for word in words if is_address(word)), None)


def _only(words: Sequence[str], what: str) -> str | None:
    if len(set(words)) > 1:
        raise BadToken(f"The issuer says more than one {what} of you: {', '.join(sorted(set(words)))}.")
    return words[0] if words else None


def _several(value: str | tuple[str, ...] | None) -> Sequence[str]:
    return (value,) if isinstance(value, str) else value or ()


def _at(claims: Mapping[str, Any], name: str) -> Any:
    """What is under a name, or at a pointer; None for nothing."""
    if not name.startswith("/"):
        return claims.get(name)
    found: Any = claims
    for part in name[1:].split("/"):
        if not isinstance(found, Mapping):
            return None
        found = found.get(part.replace("~1", "/").replace("~0", "~"))
    return found


def _words(value: Any) -> Sequence[str]:
    """The words of a claim: one, or a list of them; others say nothing."""
    return [word for word in (value if isinstance(value, list) else [value]) if isinstance(word, str) and word]
