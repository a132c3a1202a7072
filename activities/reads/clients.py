"""Lists and look-ups of clients."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from activities.ledger.database import Database
from activities.ledger.protocol import Scope
from activities.ledger.queries import query
from activities.reads.pages import Page, page

MOST = 1000
"""So many names are asked for at once."""


@dataclass(frozen=True, slots=True)
class Called:
    """What names mean: the keys of clients by the names that fit one client alone, and the names that fit several."""

    keys: Mapping[str, str]
    ambiguous: frozenset[str]


@dataclass(frozen=True, slots=True)
class Holder:
    """A name, and the key of the client whose it is."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class Names:
    """What clients are called, by key; `offered` are clients by name, to choose one of them."""

    by_key: Mapping[str, str] = field(default_factory=dict)
    offered: Sequence[tuple[str, str]] = ()

    def called(self, key: str) -> str:
        """What a client is called; its key where that is not known."""
        return self.by_key.get(key, key)


async def listed(database: Database, scope: Scope, after: str | None, limit: int) -> Page:
    """A page of clients by key. Raises Unavailable."""
    return page(await database.page("read_clients", *scope.entry, after, limit))


async def names(database: Database, scope: Scope, keys: Collection[str], offered: int = 0) -> Names:
    """What these clients are called, as far as the scope sees them; of more than MOST, the first by key.

    With them, where no more than `offered` stand in all, each that does. Raises Unavailable.
    """
    wanted = sorted(keys)[:MOST]
    async with database.entered(*scope.entry) as connection:
        rows = await connection.fetch(query("read_client_names"), scope.tenant, wanted, offered and offered + 1)
    standing = [(row["key"], row["name"]) for row in rows if row["offered"]]
    return Names(
        by_key={row["key"]: row["name"] for row in rows},
        offered=sorted(standing, key=lambda one: one[1].casefold()) if len(standing) <= offered else (),
    )


async def called(database: Database, tenant: str, names: Collection[str]) -> Called:
    """The clients that are called so: by key, else by alias or name. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        rows = await connection.fetch(query("read_clients_named"), tenant, list(names))
    return Called(
        keys={row["called"]: row["key"] for row in rows if row["fitting"] == 1},
        ambiguous=frozenset(row["called"] for row in rows if row["fitting"] > 1),
    )


async def holding(database: Database, tenant: str, key: str, names: Collection[str]) -> Holder | None:
    """Another client than `key` that has one of these names; None where all are free. Raises Unavailable."""
    async with database.entered(tenant) as connection:
        row = await connection.fetchrow(query("read_client_holding"), tenant, key, list(names))
    return None if row is None else Holder(row["name"], row["key"])
