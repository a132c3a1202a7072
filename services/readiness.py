"""Whether a process can do its work: each part that it needs, and why one is not ready."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

import asyncpg
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.ledger.database import Database
from activities.ledger.migrations import lacking
from activities.ledger.protocol import Unavailable
from activities.ledger.queries import query

OK = "ok"
AWAY = "away"
PATIENCE = timedelta(seconds=2)
"""How long a part has to answer: well within what a platform's probe waits."""


async def parts(database: Database, client: Client) -> dict[str, str]:
    """`ok` for each part that is ready, else in a few words why it is not."""
    asked = {"database": _database(database), "engine": _engine(client)}
    return dict(zip(asked, await asyncio.gather(*map(_in_time, asked.values())), strict=True))


async def _in_time(answer: Awaitable[str]) -> str:
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            return await answer
    except TimeoutError:
        return AWAY


async def _database(database: Database) -> str:
    """Whether it answers, and was migrated by this version or a newer one."""
    try:
        async with database.transaction() as connection:
            rows = await connection.fetch(query("migrations_applied"))
    except Unavailable:
        return AWAY
    except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError, asyncpg.InsufficientPrivilegeError):
        return "not migrated: run closeout migrate"
    missing = lacking({row["name"]: row["sha256"] for row in rows})
    return f"not migrated: {', '.join(missing)}; run closeout migrate" if missing else OK


async def _engine(client: Client) -> str:
    """Whether it answers, and knows the namespace."""
    try:
        await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=client.namespace), timeout=PATIENCE
        )
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return f"no namespace {client.namespace}: run closeout bootstrap"
        if error.status in (RPCStatusCode.PERMISSION_DENIED, RPCStatusCode.UNAUTHENTICATED):
            return "refuses its credentials"
        return AWAY
    except RuntimeError:  # a lazy client says a refused first connection so
        return AWAY
    return OK
