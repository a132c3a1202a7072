"""From the header of a request to who acts: a person by a signed token, or a machine by an API key."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from activities.directory import keys, people
from activities.directory.hooks import Hook
from activities.directory.keys import ApiKey
from activities.ledger.database import Database
from activities.ledger.protocol import Scope
from services import sight
from services.tokens import BadToken, Claims
from workflows.people import Actor, Authentication, Person, Role

RESERVED = ("clock", "reaction", "key:", "hook:", "bootstrap")
"""How the ids of actors begin that are no people."""

MOST_KNOWN = 10_000
"""How many people, and how many tokens, a process remembers; of more, it forgets the longest known."""


TRUST = timedelta(minutes=5)
"""For how long a token is not read again: so soon a key that its issuer gave up proves nothing any more."""


class Tokens(Protocol):
    """An issuer's tokens, as they are read here."""

    async def read(self, token: str) -> Claims:
        """What a token says. Raises BadToken, and Unavailable where the issuer's keys cannot be had."""


class Unauthenticated(Exception):
    """Nobody that we know; `code` is stable, the message fit for the caller."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        super().__init__(detail)


class Departed(Unauthenticated):
    """Somebody who is noted as having left, whatever their issuer says."""

    def __init__(self, name: str, left_at: datetime) -> None:
        super().__init__(
            "departed",
            f"{name} is noted here as having left on {left_at.date().isoformat()}. A scheme manager or an administrator"
            " of the certification body can take that back.",
        )


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and for which tenant."""

    tenant: str
    actor: Actor
    may_create_clients: bool = False

    @property
    def scope(self) -> Scope:
        """What this caller sees, and no other."""
        return sight.scope(self.tenant, self.actor)

    def holds(self, *roles: Role) -> bool:
        """Whether the caller has one of these roles."""
        return not self.actor.roles.isdisjoint(roles)


def machine(id: str, bound: ApiKey | Hook) -> Actor:
    """The machine that a key or a hook lets in, as it is bound there."""
    return Actor(
        id=id,
        kind="key",
        name=bound.name,
        roles=frozenset({Role.INTEGRATION}),
        client=bound.client,
        source=bound.source,
        may_state_grades=bound.may_state_grades,
    )


@dataclass(slots=True)
class Authenticator:
    """Knows people by their tokens and machines by their keys.

    People are entered into the registry when this process first sees them, and again with each newer token: an older
    one says nothing new. A token whose signature was checked is known by its digest for a while, until it expires; for
    as long it is believed that its person has not left.
    """

    database: Database
    issuer: Tokens | None
    _known: dict[tuple[str, str], tuple[datetime, datetime]] = field(default_factory=dict)
    """Since when a process knows what of people, and until when it need not ask again."""
    _read: dict[bytes, tuple[Caller, datetime]] = field(default_factory=dict)

    async def caller(self, header: str | None, now: datetime) -> Caller:
        """Who sent this Authorization header. Raises Unauthenticated, and Unavailable when the registry is away."""
        if header is None:
            raise Unauthenticated("unauthenticated", "Send Authorization: Bearer, with a token or an API key.")
        scheme, _, text = header.partition(" ")
        text = text.strip()
        if scheme.casefold() != "bearer" or not text:
            raise Unauthenticated("unauthenticated", "The Authorization header is not of the form: Bearer TOKEN.")
        return await (self._machine(text, now) if text.startswith(keys.PREFIX) else self._person(text, now))

    async def _machine(self, text: str, now: datetime) -> Caller:
        found = await keys.recognise(self.database, text, now)
        if found is None:
            raise Unauthenticated("invalid_key", "The API key is unknown, revoked or expired.")
        tenant, key = found
        return Caller(tenant, machine(f"key:{key.id}", key), may_create_clients=key.may_create_clients)

    async def _person(self, text: str, now: datetime) -> Caller:
        digest = hashlib.sha256(text.encode("utf-8", "replace")).digest()
        known = self._read.get(digest)
        if known is not None and now < known[1]:
            return known[0]
        if self.issuer is None:
            raise Unauthenticated("invalid_token", "No issuer of tokens is known here.")
        try:
            claims = await self.issuer.read(text)
        except BadToken as bad:
            raise Unauthenticated("invalid_token", str(bad)) from None
        since, until = self._known.get((claims.tenant, claims.sub), (now, now))
        caller = _caller(claims) if since >= claims.since and now < until else await self.admitted(claims, now)
        if claims.exp is not None:
            self._read[digest] = caller, min(claims.exp, now + TRUST)
            while len(self._read) > MOST_KNOWN:
                del self._read[next(iter(self._read))]
        return caller

    async def admitted(self, claims: Claims, now: datetime) -> Caller:
        """The person of whom an issuer says this, entered into the registry.

        Raises Unauthenticated, of who left Departed, and Unavailable.
        """
        caller, who = _caller(claims), (claims.tenant, claims.sub)
        one = caller.actor
        person = Person(id=one.id, name=one.name, roles=one.roles, client=one.client, email=claims.email)
        left_at = await people.remember(self.database, claims.tenant, person, claims.since)
        known, _ = self._known.pop(who, (claims.since, now))
        if left_at is not None:
            raise Departed(claims.name, left_at)
        self._known[who] = max(claims.since, known), now + TRUST
        while len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]
        return caller


def _caller(claims: Claims) -> Caller:
    if claims.sub.startswith(RESERVED):
        raise Unauthenticated("invalid_token", "The token's subject is no person.")
    method = " ".join(claims.amr) or "unknown"
    actor = Actor(
        id=claims.sub,
        name=claims.name,
        roles=frozenset(claims.roles),
        client=claims.client,
        authenticated=Authentication(method=method, at=claims.auth_time) if claims.auth_time else None,
    )
    return Caller(claims.tenant, actor)
