"""The ledger on Postgres."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import asyncpg

from activities.ledger import rows
from activities.ledger.chunks import chunks
from activities.ledger.database import APP_ROLE, BOUND, Database, outages
from activities.ledger.keeping import Keeper
from activities.ledger.projections import Projections
from activities.ledger.protocol import Met, Outcome, Recorded, Report, Scope, Stream, Verification
from activities.ledger.queries import query
from activities.ledger.refusals import admit
from activities.ledger.reports import record
from activities.ledger.rulebook import NO_PROJECTIONS, Rules
from activities.ledger.transaction import Transaction
from activities.ledger.turns import Turns
from workflows.decider import Answer, Command, Facts, Registry, Wants
from workflows.policy_book import PolicyBook
from workflows.stubs import Due

LONG = 10.0
"""Seconds that a batch of reports or a page of the feed may take."""


class PostgresLedger:
    """The truth, in Postgres; see `protocol.Ledger` for what each method promises."""

    def __init__(self, database: Database, rules: Rules) -> None:
        self.database = database
        self._rules = rules
        self._turns = Turns(database, rules)
        self._keeper = Keeper(database, rules)
        self._deciding = asyncio.Lock()

    @classmethod
    async def open(
        cls,
        dsn: str,
        registry: Registry,
        policies: PolicyBook,
        projections: Projections = NO_PROJECTIONS,
        *,
        fresh: timedelta | None = None,
        role: str = APP_ROLE,
        size: int = 10,
        bound: float = BOUND,
    ) -> "PostgresLedger":
        """Connects to a migrated database; `size` is the most connections, `bound` a statement's seconds.

        `fresh` is how recently a signer must have authenticated. Raises Unavailable when nobody answers.
        """
        return cls(await Database.open(dsn, role, size, bound), Rules(registry, policies, projections, fresh))

    async def close(self) -> None:
        """Closes the connections."""
        await self.database.close()

    async def transact(self, tenant: str, stream: str, command: Command, now: datetime) -> Answer:
        """Answers a repeat, else decides, appends and projects."""
        return await self._turns.transact(tenant, stream, command, now)

    async def wake(self, tenant: str, stream: str, due: datetime, now: datetime) -> Answer:
        """Records what the clock causes; a wake-up that was recorded already is answered as it was then."""
        return await self._turns.wake(tenant, stream, due, now)

    async def standing(self, tenant: str, stream: str) -> Answer | None:
        """Where a stream is, by its row alone."""
        row = await self.database.ask("look", tenant, None, None, stream, "")
        return None if row["seq"] is None else rows.standing(row)

    async def load(self, scope: Scope, stream: str) -> Stream | None:
        """A stream with its state, if the scope sees it."""
        row = await self.database.ask("look", *scope.entry, stream, "")
        return None if row["seq"] is None else (await self._turns.sight(scope.tenant, stream, row)).stream

    async def history(self, scope: Scope, stream: str, after: int = 0, limit: int = 10_000) -> Sequence[Recorded]:
        """The events of a stream in order."""
        async with self._entered(scope, seconds=LONG) as work:
            found = await work.connection.fetch(query("history"), scope.tenant, stream, after, limit)
        return [rows.sealed(row).recorded() for row in found]

    async def meet(self, scope: Scope, stream: str, command: Command) -> Met | None:
        """A stream with its state, if the scope sees it, and the answer to a command that it holds already."""
        request = admit(command)
        row = await self.database.ask("look", *scope.entry, stream, command.id if isinstance(request, str) else "")
        if row["seq"] is None:
            return None
        seen = (await self._turns.sight(scope.tenant, stream, row)).stream
        if not isinstance(request, str) or row["request_sha256"] is None:
            return Met(seen)
        return Met(seen, await self._turns.repeated(seen, command.id, request))

    async def facts(self, scope: Scope, wants: Wants) -> Facts:
        """The facts outside a stream, nothing held: the number is the one that would come next."""
        row = await self._turns.asked(scope, wants)
        return rows.facts(self._rules.policies, row, (row["last"] or 0) + 1 if wants.series else None)

    async def owed(self, tenant: str, stream: str) -> Sequence[Recorded]:
        """The events whose reactions are not done."""
        async with self._entered(Scope(tenant)) as work:
            found = await work.connection.fetch(query("owed"), tenant, stream)
        return [rows.sealed(row).recorded() for row in found]

    async def settle(self, tenant: str, stream: str, seqs: Sequence[int]) -> Answer:
        """Takes events out of `owed`; KeyError for an unknown stream."""
        try:
            return rows.standing(await self.database.ask("settle", tenant, stream, list(seqs)))
        except LookupError as error:
            raise KeyError(stream) from error

    async def report(self, tenant: str, reports: Sequence[Report], now: datetime) -> Sequence[Outcome]:
        """Records findings, many in one transaction; what came before an outage stays, and repeating is safe."""
        outcomes: list[Outcome] = []
        for chunk in chunks(self._rules.registry, reports, now):
            with outages():
                try:
                    async with self.database.transaction(seconds=LONG if len(chunk) > 1 else None) as connection:
                        work = Transaction(connection, tenant, self._rules)
                        outcomes += await record(work, chunk, now, self._deciding)
                except asyncpg.UniqueViolationError as error:
                    raise ConnectionError("the same stream was opened by another call meanwhile") from error
        return outcomes

    async def feed(self, scope: Scope, after: str | None, limit: int = 500) -> Sequence[Recorded]:
        """Events by position, up to the oldest running transaction; ValueError for what is no position."""
        position = rows.read_position(after)
        async with self._entered(scope, seconds=LONG) as work:
            found = await work.connection.fetch(query("feed"), scope.tenant, *position, limit)
        return [rows.sealed(row).recorded() for row in found]

    async def due(self, now: datetime, limit: int = 1000, after: Due | None = None) -> Sequence[Due]:
        """The living streams whose wake-up is past, over all tenants."""
        beyond = (after.at, after.tenant, after.stream) if after else (None, None, None)
        async with self.database.transaction(seconds=LONG) as connection:
            found = await connection.fetch(query("due"), now, limit, *beyond)
        return [Due(**row) for row in found]

    async def owing(
        self, now: datetime, limit: int = 1000, after: tuple[str, str] | None = None
    ) -> Sequence[tuple[str, str]]:
        """What owes something, over all tenants; imports and subscriptions that nobody looks after, too."""
        async with self.database.transaction(seconds=LONG) as connection:
            found = await connection.fetch(query("owing"), now, limit, *(after or ("", "")))
        return [(row["tenant"], row["stream"]) for row in found]

    def verify(self, tenant: str | None = None) -> AsyncIterator[Verification]:
        """Checks everything, tenant by tenant, each as of one instant."""
        return self._keeper.verify(tenant)

    async def rebuild(self, tenant: str | None = None) -> int:
        """Folds and projects every stream anew."""
        return await self._keeper.rebuild(tenant)

    async def refresh(self, tenant: str | None = None) -> int:
        """Folds and projects anew what another version of its decider left, each stream under its lock."""
        return await self._keeper.refresh(tenant)

    @asynccontextmanager
    async def _entered(self, scope: Scope, seconds: float | None = None) -> AsyncIterator[Transaction]:
        async with self.database.entered(*scope.entry, seconds=seconds) as connection:
            yield Transaction(connection, scope.tenant, self._rules)
