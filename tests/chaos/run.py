"""One run: the system, its clients, the storm, the quiet after it, the check."""

import asyncio
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

from rich.console import Console

from tests.chaos.book import Book, quiet
from tests.chaos.checker import Findings, check, check_engine, check_product
from tests.chaos.clients import Desk
from tests.chaos.faults import Scale, Storm, schedule
from tests.chaos.journal import Account, Journal
from tests.chaos.lives import walk
from tests.chaos.report import lines, promised, summary
from tests.chaos.site import Site, running

QUIET = 90.0
"""Seconds after the last command in which the last wake-up has to be recorded."""

LAST_STEPS = 120.0
"""Seconds in which clients lead the cases to their ends that they hold when the storm is over."""

OURS = {"w:": "the clock", "r:": "reactions"}


async def run(folder: Path, seed: int, scale: Scale, console: Console) -> dict[str, Any]:
    """Runs everything in a folder of its own and answers the report. The journal stays there."""
    began = time.monotonic()
    async with running(folder, scale.tick, spare=scale.spare) as site:
        file = folder / "journal.jsonl"
        await storm(site, file, seed, scale, console)
        console.print("the storm is over; waiting for the last wake-up", markup=False)
        findings = await judged(site, file, scale)
        book = await Book.read(site.ready.dsn, site.settings.tenant)
    causes = Counter(OURS.get(event.command_id[:2], "commands") for event in book.all())
    return summary(Account.read(file), causes, findings, seed, time.monotonic() - began)


async def storm(site: Site, file: Path, seed: int, scale: Scale, console: Console) -> None:
    """Clients work, faults strike; ends when every fault has struck and every case is where its client leaves it.

    A fault from which the system does not recover ends the storm, and is told by the journal.
    """
    rng = random.Random(seed)  # noqa: S311 - the same storm for the same seed
    with file.open("w", encoding="utf-8") as out:
        journal = Journal(out)
        desk = Desk(site.ready, site.api, journal, random.Random(rng.random()))  # noqa: S311
        over = asyncio.Event()
        clients = [
            asyncio.create_task(walk(desk, journal, random.Random(rng.random()), scale.choices, over))  # noqa: S311
            for _ in range(scale.clients)
        ]
        patience = 0.0
        try:
            await _strikes(Storm(site, journal, rng), scale, console)
            patience = LAST_STEPS
        except TimeoutError:
            journal.note("broken", life="the storm", why="a fault was not recovered from")
            patience = LAST_STEPS
        finally:
            over.set()
            _, late = await asyncio.wait(clients, timeout=patience)
            for client in late:
                client.cancel()
            await asyncio.gather(*late, return_exceptions=True)
            await desk.close()
        if late:
            journal.note("broken", life=f"{len(late)} clients", why="not at the end of their case in time")


async def _strikes(storm: Storm, scale: Scale, console: Console) -> None:
    faults = schedule(scale, storm.rng)
    for n, fault in enumerate(faults, start=1):
        await asyncio.sleep(storm.rng.uniform(*scale.between))
        began = time.monotonic()
        await storm.strike(fault)
        took = time.monotonic() - began
        console.print(f"{n:>3}/{len(faults)} {fault.kind} {fault.target}: well again after {took:.1f} s", markup=False)


async def judged(site: Site, file: Path, scale: Scale) -> Findings:
    """Waits until nothing will happen any more, and checks everything."""
    settings = site.settings
    awake = await quiet(settings.dsn, settings.tenant, QUIET)
    book = await Book.read(settings.dsn, settings.tenant)
    account = Account.read(file)
    return {
        **check(account, book),
        **await check_product(settings, settings.tenant),
        **await check_engine(settings, book),
        "every date came to pass": [f"{awake} streams still owe or wait"] if awake else [],
        "the run was as large as promised": promised(scale, lines(account)),
    }
