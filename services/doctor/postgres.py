"""The ledger's server: what it is set to, who the application is there, and whether the schema is this version's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TypeAlias

import asyncpg

from activities.ledger.database import APP_ROLE
from activities.ledger.migrations import MigrationDrift, missing, packaged
from activities.ledger.queries import query
from services import reaching
from services.doctor.checks import PATIENCE, Answer, Check, fail, ok, warn
from services.settings import Settings

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

OLDEST = 14
"""The first PostgreSQL that knows all of the schema: functions with a body in SQL's own notation."""

POOL = 10
"""The most connections of one API or worker (`Database.open`)."""

ASKEW, LOST = 2.0, 60.0
"""Seconds between this machine's clock and the server's: deadlines are kept by the one and recorded by the other."""


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Connection]:
    """A connection as worker and API have it; raises Unreachable."""
    with reaching.the_ledger(settings):
        connection = await asyncpg.connect(
            settings.dsn,
            timeout=PATIENCE,
            command_timeout=PATIENCE,
            server_settings={"role": APP_ROLE, "application_name": "closeout doctor"},
        )
    try:
        yield connection
    finally:
        connection.terminate()


async def _version(connection: Connection) -> Answer:
    row = await _standing(connection)
    if row["version_number"] < OLDEST * 10_000:
        return fail(f"PostgreSQL {row['version']}", f"move to PostgreSQL {OLDEST} or later")
    if row["standby"]:
        return fail(f"PostgreSQL {row['version']}, a standby that takes no writes", "name the primary in CLOSEOUT_DSN")
    return ok(f"PostgreSQL {row['version']}")


async def _role(connection: Connection) -> Answer:
    row = await connection.fetchrow(query("role_standing"))
    if row is None:
        return fail("this session's roles are not to be seen", f"use a login that may act as {APP_ROLE}")
    least = "see deploy/postgres/roles.sql: a login of its own that may only act as " + APP_ROLE
    if row["acting_unbound"] or row["acting_owns"]:
        return fail(
            f"{row['acting']} is above row-level security",
            f"ALTER ROLE {APP_ROLE} NOSUPERUSER NOBYPASSRLS; let it own nothing",
        )
    if row["open_tables"] or row["slack_triggers"]:
        names = ", ".join((*row["open_tables"], *row["slack_triggers"]))
        return fail(
            f"unguarded: {names}",
            "as the owner, ENABLE and FORCE ROW LEVEL SECURITY, ENABLE ALWAYS triggers; then find out who did it",
        )
    if row["login_unbound"]:
        return fail(f"{row['login']} is a superuser or bypasses row-level security", least)
    if row["login_owns"]:
        return warn(f"{row['login']} owns the schema and acts as {row['acting']}", least)
    return ok(f"{row['login']}, acting as {row['acting']}, owns nothing and is under row-level security")


async def _migrations(connection: Connection) -> Answer:
    try:
        lacking = await missing(connection, packaged())
    except asyncpg.UndefinedTableError:
        return fail("none is applied", BOOTSTRAP)
    except asyncpg.InsufficientPrivilegeError:
        return fail("applied by a version before this one", BOOTSTRAP)
    except MigrationDrift as error:
        return fail(str(error), "run the version of Closeout that migrated this database, or a later one")
    if lacking:
        return fail(f"not applied: {', '.join(lacking)}", BOOTSTRAP)
    return ok(f"{len(packaged())} applied, none differs")


async def _durable(connection: Connection) -> Answer:
    row = await _standing(connection)
    off = [name for name in ("fsync", "synchronous_commit", "full_page_writes") if row[name] == "off"]
    if off:
        return fail(f"{', '.join(off)} off: a power cut takes acknowledged events", f"set {', '.join(off)} to on")
    return ok(f"fsync on, full_page_writes on, synchronous_commit {row['synchronous_commit']}")


async def _connections(connection: Connection) -> Answer:
    row = await _standing(connection)
    free = row["usable"] - row["used"]
    said = f"{row['used']} of {row['usable']} in use; each API and worker takes up to {POOL}"
    mend = "raise max_connections, or put fewer processes on this server"
    if free < POOL:
        return fail(said, mend)
    return warn(said, mend) if free < 2 * POOL else ok(said)


async def _clock(connection: Connection) -> Answer:
    before = datetime.now(UTC)
    row = await _standing(connection)
    after = datetime.now(UTC)
    skew = (row["clock"] - (before + (after - before) / 2)).total_seconds()
    said = f"the server's clock is {abs(skew):.1f} s {'ahead of' if skew > 0 else 'behind'} this machine's"
    mend = "have both follow one time source (chrony, systemd-timesyncd)"
    if abs(skew) > LOST:
        return fail(said, mend)
    return warn(said, mend) if abs(skew) > ASKEW else ok(said)


async def _standing(connection: Connection) -> asyncpg.Record:
    row = await connection.fetchrow(query("server_standing"))
    if row is None:
        raise RuntimeError("server_standing answered no row")
    return row


BOOTSTRAP = "run `closeout bootstrap`, with the owner's login in CLOSEOUT_OWNER_DSN"
HANGS = "see the server's log: it is there and does not answer"
POSTGRES = (
    Check("postgres version", _version, HANGS),
    Check("postgres role", _role, HANGS),
    Check("migrations", _migrations, HANGS),
    Check("durability", _durable, HANGS),
    Check("connections", _connections, HANGS),
    Check("clock", _clock, HANGS),
)
