"""Very many streams that are to wake at one instant: each page reads what it tells, and no more."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from activities.ledger.queries import query
from tests.ledger.conftest import NOW, Connection
from tests.ledger.tally import State

MANY, PAGE = 6000, 200
END_OF_DAY = NOW - timedelta(days=2000)
"""Before all that others do here."""

CROWD = """
    INSERT INTO closeout.streams (
        tenant, stream, kind, seq, head, status, state, state_version, last_at, next_wakeup, lives, shown
    )
    SELECT $1, 'tally/' || lpad(n::text, 6, '0'), 'tally', 1, '', 'open', $2, 1, $3, $3, true, true
    FROM generate_series(1, $4::int) AS n
"""
READ = """
    SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables
    WHERE schemaname = 'closeout' AND relname = 'streams'
"""


@pytest.fixture
async def crowd(owner: Connection, tenant: str) -> AsyncIterator[str]:
    """A tenant of which everything is due at one instant."""
    await owner.execute(CROWD, tenant, State().model_dump_json(), END_OF_DAY, MANY)
    await owner.execute("VACUUM ANALYZE closeout.streams")
    yield tenant
    await owner.execute("DELETE FROM closeout.streams WHERE tenant = $1", tenant)


async def test_a_page_of_what_is_due_reads_no_other_page(app: Connection, crowd: str) -> None:
    seen: list[tuple[str, str]] = []
    beyond: tuple[object, ...] = (None, None, None)
    while True:
        async with app.transaction():
            page = await app.fetch(query("due"), END_OF_DAY, PAGE, *beyond)
            assert await app.fetchval(READ) <= PAGE + 1
        if not page:
            break
        seen += [(row["tenant"], row["stream"]) for row in page]
        beyond = tuple(page[-1].values())
    assert seen == [(crowd, f"tally/{n:06}") for n in range(1, MANY + 1)]
