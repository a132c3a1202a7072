"""Migrations: SQL files applied in order, each in a transaction, each once, and never changed afterwards."""

import hashlib
from collections.abc import Mapping
from importlib.resources import files

import asyncpg

from activities.ledger.queries import query


class MigrationDrift(RuntimeError):
    """A database that was migrated by other files than these; names the file."""


def packaged() -> dict[str, str]:
    """The packaged migrations: file name to SQL, in order."""
    folder = files("activities") / "sql" / "migrations"
    found = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    return {file.name: file.read_text(encoding="utf-8") for file in found}


async def migrate(dsn: str, migrations: Mapping[str, str] | None = None) -> list[str]:
    """Applies what is missing, under a lock that other runners wait for; answers the names of the applied files.

    Works as the DSN's own role, which comes to own everything. A database that came out of a backup begins a new
    epoch, so that its new events stand after all that anyone has read. Raises MigrationDrift before it changes
    anything where an applied file is missing here or differs.
    """
    wanted = packaged() if migrations is None else migrations
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(query("migrations_begin"))
        applied = {row["name"]: row for row in await connection.fetch(query("migrations_applied"))}
        for name, row in applied.items():
            if name not in wanted:
                raise MigrationDrift(
                    f"{name}: applied on {row['applied_at']:%Y-%m-%d}, unknown to this version of Closeout"
                )
            if _digest(wanted[name]) != row["sha256"]:
                raise MigrationDrift(f"{name}: the file is not what was applied on {row['applied_at']:%Y-%m-%d}")
        missing = [name for name in wanted if name not in applied]
        for name in missing:
            async with connection.transaction():
                await connection.execute(wanted[name])
                await connection.execute(query("migrations_note"), name, _digest(wanted[name]))
        async with connection.transaction():
            await connection.fetchval(query("epoch_moved"))
        return missing
    finally:
        await connection.close()


def _digest(sql: str) -> str:
    return hashlib.sha256(sql.encode()).hexdigest()
