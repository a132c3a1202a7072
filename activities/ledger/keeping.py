"""Keeping the record in Postgres: the proof that it is whole, and its rows built anew from the events."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import asyncpg
from pydantic import ValidationError

from activities.ledger import policies, projections, rows
from activities.ledger.chain import Sealed
from activities.ledger.database import Database
from activities.ledger.folding import blank, refolded
from activities.ledger.policies import Policies, Shelf
from activities.ledger.projections import Owner, Row
from activities.ledger.proof import Beside, Kept, differs, prove
from activities.ledger.protocol import Fault, Head, Verification
from activities.ledger.queries import query
from activities.ledger.rulebook import Rules
from activities.ledger.transaction import Transaction
from workflows.decider import kind_of

PAGE = 200
"""Streams that are read at once."""


@dataclass(slots=True)
class Findings:
    """What was seen so far of one tenant; its policies are read anew, as what is remembered proves nothing."""

    events: int = 0
    policies: Shelf = field(default_factory=Shelf)
    heads: dict[str, Head] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


class Keeper:
    """Verifies and rebuilds, tenant by tenant."""

    def __init__(self, database: Database, rules: Rules) -> None:
        self._database = database
        self._rules = rules

    async def verify(self, tenant: str | None) -> AsyncIterator[Verification]:
        """Each tenant as of one instant."""
        for each in await self._tenants(tenant):
            yield await self._verified(each)

    async def rebuild(self, tenant: str | None) -> int:
        """Every stream in a transaction of its own; how many rows differed from what their events tell."""
        differing = 0
        for each in await self._tenants(tenant):
            async with self._database.entered(each, seconds=0, isolation="repeatable_read") as connection:
                names = [row["stream"] for row in await connection.fetch(query("stream_names"), each)]
            differing += await self._each_rebuilt(each, names)
        return differing

    async def refresh(self, tenant: str | None) -> int:
        """Every stream whose row another version of its decider left, in a transaction of its own; how many."""
        deciders = self._rules.registry.deciders
        kinds, versions = [*deciders], [decider.version for decider in deciders.values()]
        refreshed = 0
        for each in await self._tenants(tenant):
            async with self._database.entered(each, seconds=0) as connection:
                found = await connection.fetch(query("outdated"), each, kinds, versions)
            refreshed += await self._each_rebuilt(each, [row["stream"] for row in found])
        return refreshed

    async def _each_rebuilt(self, tenant: str, names: Sequence[str]) -> int:
        differing, shelf = 0, Shelf()
        for name in names:
            async with self._database.transaction(seconds=0) as connection:
                differing += await self._rebuilt(Transaction(connection, tenant, self._rules), name, shelf)
        return differing

    async def _tenants(self, tenant: str | None) -> list[str]:
        if tenant is not None:
            return [tenant]
        async with self._database.transaction(seconds=0) as connection:
            return [row["tenant"] for row in await connection.fetch(query("tenants"))]

    async def _verified(self, tenant: str) -> Verification:
        seen = Findings()
        async with self._database.entered(tenant, seconds=0, isolation="repeatable_read") as connection:
            work = Transaction(connection, tenant, self._rules)
            after = ""
            while page := await connection.fetch(query("streams_page"), tenant, after, PAGE):
                await self._check(work, page, seen)
                after = page[-1]["stream"]
            for row in await connection.fetch(query("strays"), tenant):
                seen.faults.append(Fault(tenant, row["stream"], row["seq"], row["what"]))
        return Verification(tenant, len(seen.heads), seen.events, tuple(seen.faults), seen.heads)

    async def _check(self, work: Transaction, page: Sequence[asyncpg.Record], seen: Findings) -> None:
        registry, shown = self._rules.registry, self._rules.projections
        names = [row["stream"] for row in page]
        found = await work.connection.fetch(query("histories"), work.tenant, names)
        histories = {name: [rows.sealed(e) for e in of] for name, of in groupby(found, key=lambda e: e["stream"])}
        besides = await self._beside(work, names)
        named = await policies.named(work.connection, work.tenant, page, seen.policies)
        expected: dict[str, list[Row]] = {}
        for row in page:
            name = row["stream"]
            events: list[Sealed] = histories.get(name, [])
            seen.events += len(events)
            seen.heads[name] = Head(row["seq"], row["head"].hex())
            kept = self._kept(work.tenant, name, row, named)
            if isinstance(kept, Fault):
                seen.faults.append(kept)
                continue
            faults = prove(registry, shown, kept, events, besides[name])
            seen.faults += faults
            if not faults and kept.version == registry.of(name).version:
                listed = projections.row_of(shown, kept.stream)
                if listed is not None:
                    expected.setdefault(kind_of(name), []).append(listed)
        for kind, listed_rows in expected.items():
            document = rows.rows_document(listed_rows)
            for row in await work.connection.fetch(query(f"compare_{projections.model_of(shown, kind)}"), document):
                name = f"{kind}/{row['id']}"
                seen.faults.append(Fault(work.tenant, name, 0, "the list does not show what the events tell"))

    async def _beside(self, work: Transaction, names: Sequence[str]) -> dict[str, Beside]:
        """What is kept beside each of these streams."""
        besides = {name: Beside() for name in names}
        for row in await work.connection.fetch(query("beside"), work.tenant, names):
            beside = besides[row["stream"]]
            if row["erased"] is not None:
                beside.erased.add(row["erased"])
            if row["source"] is not None:
                beside.references[row["source"], row["external_id"]] = row["said"]
            if row["series"] is not None:
                beside.numbers.add((row["series"], row["number"]))
        return besides

    def _kept(self, tenant: str, name: str, row: asyncpg.Record, named: Policies) -> Kept | Fault:
        decider = self._rules.registry.of(name)
        version: int = row["state_version"]
        try:
            state = policies.read(decider.state, row, named) if version == decider.version else decider.initial()
        except ValidationError:
            return Fault(tenant, name, row["seq"], "the state in the row cannot be read")
        except KeyError:
            return Fault(tenant, name, row["seq"], "the policy that the row names is not kept")
        owner = Owner(row["org"], row["shown"], tuple(row["seen_by"]))
        return Kept(rows.stream(tenant, name, row, state), version, row["status"], owner)

    async def _rebuilt(self, work: Transaction, name: str, shelf: Shelf) -> bool:
        registry, shown = self._rules.registry, self._rules.projections
        await work.connection.fetchrow(query("hold"), work.tenant, name)
        row = await work.connection.fetchrow(query("stream"), work.tenant, name)
        events = await work.history(name)
        if not events:
            return row is not None

        kept = None
        if row is not None:
            named = await policies.named(work.connection, work.tenant, [row], shelf)
            kept = self._kept(work.tenant, name, row, named)
        stream = kept.stream if isinstance(kept, Kept) else blank(registry, work.tenant, name)
        told = refolded(registry, stream, events)
        await work.connection.fetchrow(query("append"), rows.move_document(registry, shown, [told]), [])
        return not isinstance(kept, Kept) or differs(registry, shown, kept, told)
