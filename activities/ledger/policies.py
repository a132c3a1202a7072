"""Policies beside states: a stored state names its policy, which its tenant keeps once (ADR 17)."""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, TypeVar

import asyncpg
from pydantic import BaseModel, ValidationError

from activities.ledger.database import Database
from activities.ledger.hand import Connection
from activities.ledger.queries import query
from workflows.canonical import canonical
from workflows.decider import Decider
from workflows.policy import Policy

S = TypeVar("S", bound=BaseModel)
Policies = Mapping[bytes, Policy]
"""Policies by digest."""

REMEMBERED = 256
"""How many policies a process remembers: some ten KiB each, a few tenants' all."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A policy as it is stored: its canonical JSON, and the SHA-256 of that."""

    sha256: bytes
    body: str


@lru_cache(maxsize=REMEMBERED)
def kept(policy: Policy) -> Kept:
    """How a policy is stored."""
    body = canonical(policy.model_dump(mode="json"))
    return Kept(hashlib.sha256(body).digest(), body.decode())


def policy_of(state: BaseModel) -> Policy | None:
    """The policy in a state that has one."""
    policy = getattr(state, "policy", None)
    return policy if isinstance(policy, Policy) else None


def stored(state: BaseModel) -> tuple[str, bytes | None]:
    """A state as JSON, as `streams` holds it: without its policy, whose digest stands beside it.

    And without what no event has set: of sixty fields of a case those are forty, each as it is by default. Who reads
    states as JSON takes what is missing for that.
    """
    policy = policy_of(state)
    unsaid = _names(type(state)) - state.model_fields_set
    if policy is None:
        return state.model_dump_json(exclude=unsaid), None
    return state.model_dump_json(exclude=unsaid | {"policy"}), kept(policy).sha256


@cache
def _names(shape: type[BaseModel]) -> set[str]:
    return set(shape.model_fields)


def read(shape: type[S], row: asyncpg.Record | Mapping[str, Any], policies: Policies) -> S:
    """The state in a row of `streams`, its policy one of these.

    Raises KeyError for a policy that is none of them, ValidationError for a state of another shape.
    """
    state = shape.model_validate_json(row["state"])
    return state if row["policy"] is None else state.model_copy(update={"policy": policies[row["policy"]]})


def present(decider: Decider[Any], row: asyncpg.Record, policies: Policies) -> BaseModel | None:
    """The state in a row of `streams`; None where another version of its decider left it, or its policy is not there.

    Then it has to be folded anew.
    """
    if row["state_version"] != decider.version or lacks([row], policies):
        return None
    state: BaseModel = read(decider.state, row, policies)
    return state


class Shelf:
    """The policies that were read last: each is parsed once, and all states that name it share it."""

    def __init__(self) -> None:
        self._policies: OrderedDict[bytes, Policy] = OrderedDict()

    def known(self, rows: Sequence[asyncpg.Record]) -> dict[bytes, Policy]:
        """Those that rows of `streams` name and that need not be read."""
        found: dict[bytes, Policy] = {}
        for sha256 in {row["policy"] for row in rows} & self._policies.keys():
            self._policies.move_to_end(sha256)
            found[sha256] = self._policies[sha256]
        return found

    def read(self, rows: Sequence[asyncpg.Record]) -> dict[bytes, Policy]:
        """Those in rows of `policies`; not what somebody altered, nor what would be stored otherwise today."""
        found: dict[bytes, Policy] = {}
        for row in rows:
            try:
                policy = Policy.model_validate_json(row["body"])
            except ValidationError:
                continue
            if kept(policy).sha256 == row["sha256"]:
                found[row["sha256"]] = policy
        self._policies |= found
        while len(self._policies) > REMEMBERED:
            self._policies.popitem(last=False)
        return found


SHELF = Shelf()
"""The shelf of this process, for all tenants: who names a digest was shown it by a row of the tenant."""


def lacks(rows: Sequence[asyncpg.Record], policies: Policies) -> list[bytes]:
    """The digests that rows of `streams` name beyond these."""
    return sorted({row["policy"] for row in rows if row["policy"] is not None} - policies.keys())


async def named(connection: Connection, tenant: str, rows: Sequence[asyncpg.Record], shelf: Shelf = SHELF) -> Policies:
    """The policies that rows of `streams` name, those that are not kept left out.

    The connection has entered the tenant as its certification body, which alone reads them.
    """
    policies = shelf.known(rows)
    if unread := lacks(rows, policies):
        policies |= shelf.read(await connection.fetch(query("policies"), tenant, unread))
    return policies


async def found(database: Database, tenant: str, rows: Sequence[asyncpg.Record]) -> Policies:
    """The same for who holds no connection: one is taken where something has to be read."""
    policies = SHELF.known(rows)
    if not lacks(rows, policies):
        return policies
    async with database.entered(tenant) as connection:
        return await named(connection, tenant, rows)
