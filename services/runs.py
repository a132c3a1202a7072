"""What each command of `closeout` does, once its options are read."""

import json
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from pydantic import ValidationError
from rich.console import Console

from activities.ledger.histories import whole_history
from activities.ledger.migrations import MigrationDrift, migrate
from activities.ledger.postgres import PostgresLedger
from activities.ledger.protocol import Fault, Head, Recorded, Scope, Unavailable
from activities.sweeping import sweep
from services import bootstrap, heads, reaching
from services.connections import open_engine, open_ledger
from services.demo.run import demonstrate
from services.embedded.children import NotReady
from services.embedded.files import DataInUse
from services.embedded.ports import PortTaken
from services.embedded.postgres import PostgresFailed, login_dsn
from services.embedded.remains import ClusterInUse
from services.embedded.wheels import NotInstalled
from services.logs import configure
from services.ready import Ready
from services.settings import Settings
from services.stack import Stack
from services.stack import up as run_until_asked
from services.telling import event_view
from services.tokens import BadClaims, BadTokenKey
from workflows.people import Role

FAR = datetime(9999, 1, 1, tzinfo=UTC)
EXAMPLE = Path(__file__).parent.parent / "examples" / "cloud-scan.asff.json"


class Unusable(Exception):
    """What the user asked for cannot be done, for a reason the user can mend."""


UNSTARTABLE = (
    DataInUse,
    PortTaken,
    ClusterInUse,
    NotInstalled,
    PostgresFailed,
    NotReady,
    BadTokenKey,
    MigrationDrift,
    bootstrap.NameTaken,
    Unavailable,
    OSError,
)
"""What a folder in use, a taken port, a broken setting or a server that is not there comes to at start."""


def installation(data: Path | None, config: Path | None) -> Settings:
    """The settings of a running installation: as given, completed by the stack that runs on its data folder."""
    settings = Settings.load({"data": data}, file=config)
    if settings.dsn:
        return settings
    ready = running(settings.data)
    dsn = login_dsn(settings.data, ready.dsn)
    found = {"dsn": dsn, "owner_dsn": ready.dsn, "temporal_address": ready.temporal}
    return settings.model_copy(update={**found, "token_key": settings.token_key or settings.data / "token.key"})


def running(data: Path) -> Ready:
    """What the stack on a data folder said when it was ready; Unusable where none runs."""
    file = data / "ready.json"
    try:
        return Ready.model_validate_json(file.read_bytes())
    except OSError:
        raise Unusable(
            f"nothing runs on {data}: start it with `closeout up --data {data}`, or set CLOSEOUT_DSN"
        ) from None
    except ValidationError as error:
        raise Unusable(f"{file}: not what a stack of this version writes ({error.error_count()} faults)") from None


async def up(settings: Settings, port: int | None, ready_file: Path | None) -> None:
    """Runs everything until asked to stop; prints where it is as JSON. Unusable, in one line, where it cannot start."""
    configure(settings)
    stack = Stack(settings, port=port, ready_file=ready_file, introduce=bootstrap.introduce)
    with starting():
        await run_until_asked(stack, lambda ready: Console().print_json(ready.model_dump_json(indent=2)))


@contextmanager
def starting() -> Iterator[None]:
    """Turns what keeps a stack from starting into Unusable, in one line."""
    try:
        yield
    except UNSTARTABLE as error:
        raise Unusable(" ".join(str(error).split()) or type(error).__name__) from None


async def demo(data: Path | None, document: Path, ready_file: Path | None, console: Console) -> bool:
    """The demonstration, in a folder of its own unless one is named."""
    if not document.is_file():
        raise Unusable(f"{document}: no such document; name one with --document")
    settings = Settings.load({"data": data, "log_level": "error"})
    configure(settings)
    if data is not None:
        with starting():
            return await demonstrate(settings, document, ready_file, console)
    with starting(), tempfile.TemporaryDirectory(prefix="closeout-demo-") as folder:
        return await demonstrate(settings.model_copy(update={"data": Path(folder)}), document, ready_file, console)


async def migrated(settings: Settings) -> Sequence[str]:
    """The migrations that were applied; Unusable where the database is not to be had, or was migrated otherwise."""
    try:
        with reaching.the_ledger(settings, as_owner=True):
            return await migrate(settings.owner)
    except (MigrationDrift, Unavailable) as error:
        raise Unusable(str(error)) from None


def token(settings: Settings, role: Role, name: str, client: str | None, tenant: str | None) -> str:
    """A token for a person; Unusable where role and client do not fit, or another issuer makes the tokens."""
    try:
        return bootstrap.mint(settings, role, name, client, tenant)
    except (BadClaims, BadTokenKey, OSError, bootstrap.NoIssuer) as error:
        raise Unusable(str(error)) from None


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[PostgresLedger]:
    """The ledger, closed at the end; Unusable where nobody answers."""
    try:
        ledger = await open_ledger(settings)
    except Unavailable as error:
        raise Unusable(str(error)) from None
    try:
        yield ledger
    finally:
        await ledger.close()


async def verify(
    settings: Settings, tenant: str | None, console: Console, write: Path | None = None, against: Path | None = None
) -> bool:
    """Verifies tenant by tenant, and against kept heads; whether nothing was found wrong.

    `write` names a file for the present heads; it is written only where nothing is wrong, so that no bad record
    replaces what would show it.
    """
    kept = heads.read(against).root if against else {}
    wanted = kept if tenant is None else {tenant: kept.get(tenant, {})}
    present: dict[str, Mapping[str, Head]] = {}
    sound = True
    async with opened(settings) as ledger:
        async for found in ledger.verify(tenant):
            present[found.tenant] = found.heads
            sound = _told(console, found.faults) and sound
            console.print(f"{found.events} events in {found.streams} streams: {len(found.faults)} faults", markup=False)
        for each, streams in wanted.items() if against else ():
            lacking = [fault async for fault in heads.compare(ledger, each, streams, present.get(each, {}))]
            sound = _told(console, lacking) and sound
            console.print(f"{len(streams)} kept heads of {each}: {len(lacking)} faults", markup=False)
    if write is not None and sound:
        heads.write(write, present)
    return sound


def _told(console: Console, faults: Sequence[Fault]) -> bool:
    """Shows faults; whether there were none."""
    for fault in faults:
        console.print(f"{fault.tenant} {fault.stream} {fault.seq}: {fault.what}", style="red", markup=False)
    return not faults


async def export(settings: Settings, tenant: str | None, stream: str | None, to: TextIO) -> None:
    """Writes events as NDJSON as the API shows them, in the order of the ledger, or of one stream."""

    def line(recorded: Recorded) -> str:
        return json.dumps({**event_view(recorded), "position": recorded.position}, ensure_ascii=False) + "\n"

    scope = Scope(tenant or settings.tenant)
    async with opened(settings) as ledger:
        if stream is not None:
            to.writelines(line(recorded) for recorded in await whole_history(ledger, scope, stream))
            return
        position: str | None = None
        while page := await ledger.feed(scope, position):
            to.writelines(line(recorded) for recorded in page)
            position = page[-1].position


async def rebuild(settings: Settings, tenant: str | None) -> int:
    """How many streams differed from their events."""
    async with opened(settings) as ledger:
        return await ledger.rebuild(tenant)


async def recover(settings: Settings) -> int:
    """How many living streams were started or nudged: all that will ever wake, not only those that are due."""
    async with opened(settings) as ledger:
        try:
            engine = await open_engine(settings)
        except Unavailable as error:
            raise Unusable(str(error)) from None
        return (await sweep(ledger, engine, FAR, whole=True)).nudged
