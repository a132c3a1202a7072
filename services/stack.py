"""Everything on one machine: the embedded servers, the worker and the API under one supervisor (`closeout up`).

A server that the settings name is used instead of the embedded one, with no other change.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from activities.ledger.migrations import migrate
from services import reaching
from services.connections import open_engine
from services.embedded.children import Child, NotReady, Service
from services.embedded.files import locked, write_private
from services.embedded.mailbox import SENDER, Mailbox
from services.embedded.ports import PortTaken, exactly, is_free, remembered
from services.embedded.postgres import Postgres
from services.embedded.temporal import Temporal
from services.processes import API, own_services
from services.ready import CONSOLE, MAILBOX, Introduction, Ready
from services.settings import Settings
from services.settings_rules import LOOPBACK

TEMPORAL_PORTS = ("temporal", "temporal_ui", "temporal_http", "temporal_metrics")

Introduce = Callable[[Settings], Awaitable[Introduction]]
"""Makes sure of people and keys in a migrated database, and answers them."""

Services = Callable[[Settings, Path], Sequence[Service]]
"""What runs on the servers, given the settings in force and the folder for logs."""


class Stack:
    """The stack of one data folder: `async with Stack(settings) as ready` runs it, ready at entry, stopped at exit.

    `port` is the API's, and must be free; without it the folder's remembered one is taken. Where `services` are named,
    no mailbox comes along. The ready file is kept current while processes come and go, and removed at exit. Enter it on
    a thread that lives as long as the process: the children die with it.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        port: int | None = None,
        ready_file: Path | None = None,
        introduce: Introduce | None = None,
        services: Services | None = None,
    ) -> None:
        self._given = settings
        self._port = port
        self._folder = settings.data.absolute()
        # The folder's own is what the other commands look for.
        self._ready_files = {self._folder / "ready.json", ready_file or self._folder / "ready.json"}
        self._introduce = introduce
        self._services = services
        self._pids: dict[str, int] = {}
        self._ready: Ready | None = None
        self._settings: Settings | None = None
        self._exits = AsyncExitStack()

    async def __aenter__(self) -> Ready:
        async with AsyncExitStack() as exits:
            exits.enter_context(locked(self._folder))
            self._withdraw()
            self._ready = await self._start(exits)
            self._publish()
            self._exits = exits.pop_all()
        return self._ready

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ready = None
        self._withdraw()
        await self._exits.aclose()

    async def _start(self, exits: AsyncExitStack) -> Ready:
        ports = await self._ports()
        temporal = None if self._given.engine().get("target_host") else Temporal(self._folder, ports)
        postgres = None if self._given.dsn else Postgres(self._folder, ports["postgres"])
        cluster = await postgres.prepare() if postgres else None
        mailbox = Mailbox(self._folder, ports["smtp"]) if self._keeps_mail else None
        settings = self._settings = self._in_force(ports, temporal, postgres, mailbox)

        async def engine() -> None:
            if temporal:
                await self._run(temporal.service(), exits)
            else:
                await open_engine(settings)

        async def ledger() -> Introduction:
            if postgres and cluster:
                await self._run(cluster, exits)
                await postgres.furnish()
            with reaching.the_ledger(settings, as_owner=True):
                await migrate(settings.owner)
            if postgres:
                await postgres.admit()
            return await self._introduce(settings) if self._introduce else Introduction()

        async def mail() -> None:
            if mailbox:
                await self._run(mailbox.service(), exits)

        introduced, *_ = await together(ledger(), engine(), mail())
        services = (self._services or own_services)(settings, self._folder / "logs")
        try:
            await together(*(self._run(service, exits) for service in services))
        except NotReady as error:
            # Between the choice of the port and the API's own start, another process may have taken it.
            if error.service == API and error.died and not is_free(ports["api"]):
                raise PortTaken(ports["api"]) from None
            raise
        return Ready(
            api=settings.url,
            console=settings.url + CONSOLE,
            worker=settings.worker_url,
            temporal=settings.engine()["target_host"],
            temporal_ui=temporal.ui if temporal else None,
            dsn=settings.owner,
            pids=self._pids,
            people=introduced.people,
            keys=introduced.keys,
            smtp=mailbox.url if mailbox else None,
            mailbox=settings.url + MAILBOX if mailbox else None,
        )

    @property
    def settings(self) -> Settings:
        """The settings in force: what was given, completed by what is embedded. Known once it runs."""
        if self._settings is None:
            raise RuntimeError("the stack does not run yet")
        return self._settings

    @property
    def _signs_anybody_in(self) -> bool:
        """Whether anybody may sign in as any of the sample people."""
        given = self._given
        if given.oidc_issuer or "sample_sign_in" in given.model_fields_set:
            return given.sample_sign_in
        return given.listen_host in LOOPBACK  # elsewhere, others come along

    @property
    def _keeps_mail(self) -> bool:
        """Whether mails to sample people are kept here."""
        given = self._given
        is_wanted = given.sample_mail or "sample_mail" not in given.model_fields_set
        return is_wanted and self._signs_anybody_in and not given.smtp_url and self._services is None

    async def _ports(self) -> dict[str, int]:
        names = ("postgres", *TEMPORAL_PORTS, "worker", "smtp")
        fixed = self._port or (self._given.listen_port if "listen_port" in self._given.model_fields_set else None)
        file = self._folder / "ports.json"
        if fixed is not None:
            return {"api": await exactly(fixed)} | await remembered(file, names, {})
        return await remembered(file, ("api", *names), {"api": self._given.listen_port})

    def _in_force(
        self, ports: dict[str, int], temporal: Temporal | None, postgres: Postgres | None, mailbox: Mailbox | None
    ) -> Settings:
        """What was given, completed by what is embedded."""
        given = self._given
        embedded: dict[str, object] = {"data": self._folder, "listen_port": ports["api"]}
        if "worker_port" not in given.model_fields_set:
            embedded["worker_port"] = ports["worker"]
        if temporal:
            embedded["temporal_address"] = temporal.address
        if postgres:
            embedded |= {"dsn": postgres.dsn, "owner_dsn": postgres.owner_dsn}
        if given.oidc_issuer:
            return given.model_copy(update=embedded)
        embedded["token_key"] = given.token_key or self._folder / "token.key"
        embedded["sample_sign_in"] = self._signs_anybody_in
        if "fresh" not in given.model_fields_set:
            embedded["fresh"] = None  # the embedded issuer's tokens are made at start and live long
        embedded["sample_mail"] = mailbox is not None
        if mailbox:
            embedded |= {"smtp_url": mailbox.url, "mail_from": given.mail_from or SENDER}
        return given.model_copy(update=embedded)

    async def _run(self, service: Service, exits: AsyncExitStack) -> None:
        child = Child(service, self._changed)
        exits.push_async_callback(child.stop)
        await child.start()

    def _changed(self, name: str, pid: int) -> None:
        self._pids[name] = pid
        if self._ready is not None:
            self._ready = self._ready.model_copy(update={"pids": dict(self._pids)})
            self._publish()

    def _publish(self) -> None:
        if self._ready is not None:
            for file in self._ready_files:
                write_private(file, self._ready.model_dump_json(indent=2))

    def _withdraw(self) -> None:
        for file in self._ready_files:
            file.unlink(missing_ok=True)


async def together(*work: Awaitable[Any]) -> list[Any]:
    """The results of all, in order; the first failure ends the others and is raised as it is."""

    async def one(awaited: Awaitable[Any]) -> Any:
        return await awaited

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(awaited)) for awaited in work]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]


async def up(stack: Stack, announce: Callable[[Ready], None]) -> None:
    """Runs a stack until SIGINT, SIGTERM or SIGHUP, then stops it in order: API, worker, engine, database."""
    task = asyncio.current_task()
    asked = False

    def ask() -> None:
        nonlocal asked
        if task is not None and not asked:  # once: a second Ctrl-C must not cut the orderly stop short
            asked = True
            task.cancel()

    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(signum, ask)
    try:
        async with stack as ready:
            announce(ready)
            await asyncio.Event().wait()
    except asyncio.CancelledError:
        if not asked:
            raise
