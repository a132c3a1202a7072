"""The invariants: what the clients were told, by their journal, against what the ledger holds, by its rows."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from temporalio.client import Client

from services.connections import open_ledger
from services.settings import Settings
from tests.chaos.book import Book, derived
from tests.chaos.causes import lapses, reactions, told, twice
from tests.chaos.journal import Account
from workflows.stubs import Address

Findings = dict[str, list[str]]
"""What is wrong, by invariant; an invariant that holds has nothing."""

OUR_OWN = ("w:", "r:")
BOOTSTRAP = "bootstrap"
ENGINE_PATIENCE = 30.0


def check(account: Account, book: Book) -> Findings:
    """Everything that journal and rows tell."""
    causes = told(book)
    checks: dict[str, Callable[[], Iterable[str]]] = {
        "every acknowledged command is in the ledger once, as acknowledged": lambda: _acknowledged(account, book),
        "no command is in the ledger twice": lambda: _doubled(book),
        "no event without its command": lambda: _uncaused(account, book),
        "no refused command is in the ledger": lambda: _refused(account, book),
        "every repeat was answered as the first time": lambda: _repeats(account),
        "no answer but those of the contract": lambda: [str(odd) for odd in account.odd],
        "every chain holds": book.broken,
        "every wake-up once, none early, none lacking": lambda: [
            *causes.clock,
            *twice(book),
            *lapses(book, account),
        ],
        "every reaction once, none lacking": lambda: reactions(book, causes),
        "every case is where its client left it": lambda: [*account.broken, *_left(account, book)],
        "nothing is owed": lambda: (f"{name} owes {row.owed}" for name, row in book.streams.items() if row.owed),
    }
    return {name: list(found()) for name, found in checks.items()}


def _acknowledged(account: Account, book: Book) -> Iterator[str]:
    recorded = {(e.stream, e.command_id, e.seq): e.hash for e in book.all()}
    firsts = {(e.stream, e.command_id): e for e in book.all() if e.command_index == 0}
    for asked in account.asked.values():
        if asked.told is None:
            if asked.refused is None:
                yield f"{asked.key}: {asked.command} was never answered"
            continue
        first = firsts.get((asked.stream or "", asked.key))
        if first is None:
            yield f"{asked.stream}: {asked.command} {asked.key} was acknowledged, and is not there"
            continue
        for entry in asked.told.get("events", ()):
            if recorded.get((first.stream, asked.key, entry["seq"])) != entry["hash"]:
                yield f"{asked.stream} {entry['seq']}: is not the event that was acknowledged"


def _doubled(book: Book) -> Iterator[str]:
    where: dict[str, str] = {}
    for stream, events in book.events.items():
        for command, group in groupby(events, key=lambda event: event.command_id):
            batch = list(group)
            if [event.command_index for event in batch] != list(range(len(batch))):
                yield f"{stream} {batch[0].seq}: {command} is there twice"
            if command.startswith("w:") or command == BOOTSTRAP:
                continue
            if command in where:
                yield f"{stream} {batch[0].seq}: {command} is in {where[command]} too"
            where[command] = stream


def _uncaused(account: Account, book: Book) -> Iterator[str]:
    for event in book.all():
        asked = account.asked.get(event.command_id)
        known = event.command_id.startswith(OUR_OWN) or (event.stream, event.command_id) == ("client/acme", BOOTSTRAP)
        if not known and (asked is None or asked.stream not in (None, event.stream)):
            yield f"{event.stream} {event.seq}: nobody asked for {event.type}, command {event.command_id}"


def _refused(account: Account, book: Book) -> Iterator[str]:
    for event in book.all():
        asked = account.asked.get(event.command_id)
        if asked is not None and asked.refused is not None:
            yield f"{event.stream} {event.seq}: {asked.command} was refused ({asked.refused}), and is there"


def _repeats(account: Account) -> Iterator[str]:
    for repeat in account.repeats:
        if not repeat["same"]:
            yield f"{repeat['key']}: the repeat was answered otherwise, with {repeat['status']}"


def _left(account: Account, book: Book) -> Iterator[str]:
    for stream, left in account.left.items():
        standing = book.streams.get(stream)
        if standing is None or standing.status != left.status:
            yield f"{stream}: left {left.status}, is {standing.status if standing else 'gone'}"
        decided = [
            (event.data["review"], event.data["choice"])
            for event in book.events.get(stream, ())
            if event.type == "nonconformity.review_decided"
        ]
        if sorted(decided) != sorted(left.decisions.items()):
            yield f"{stream}: the committee decided {left.decisions}, the case says {decided}"


async def check_product(settings: Settings, tenant: str) -> Findings:
    """What the product says of itself: its own verification, and its read models against their rebuild."""
    ledger = await open_ledger(settings)
    try:
        faults = [
            f"{fault.stream} {fault.seq}: {fault.what}"
            async for found in ledger.verify(tenant)
            for fault in found.faults
        ]
        before = await derived(settings.dsn, tenant)
        differing = await ledger.rebuild(tenant)
        after = await derived(settings.dsn, tenant)
    finally:
        await ledger.close()
    models = [f"{differing} streams differed from their events"] if differing else []
    for table, rows in before.items():
        models += [f"{table}: {row[:300]} is not what the events tell" for row in set(rows) ^ set(after[table])]
    return {"the ledger verifies": faults, "the read models equal their rebuild": models}


async def check_engine(settings: Settings, book: Book) -> Findings:
    """Whether the engine runs a workflow for each living stream and for no other."""
    client = await Client.connect(**settings.engine())
    living = {Address(tenant=book.tenant, stream=name).workflow_id for name, row in book.streams.items() if row.lives}
    until = asyncio.get_running_loop().time() + ENGINE_PATIENCE
    running: set[str] = set()
    while asyncio.get_running_loop().time() < until:
        found = client.list_workflows("ExecutionStatus = 'Running'")
        running = {one.id async for one in found if one.workflow_type in ("nonconformity", "committee_review")}
        if running == living:
            break
        await asyncio.sleep(0.5)
    lacking = [f"{one} has no workflow" for one in sorted(living - running)]
    idle = [f"{one} has a workflow, and lives no more" for one in sorted(running - living)]
    return {"a workflow for each living stream": lacking + idle}
