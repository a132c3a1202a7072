"""What one transaction on Postgres reads and writes: streams, facts, decisions."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from activities.ledger import policies, rows
from activities.ledger.answers import repeated, reused
from activities.ledger.chain import Sealed
from activities.ledger.decide import Decided
from activities.ledger.folding import blank, refolded
from activities.ledger.hand import Connection
from activities.ledger.protocol import Stream
from activities.ledger.queries import query
from activities.ledger.rows import Taken
from activities.ledger.rulebook import Rules
from activities.ledger.words import Heard
from workflows.decider import Answer, Facts, Wants


@dataclass(frozen=True, slots=True)
class Transaction:
    """A running transaction that has entered a tenant."""

    connection: Connection
    tenant: str
    rules: Rules

    async def present(self, stream: str, row: asyncpg.Record) -> Stream:
        """The stream of a row; folded anew where its state was stored by another version of the decider.

        So is one whose policy is not kept.
        """
        registry = self.rules.registry
        if row["seq"] is None:
            return blank(registry, self.tenant, stream)
        found = await policies.named(self.connection, self.tenant, [row])
        state = policies.present(registry.of(stream), row, found)
        if state is not None:
            return rows.stream(self.tenant, stream, row, state)
        older = rows.stream(self.tenant, stream, row, registry.of(stream).initial())
        return refolded(registry, older, await self.history(stream))

    async def history(self, stream: str) -> list[Sealed]:
        """Every event of a stream."""
        return [rows.sealed(row) for row in await self.connection.fetch(query("history"), self.tenant, stream, 0, None)]

    async def upto(self, stream: str, command_id: str) -> list[Sealed]:
        """The events of a stream up to a command's last one; none when it does not hold the command."""
        found = await self.connection.fetch(query("command_events"), self.tenant, stream, command_id)
        return [rows.sealed(row) for row in found]

    async def repeated(self, stream: Stream, command_id: str, request: str | None) -> Answer | None:
        """The answer to a command that the stream holds, None when it does not; `request` None takes any request."""
        upto = await self.upto(stream.name, command_id)
        if not upto:
            return None
        if request is not None and upto[-1].request != request:
            return reused(self.rules.registry, stream)
        return repeated(self.rules.registry, stream, upto, command_id)

    async def ask(self, name: str, *values: object) -> asyncpg.Record:
        """The one row that a named query answers; LookupError for none."""
        row = await self.connection.fetchrow(query(name), *values)
        if row is None:
            raise LookupError(f"{name} answered no row")
        return row

    async def facts(self, wants: Wants) -> Facts:
        """The facts that are wanted, nothing held: the number is the one that would come next."""
        row = await self.connection.fetchrow(query("facts"), self.tenant, None, None, *rows.wanted(wants))
        if row is None:
            raise RuntimeError("facts answered no row")
        return rows.facts(self.rules.policies, row, (row["last"] or 0) + 1 if wants.series else None)

    async def next_number(self, series: str) -> Taken:
        """The next number of a series, which nobody else gets until this transaction ends."""
        last: int = await self.connection.fetchval(query("lock_counter"), self.tenant, series)
        return Taken(series, last + 1)

    async def append(
        self,
        decided: Sequence[Decided],
        taken: Sequence[tuple[Stream, Taken]] = (),
        heard: Sequence[tuple[Stream, Heard]] = (),
    ) -> None:
        """Appends events, moves their streams and projects them, and notes what sources said, in one statement."""
        document = rows.append_document(self.rules.registry, self.rules.projections, decided, taken, heard=heard)
        await self.connection.fetchrow(query("append"), document, rows.payloads(decided))
