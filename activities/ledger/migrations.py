"""Migrations: SQL files applied in order, each in a transaction, each once, and never changed afterwards."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import TypeAlias

import asyncpg

from activities.ledger.queries import query

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class MigrationDrift(RuntimeError):
    """A database that was migrated by other files than these; names the file."""


def packaged() -> dict[str, str]:
    """The packaged migrations: file name to SQL, in order."""
    folder = files("activities") / "sql" / "migrations"
    found = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    return {file.name: file.read_text(encoding="utf-8") for file in found}


async def migrate(dsn: str) -> list[str]:
    """Applies what is missing of the packaged migrations; answers the names of the applied files.

    Works as the DSN's own role, which comes to own everything; safe to run several times at once. A database that came
    out of a backup begins a new epoch, so that its new events stand after all that anyone has read. Raises
    MigrationDrift before it changes anything where an applied file is missing here or differs.
    """
    async with runner(dsn) as connection:
        applied = await apply(connection, packaged())
        await connection.execute(query("epoch_moved"))
        return applied


async def apply(connection: Connection, migrations: Mapping[str, str]) -> list[str]:
    """Applies the missing ones of these migrations (name to SQL), each in a transaction of its own."""
    lacking = await missing(connection, migrations)
    for name in lacking:
        async with connection.transaction():
            await connection.execute(migrations[name])
            await connection.execute(query("migrations_note"), name, _digest(migrations[name]))
    return lacking


async def missing(connection: Connection, migrations: Mapping[str, str]) -> list[str]:
    """The ones of these migrations that were not applied; raises MigrationDrift where the applied ones are others."""
    applied = {row["name"]: row for row in await connection.fetch(query("migrations_applied"))}
    for name, row in applied.items():
        day = f"{row['applied_at']:%Y-%m-%d}"
        if name not in migrations:
            raise MigrationDrift(f"{name}: applied on {day}, unknown to this version of Closeout")
        if _digest(migrations[name]) != row["sha256"]:
            raise MigrationDrift(f"{name}: the file is not what was applied on {day}")
    return [name for name in migrations if name not in applied]


def lacking(applied: Mapping[str, str]) -> list[str]:
    """The packaged migrations that a database lacks, or has otherwise; `applied` is name to digest.

    One that has more was migrated by a newer version, under which this one goes on.
    """
    return [name for name, sql in packaged().items() if applied.get(name) != _digest(sql)]


@asynccontextmanager
async def runner(dsn: str) -> AsyncIterator[Connection]:
    """A connection that holds the lock of runners."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(query("migrations_begin"))
        yield connection
    finally:
        await connection.close()


def _digest(sql: str) -> str:
    return hashlib.sha256(sql.encode()).hexdigest()
