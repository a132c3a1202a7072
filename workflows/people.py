"""Who acts: roles, and the actor that every command carries."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from workflows.sentences import Fact


class Frozen(BaseModel):
    """A value: immutable, compared by content, closed to unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Message(Frozen):
    """A value that processes of different versions send each other: what a reader does not know, it leaves out."""

    model_config = ConfigDict(extra="ignore")


class Role(StrEnum):
    """What a person or machine may be, for a tenant and, on the client's side, for a client."""

    INTEGRATION = "integration"
    CLIENT_OWNER = "client_owner"
    CLIENT_APPROVER = "client_approver"
    INTERNAL_AUDITOR = "internal_auditor"
    AUDITOR = "auditor"
    REVIEWER = "reviewer"
    COMMITTEE_MEMBER = "committee_member"
    SCHEME_MANAGER = "scheme_manager"
    OBSERVER = "observer"
    ADMIN = "admin"


CLIENT_SIDE = frozenset({Role.CLIENT_OWNER, Role.CLIENT_APPROVER, Role.INTERNAL_AUDITOR})
"""Roles held for one client: these people see that client's issued cases and nothing else."""

CB_SIDE = frozenset({Role.AUDITOR, Role.REVIEWER, Role.SCHEME_MANAGER})
"""Roles in which certification body people work on cases. Committee members decide reviews, not cases."""

MANAGERS = frozenset({Role.SCHEME_MANAGER, Role.ADMIN})
"""Who administers the certification body."""


def named(roles: Iterable[Role]) -> Fact:
    """Some roles, as sentences name them."""
    names = tuple(sorted(roles))
    return Fact(", ".join(names), names)


def folded(name: str) -> str:
    """A name as it is compared: in any case of letters, with any space between its words."""
    return " ".join(name.split()).casefold()


class Authentication(Message):
    """How and when a person proved who they are; recorded with each signature."""

    method: str
    at: datetime


class Actor(Message):
    """Who gives a command. The ledger stores `id` alone; names live in `people`.

    `kind` is `person`, `key` (an integration's API key), `clock` (a wake-up), `reaction` (another stream's event) or
    `source` (whoever reports, of a case that is there already). `client` is set for people of a client, and for a key
    that is bound to one. `source` and `may_state_grades` belong to keys.
    """

    id: str
    kind: Literal["person", "key", "clock", "reaction", "source"] = "person"
    name: str = ""
    roles: frozenset[Role] = frozenset()
    client: str | None = None
    source: str | None = None
    may_state_grades: bool = False
    authenticated: Authentication | None = None

    def is_called(self, who: str) -> bool:
        """Whether `who`, an id or a name as written in an audit team or as an action's owner, is this actor."""
        return who == self.id or (self.name != "" and folded(who) == folded(self.name))


CLOCK = Actor(id="clock", kind="clock")
"""The actor of wake-ups."""


class Person(Frozen):
    """A person as the registry of people knows them; `client` is set for people of a client.

    `email` is where mail reaches them, None where nobody said.
    """

    id: str
    name: str
    roles: frozenset[Role] = frozenset()
    client: str | None = None
    email: str | None = None
