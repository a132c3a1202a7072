"""A command's turn on Postgres: it is decided on what was seen, and appended in one statement if that is still so."""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime

import asyncpg

from activities.ledger import policies, rows
from activities.ledger.answers import reused, standing
from activities.ledger.database import Database, outages
from activities.ledger.decide import Decided, decide, wake
from activities.ledger.folding import blank, known, refolded
from activities.ledger.locks import Locks
from activities.ledger.protocol import Scope, Stream, Unavailable
from activities.ledger.queries import query
from activities.ledger.refusals import admit, stale
from activities.ledger.rows import Taken
from activities.ledger.rulebook import Rules
from activities.ledger.sights import DatabaseClock, Sight, Sights
from activities.ledger.transaction import Transaction
from workflows.canonical import instant
from workflows.decider import Answer, Command, Facts, Refusal, Wants

Ask = Callable[..., Awaitable[asyncpg.Record]]
"""Answers the one row of a named query, alone or within a transaction."""

HELD = re.compile("(events|streams)(_.*)?")
"""Where a unique violation says that the stream holds the command, or that a report opened the stream meanwhile.

A part is named after its table, `events_7` (docs/scale.md): the server names the part.
"""

TURNS = 8
"""How often a command is decided anew because others changed meanwhile what it was decided on."""


