"""What a page asks of the database: its statements, and the rows that they read of each table."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from activities.ledger.database import Database

READ = """
SELECT relname, coalesce(seq_scan, 0) AS scans, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) AS rows
FROM pg_stat_xact_user_tables WHERE schemaname = 'closeout'
"""

NUMBER = re.compile(r"(?<=savepoint_)\w+")
"""Savepoints are numbered by their process."""


@dataclass(slots=True)
class Asked:
    """The statements of one task, in order; by table, how often each was read from end to end, and how many rows."""

    statements: list[str] = field(default_factory=list)
    scans: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)

    def note(self, statement: str) -> None:
        """Notes what is sent but for how the driver learns of types, once a connection, with JIT turned off."""
        if "'jit'" not in statement and "pg_catalog" not in statement:
            self.statements.append(NUMBER.sub("", statement))


@asynccontextmanager
async def asked(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Asked]:
    """Notes what the present task asks; everything that it borrows a connection for is one transaction."""
    noted, mine, borrowed = Asked(), asyncio.current_task(), Database._borrowed

    @asynccontextmanager
    async def watched(self: Database, *given: Any) -> AsyncIterator[Any]:
        async with borrowed(self, *given) as connection:
            if asyncio.current_task() is not mine:
                yield connection
                return
            async with connection.transaction(isolation="read_committed"):
                before = {row["relname"]: row for row in await connection.fetch(READ)}
                with connection.query_logger(lambda record: noted.note(record.query)):
                    yield connection
                for row in await connection.fetch(READ):
                    was = before.get(row["relname"], {"scans": 0, "rows": 0})
                    noted.scans[row["relname"]] += row["scans"] - was["scans"]
                    noted.rows[row["relname"]] += row["rows"] - was["rows"]

    with monkeypatch.context() as patched:
        patched.setattr(Database, "_borrowed", watched)
        yield noted
