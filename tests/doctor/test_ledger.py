"""The database broken: the line of `closeout doctor` that says so, and its remedy."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

import pytest

from services.doctor.checks import Result
from tests.doctor.conftest import OF_POSTGRES, OF_THE_ENGINE, OF_THE_LEDGER, Elsewhere, broken


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda dsn: dsn.replace("@", "wrong@"), "password authentication failed"),
        (lambda dsn: f"{dsn}_gone", "does not exist"),
        (lambda _: "postgresql://nobody@127.0.0.1:1/none", "the ledger cannot answer now"),
    ],
    ids=["password", "database", "address"],
)
async def test_a_database_that_cannot_be_reached(
    elsewhere: Elsewhere, change: Callable[[str], str], found: str
) -> None:
    report = await elsewhere.examined(CLOSEOUT_DSN=change(elsewhere.dsn))
    broken(report, "postgres", found, "mend the address, login, password")
    assert report["postgres"].found.startswith("CLOSEOUT_DSN: ")
    assert report.results(Result.SKIPPED) >= OF_POSTGRES | OF_THE_LEDGER
    assert report["chains"].found == "needs postgres"
    assert report.results(Result.OK) >= OF_THE_ENGINE


async def test_a_login_that_is_a_superuser(elsewhere: Elsewhere) -> None:
    report = await elsewhere.examined(CLOSEOUT_DSN=elsewhere.owner)
    broken(report, "postgres role", "is a superuser", "deploy/postgres/roles.sql")


async def test_a_table_without_row_level_security(elsewhere: Elsewhere) -> None:
    await elsewhere.execute("ALTER TABLE closeout.people NO FORCE ROW LEVEL SECURITY")
    broken(await elsewhere.examined(), "postgres role", "unguarded: people", "FORCE ROW LEVEL SECURITY")


async def test_a_migration_that_is_not_the_one_applied(elsewhere: Elsewhere) -> None:
    await elsewhere.execute("UPDATE closeout.migrations SET sha256 = 'another' WHERE name LIKE '0001%'")
    report = await elsewhere.examined()
    broken(report, "migrations", "0001_ledger.sql: the file is not what was applied", "the version of Closeout")
    assert report["chains"].found == "needs migrations"


async def test_a_migration_that_is_missing(elsewhere: Elsewhere) -> None:
    await elsewhere.execute("DELETE FROM closeout.migrations WHERE name LIKE '0003%'")
    broken(await elsewhere.examined(), "migrations", "0003_read_models.sql", "run `closeout bootstrap`")
    await elsewhere.execute("DROP TABLE closeout.migrations")
    broken(await elsewhere.examined(), "migrations", "none is applied", "run `closeout bootstrap`")


async def test_a_server_that_may_forget(elsewhere: Elsewhere) -> None:
    name = elsewhere.dsn.rpartition("/")[2]
    await elsewhere.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    broken(await elsewhere.examined(), "durability", "synchronous_commit off", "set synchronous_commit to on")


@pytest.mark.parametrize(("seconds", "result"), [(10, Result.WARN), (-90, Result.FAIL)])
async def test_a_clock_that_is_askew(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch, seconds: int, result: Result
) -> None:
    class Askew(datetime):
        """This machine's clock, so many seconds behind."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Askew":
            return super().now(tz) - timedelta(seconds=seconds)

    monkeypatch.setattr("services.doctor.postgres.datetime", Askew)
    clock = (await elsewhere.examined())["clock"]
    assert clock.result is result
    assert re.match(rf"the server's clock is {abs(seconds)}\.\d s {'ahead' if seconds > 0 else 'behind'}", clock.found)
    assert "one time source" in clock.mend


async def test_a_stream_that_nobody_wakes(elsewhere: Elsewhere) -> None:
    await elsewhere.execute(
        """
        INSERT INTO closeout.streams (
            tenant, stream, kind, seq, head, status, state, state_version, last_at, next_wakeup, lives, shown
        )
        SELECT
            'late', 'nonconformity/1', 'nonconformity', 1, '', 'open', '{}', 1, now(), now() - interval '1 day', true,
            true
        """
    )
    report = await elsewhere.examined()
    broken(report, "wake-ups", "1 wake-ups past, the oldest for 1 day", "closeout recover")
    broken(report, "chains", "nonconformity/1: the row is not at its last event", "closeout ledger verify")


async def test_reactions_that_nobody_carries_out(elsewhere: Elsewhere) -> None:
    await elsewhere.execute("UPDATE closeout.streams SET owed = '{1}'")
    assert (await elsewhere.examined())["reactions"].found.startswith("1 reactions owed, the oldest for ")
    await elsewhere.execute(
        """
        ALTER TABLE closeout.events DISABLE TRIGGER append_only;
        UPDATE closeout.events SET recorded_at = recorded_at - interval '1 hour';
        """
    )
    report = await elsewhere.examined()
    broken(report, "reactions", "1 reactions owed, the oldest for 1 hour", "closeout recover")
    broken(report, "chains", "the envelope is not what was hashed", "compare with a backup")
    broken(report, "postgres role", "unguarded: events.append_only", "ENABLE ALWAYS triggers")