class Turns:
    """What moves streams, one by one."""

    def __init__(self, database: Database, rules: Rules) -> None:
        self._database = database
        self._rules = rules
        self._locks = Locks()
        self._sights = Sights()
        self._clock = DatabaseClock()

    async def transact(self, tenant: str, stream: str, command: Command, now: datetime) -> Answer:
        """Decides on what was last seen of the stream, appends if that is still so, else looks and decides anew.

        One round trip for a stream that this process saw last, one more for any other, and one for a number or a
        committee. A refusal and a repeat are said by what is there now, and never by what is remembered.
        """
        request = admit(command)
        async with self._turn(tenant, stream):
            if isinstance(request, str) and (seen := self._sights.take(tenant, stream)):
                answer = await self._decided(seen, command, request, now)
                if answer is not None and answer.refusal is None:
                    return answer
            async for row in self._looks(tenant, stream, command.id if isinstance(request, str) else ""):
                seen = await self.sight(tenant, stream, row)
                if not isinstance(request, str):
                    return standing(self._rules.registry, seen.stream, request)
                if row["request_sha256"] is not None:
                    return await self.repeated(seen.stream, command.id, request)
                answer = await self._decided(seen, command, request, now)
                if answer is not None:
                    return answer
        raise Unavailable(f"{stream} is changed by others all the time")

    async def wake(self, tenant: str, stream: str, due: datetime, now: datetime) -> Answer:
        """Records what the clock causes; a wake-up that was recorded already is answered as it was then."""
        async with self._turn(tenant, stream):
            if seen := self._sights.take(tenant, stream):
                answer = await self._woken(seen, now)
                if answer is not None:
                    return answer
            async for row in self._looks(tenant, stream, ""):
                seen = await self.sight(tenant, stream, row)
                if seen.stream.next_wakeup is None or seen.stream.next_wakeup > seen.stream.moment(now):
                    return await self._woken_before(seen.stream, due)
                answer = await self._woken(seen, now)
                if answer is not None:
                    return answer
        raise Unavailable(f"{stream} is changed by others all the time")

    async def sight(self, tenant: str, stream: str, row: asyncpg.Record) -> Sight:
        """A row of `look.sql`; folded anew where its state was stored by another version of the decider.

        So is one whose policy is not kept.
        """
        registry = self._rules.registry
        if row["seq"] is None:
            return Sight(blank(registry, tenant, stream), None, False, row["client_xmin"])
        found = await policies.found(self._database, tenant, [row])
        state = policies.present(registry.of(stream), row, found)
        if state is not None:
            return Sight(rows.stream(tenant, stream, row, state), row["xmin"], True, row["client_xmin"])
        older = rows.stream(tenant, stream, row, registry.of(stream).initial())
        async with self._database.entered(tenant) as connection:
            work = Transaction(connection, tenant, self._rules)
            return Sight(refolded(registry, older, await work.history(stream)), row["xmin"], False, row["client_xmin"])

    async def repeated(self, stream: Stream, command_id: str, request: str | None) -> Answer:
        """The answer to a command that the stream holds."""
        async with self._database.entered(stream.tenant) as connection:
            work = Transaction(connection, stream.tenant, self._rules)
            held = await work.repeated(stream, command_id, request)
        return held or reused(self._rules.registry, stream)

    async def asked(self, scope: Scope, wants: Wants) -> asyncpg.Record:
        """The row of facts that are wanted."""
        return await self._database.ask("facts", *scope.entry, *rows.wanted(wants))

    async def _looks(self, tenant: str, stream: str, command_id: str) -> AsyncIterator[asyncpg.Record]:
        """What is there now; again, after a moment, as often as others were quicker."""
        for turn in range(TURNS):
            await asyncio.sleep(turn * random.uniform(0, 0.02))  # noqa: S311 - no secret
            row = await self._database.ask("look", tenant, None, None, stream, command_id)
            self._clock.set(row["clock"])
            yield row

    async def _decided(self, seen: Sight, command: Command, request: str, now: datetime) -> Answer | None:
        """What becomes of a command by what was seen; None where that is no longer so."""
        registry, stream = self._rules.registry, seen.stream
        if refused := stale(stream, command):
            return standing(registry, stream, refused)
        at = stream.moment(now)
        try:
            wants = registry.of(stream.name).wants(stream.state, command, at)
        except Refusal as refusal:
            return standing(registry, stream, refusal.data())
        try:
            if wants.series is None:
                seen, facts = await self._informed(seen, wants, self._database.ask)
                return await self._concluded(seen, command, request, at, facts, None, self._database.ask)
            # A number is held from before the decision to the commit: only read, it would be taken meanwhile. In step
            # within this process, so that those who wait for one hold no connection.
            async with (
                self._locks.hold((stream.tenant, wants.series), self._database.bound),
                self._database.entered(stream.tenant) as connection,
            ):
                work = Transaction(connection, stream.tenant, self._rules)
                taken = await work.next_number(wants.series)
                seen, facts = await self._informed(seen, replace(wants, series=None), work.ask)
                facts = replace(facts, number=taken.number)
                answer = await self._concluded(seen, command, request, at, facts, taken, work.ask)
        except asyncpg.UniqueViolationError as error:
            if not HELD.fullmatch(error.table_name or ""):
                raise
            return None
        return answer

    async def _concluded(
        self, seen: Sight, command: Command, request: str, at: datetime, facts: Facts, taken: Taken | None, ask: Ask
    ) -> Answer | None:
        decided = decide(
            self._rules.registry,
            seen.stream,
            command,
            facts,
            now=at,
            clock=self._clock.now(),
            request=request,
            fresh=self._rules.fresh,
        )
        if not isinstance(decided, Decided):
            return standing(self._rules.registry, seen.stream, decided)
        return await self._appended(seen, decided, taken, ask)

    async def _informed(self, seen: Sight, wants: Wants, ask: Ask) -> tuple[Sight, Facts]:
        """The facts that are wanted, and the sight with the client that they are about."""
        facts = known(self._rules.policies, seen.stream, wants)
        if facts is not None:
            return seen, facts
        row = await ask("facts", *Scope(seen.stream.tenant).entry, *rows.wanted(wants))
        facts = rows.facts(self._rules.policies, row, None)
        return replace(seen, stream=replace(seen.stream, client=facts.client), client_xmin=row["client_xmin"]), facts

    async def _woken(self, seen: Sight, now: datetime) -> Answer | None:
        """What the clock causes by what was seen; None where it causes nothing, or where that is no longer so."""
        stream = seen.stream
        decided = wake(self._rules.registry, stream, now=stream.moment(now), clock=self._clock.now())
        return None if decided is None else await self._appended(seen, decided, None, self._database.ask)

    async def _appended(self, seen: Sight, decided: Decided, taken: Taken | None, ask: Ask) -> Answer | None:
        """Appends and remembers; None where what was seen is no longer so.

        A transaction that is not committed after this leaves a sight behind which no append will find so.
        """
        before = seen.stream
        numbers = [(decided.stream, taken)] if taken else []
        rules, kept = self._rules, before if seen.kept else None
        row = await ask(
            "append_seen",
            before.tenant,
            before.name,
            seen.xmin,
            bytes.fromhex(before.head) if before.seq else None,
            before.client.key if before.client else None,
            seen.client_xmin,
            decided.events[0].envelope.recorded_at,
            rows.append_document(rules.registry, rules.projections, [decided], numbers, kept),
            rows.payloads([decided]),
        )
        if row["append_seen"] is None:
            return None
        self._sights.keep(replace(seen, stream=decided.stream, xmin=row["append_seen"], kept=True))
        return decided.answer

    async def _woken_before(self, stream: Stream, due: datetime) -> Answer:
        """The answer to a wake-up that is not due: as it was recorded then, or where the stream stands."""
        async with self._database.entered(stream.tenant) as connection:
            values = stream.tenant, stream.name, instant(due)
            done: str | None = await connection.fetchval(query("wakeup_command"), *values)
        return await self.repeated(stream, done, None) if done else standing(self._rules.registry, stream)

    @asynccontextmanager
    async def _turn(self, tenant: str, stream: str) -> AsyncIterator[None]:
        """A turn on a stream in this process; the database sees to the other processes."""
        with outages():
            async with self._locks.hold((tenant, stream), self._database.bound):
                yield
