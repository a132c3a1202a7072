"""What each command of `closeout` does, once its options are read."""

import json
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import httpx
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from activities.ledger.histories import whole_history
from activities.ledger.migrations import MigrationDrift, migrate
from activities.ledger.postgres import PostgresLedger
from activities.ledger.protocol import Fault, Head, Recorded, Scope, Unavailable
from activities.lives import sweep
from services import bootstrap, heads, reaching
from services.api.views import event_view
from services.connections import open_engine, open_ledger
from services.demo.run import demonstrate
from services.embedded.children import NotReady
from services.embedded.files import DataInUse
from services.embedded.ports import PortTaken
from services.embedded.postgres import PostgresFailed, login_dsn
from services.embedded.remains import ClusterInUse
from services.embedded.wheels import NotInstalled
from services.intake import Context, Found, Rejected, Skipped, TooLarge, UnknownFormat, Unreadable, detect, read
from services.intake.profiles import Profile, ProfileError, load
from services.intake.suggest import suggest
from services.logs import configure
from services.ready import Ready
from services.settings import Settings
from services.stack import Stack
from services.stack import up as run_until_asked
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


@dataclass(frozen=True, slots=True)
class Address:
    """Where the API is, and a key for it."""

    api: str
    key: str


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


def preview(file: Path, format: str | None, client: str | None, profile: Path | None, console: Console) -> bool:
    """Shows what an import would read; whether every item could be read."""
    document = file.read_bytes()
    table = Table("item", "outcome", "external id", "why")
    counts = {"found": 0, "skipped": 0, "rejected": 0}
    columns = None if profile is None else _profile(profile)
    try:
        named = format or detect(document, name=file.name)
        for item in read(document, named, Context(client=client, profile=columns)):
            match item:
                case Found():
                    counts["found"] += 1
                    table.add_row(str(item.index), "found", item.finding.source.external_id, item.finding.title)
                case Skipped():
                    counts["skipped"] += 1
                    table.add_row(str(item.index), "skipped", item.external_id, item.reason)
                case Rejected():
                    counts["rejected"] += 1
                    table.add_row(str(item.index), "rejected", item.external_id, item.problem.detail)
    except Unreadable as error:
        raise Unusable(f"{file}{_place(error.line, error.column, error.path)}: {error}") from None
    except (TooLarge, UnknownFormat) as error:
        raise Unusable(f"{file}: {error}") from None
    console.print(table)
    console.print(f"{named}: " + ", ".join(f"{n} {what}" for what, n in counts.items()), markup=False)
    return counts["rejected"] == 0


def suggestion(file: Path, console: Console) -> str:
    """A profile for a table, as TOML; what was noted of the table, and columns that nothing takes, on the console."""
    try:
        found = suggest(file.read_bytes())
    except Unreadable as error:
        raise Unusable(f"{file}{_place(error.line, error.column, error.path)}: {error}") from None
    except TooLarge as error:
        raise Unusable(f"{file}: {error}") from None
    for note in (*found.layout.notes, *(f"Nothing takes the column {name}." for name in found.unused)):
        console.print(f"# {note}", markup=False, highlight=False)
    return found.toml()


def _profile(file: Path) -> Profile:
    try:
        return load(file.read_bytes())
    except ProfileError as error:
        raise Unusable(
            "\n".join(f"{file}: {one.pointer or 'the profile'}: {one.detail}" for one in error.problems)
        ) from None


def address(api: str | None, key: str | None, data: Path | None) -> Address:
    """Where to send findings, and with which key: as given, or the running stack's."""
    if api and key:
        return Address(api, key)
    ready = running(Settings.load({"data": data}).data)
    if not key and not ready.keys:
        raise Unusable("no API key: give one with --key or CLOSEOUT_KEY")
    return Address(api or ready.api, key or ready.keys[0].key)


def send(file: Path, format: str | None, client: str | None, to: Address, console: Console) -> bool:
    """Sends a document and shows the receipt of each item; whether none was rejected."""
    query = {name: value for name, value in (("format", format), ("client", client)) if value}
    media = "application/x-ndjson" if file.suffix == ".ndjson" else "application/json"
    headers = {"Authorization": f"Bearer {to.key}", "Content-Type": media}
    try:
        response = httpx.post(
            f"{to.api}/v1/findings", params=query, headers=headers, content=file.read_bytes(), timeout=300
        )
    except httpx.TransportError as error:
        raise Unusable(f"{to.api}: {error}") from None
    receipt = response.json()
    if response.is_error:
        place = _place(*(receipt.get(name) for name in ("line", "column", "path")))
        raise Unusable(f"{file}{place}: {receipt.get('detail')} ({receipt.get('code')})")
    items = receipt.get("items", [receipt])
    table = Table("item", "result", "number", "status", "external id", "problem")
    for n, item in enumerate(items):
        problem = (item.get("problem") or {}).get("detail")
        cells = (item.get("index", n), item["result"], item.get("number"), item.get("status"), item.get("external_id"))
        table.add_row(*("" if cell is None else str(cell) for cell in (*cells, problem)))
    console.print(table)
    return not any(item["result"] == "rejected" for item in items)


def _place(line: int | None, column: int | None, path: str | None) -> str:
    """Where in a document, as compilers write it."""
    return f":{line}:{column}" if line is not None else f" at {path}" if path else ""


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
        return (await sweep(ledger, engine, FAR)).nudged
