"""Bare reads of the same million rows, as their owner (no row-level security), by asyncpg alone."""

from typing import TYPE_CHECKING

import asyncpg

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

LIST = """
SELECT
    n.id, n.number, n.status, n.grade, n.client, n.title, s.state #> '{finding,requirements}' AS requirements, n.source,
    n.external_id, n.audit_ref, n.stage, n.department, n.sites, s.state -> 'assigned' AS assigned, n.waiting_on,
    n.due_at, n.due_kind, n.due_at < now() AS overdue, s.state -> 'deadlines' AS deadlines, n.escalated, n.reported_at,
    n.issued_at, s.last_at AS updated_at, s.seq
FROM closeout.nonconformities AS n
JOIN closeout.streams AS s ON s.tenant = n.tenant AND s.stream = 'nonconformity/' || n.id
WHERE n.tenant = $1 AND n.id < $2 ORDER BY n.id DESC LIMIT 50
"""
ONE = "SELECT seq, head, status, state FROM closeout.streams WHERE tenant = $1 AND stream = $2"


async def fifty(connection: "PoolConnectionProxy[asyncpg.Record]", tenant: str, before: str) -> list[asyncpg.Record]:
    """A page of 50: what the product's list says of each."""
    return await connection.fetch(LIST, tenant, before)


async def one(connection: "PoolConnectionProxy[asyncpg.Record]", tenant: str, id: str) -> asyncpg.Record:
    """One case with its whole state; KeyError where it is not there."""
    row = await connection.fetchrow(ONE, tenant, f"nonconformity/{id}")
    if row is None:
        raise KeyError(id)
    return row
