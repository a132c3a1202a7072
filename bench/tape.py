"""A database that notes what it is asked and what it answers: to say the same again, or to ask it by asyncpg alone."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, cast

import asyncpg

from activities.ledger.database import Database
from activities.ledger.hand import Connection, Hand


@dataclass(frozen=True, slots=True)
class Asked:
    """One statement: the driver's method, SQL and values, and what the method answered."""

    method: str
    sql: str
    values: Sequence[object]
    answer: Any


@dataclass(slots=True)
class Errand:
    """What one connection was borrowed for; `whole` is whether all of it was one transaction."""

    asked: list[Asked] = field(default_factory=list)
    whole: bool = False


class Tape(Database):
    """Notes what is asked in `errands`; once it is rewound, answers from there."""

    def __init__(self, pool: Hand, pages: Hand, bound: float) -> None:
        super().__init__(pool, pages, bound)
        self.errands: list[Errand] = []
        self.playing: Iterator[Errand] | None = None

    def rewind(self) -> None:
        """From here on the same is answered in the same order, and nobody is asked."""
        self.playing = iter(self.errands)

    @asynccontextmanager
    async def _borrowed(self, pool: Hand, limit: float | None) -> AsyncIterator[Connection]:
        if self.playing is not None:
            yield cast("Connection", _Player(next(self.playing)))
            return
        async with super()._borrowed(pool, limit) as connection:
            self.errands.append(Errand())
            yield cast("Connection", _Recorder(connection, self.errands[-1]))


async def ask(pool: "asyncpg.Pool[asyncpg.Record]", errands: Sequence[Errand]) -> None:
    """The same statements once more, by asyncpg alone."""
    for errand in errands:
        async with pool.acquire() as connection, connection.transaction() if errand.whole else nullcontext():
            for one in errand.asked:
                await getattr(connection, one.method)(one.sql, *one.values)


class _Recorder:
    """A connection whose statements are noted, whatever they are sent by: `fetch`, `fetchrow`, `execute`."""

    def __init__(self, connection: Connection, errand: Errand) -> None:
        self._connection = connection
        self._errand = errand

    def __getattr__(self, method: str) -> Callable[..., Awaitable[Any]]:
        async def noted(sql: str, *values: object) -> Any:
            answer = await getattr(self._connection, method)(sql, *values)
            self._errand.asked.append(Asked(method, sql, values, answer))
            return answer

        return noted

    def transaction(self, **how: Any) -> Any:
        self._errand.whole = True
        return self._connection.transaction(**how)


class _Player:
    """A connection that was never made, which answers what another one did."""

    def __init__(self, errand: Errand) -> None:
        self._answers = iter(errand.asked)

    def __getattr__(self, _: str) -> Callable[..., Awaitable[Any]]:
        async def answered(*_: object) -> Any:
            return next(self._answers).answer

        return answered

    def transaction(self, **_: Any) -> Any:
        return nullcontext()
