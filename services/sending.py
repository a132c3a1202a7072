"""Documents sent from the command line: how far each has come, and what became of its items."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from services.client import Closeout, Failed, Import, Receipt, Trouble, Unreached
from services.runs import Unusable, running
from services.settings import Settings

PATIENCE = timedelta(seconds=20)
"""How long an API that is away is waited for."""

MOST = 200
"""Receipts that are shown; a file takes all of them."""

COUNTS = ("created", "duplicate", "updated", "recurred", "skipped", "rejected")


@dataclass(frozen=True, slots=True)
class Address:
    """Where the API is, and a key for it."""

    api: str
    key: str

    def open(self) -> Closeout:
        """A client of it."""
        return Closeout(self.api, self.key, patience=PATIENCE)


@dataclass(frozen=True, slots=True)
class Reading:
    """How documents are to be read: format, client of findings that name none, name of a saved column profile."""

    format: str | None = None
    client: str | None = None
    profile: str | None = None


@dataclass(frozen=True, slots=True)
class Showing:
    """What is told of an import: on a console all receipts, or those of rejected items; in a CSV file all of them."""

    console: Console
    verbose: bool = False
    receipts: Path | None = None


def address(api: str | None, key: str | None, data: Path | None) -> Address:
    """Where to send findings, and with which key: as given, or the running stack's."""
    if api and key:
        return Address(api, key)
    ready = running(Settings.load({"data": data}).data)
    if not key and not ready.keys:
        raise Unusable("no API key: give one with --key or CLOSEOUT_KEY")
    return Address(api or ready.api, key or ready.keys[0].key)


def nearest(api: str | None, key: str | None, data: Path | None) -> Address | None:
    """As `address`; None where none is given and no stack runs here."""
    try:
        return address(api, key, data)
    except Unusable:
        if api or key:
            raise
        return None


async def send(files: Sequence[Path], how: Reading, to: Address, showing: Showing) -> bool:
    """Imports documents one after the other; whether nothing was rejected. Unusable for those that cannot be read."""
    well, unusable = True, list[str]()
    async with to.open() as api:
        for file in files:
            try:
                one = await _taken(api, file, how, showing.console)
                well = await follow(api, one, showing, str(harmless(file))) and well
            except Unusable as error:
                unusable.append(str(error))
            except Unreached as error:
                raise Unusable(f"{to.api}: {error}") from None
    if unusable:
        raise Unusable("\n".join(unusable))
    return well


async def resume(id: str, to: Address, showing: Showing) -> bool:
    """Follows an import that was sent before; whether nothing was rejected."""
    async with to.open() as api:
        try:
            return await follow(api, await api.import_status(id), showing, id)
        except Failed as failed:
            raise Unusable(f"{id}: {told(failed.trouble)}") from None
        except Unreached as error:
            raise Unusable(f"{to.api}: {error}") from None


async def follow(api: Closeout, one: Import, showing: Showing, called: str) -> bool:
    """Shows an import to its end, and its receipts; whether nothing was rejected. Unusable for one that failed."""
    one = await _watched(api, one, showing.console, called)
    if showing.receipts is not None:
        showing.receipts.write_bytes(await api.receipts_csv(one))
    if one.notes:
        showing.console.print(harmless(" ".join((f"{called}: read as {one.read_as}.", *one.notes))))
    await _receipts(api, one, showing)
    if one.problem is not None:
        raise Unusable(f"{called}{one.problem.place}: {told(one.problem)}")
    if one.state == "cancelled":
        showing.console.print(f"{called}: cancelled", style="red", markup=False)
    return one.state == "done" and not one.rejected


def told(trouble: Trouble) -> str:
    """A problem in one line: what it says, and by which rule."""
    return f"{harmless(trouble.detail)} ({trouble.code})"


def place(line: int | None, column: int | None, path: str | None) -> str:
    """Where in a document, as compilers write it."""
    return Trouble(status=0, code="", line=line, column=column, path=path).place


def harmless(text: object) -> Text:
    """Text of others as a terminal may have it: no escape sequences, no turned direction, no markup."""
    said = "" if text is None else str(text)
    return Text("".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in said))


def escaped(name: str) -> str:
    """The name of a file as text: bytes that are no UTF-8, and what cannot be shown, as escapes."""
    said = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in said)


async def _taken(api: Closeout, file: Path, how: Reading, console: Console) -> Import:
    try:
        return await api.import_document(
            file.read_bytes(), name=escaped(file.name)[-200:], format=how.format, client=how.client, profile=how.profile
        )
    except Failed as failed:
        raise Unusable(f"{harmless(file)}{failed.trouble.place}: {told(failed.trouble)}") from None
    except OSError as error:
        raise Unusable(f"{harmless(file)}: {error.strerror}") from None
    except asyncio.CancelledError:
        console.print(f"{harmless(file)} may have arrived. Import it again: nothing is doubled.", markup=False)
        raise


async def _watched(api: Closeout, one: Import, console: Console, called: str) -> Import:
    """An import at its end, with a bar until then; who stops watching is told how to go on."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[counts]}", markup=False),
    )
    try:
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
            task = bar.add_task(called, total=None, counts="queued")
            async for one in api.progress(one):  # noqa: B020, PLR1704 - the same import, later
                bar.update(task, completed=one.read, total=one.total, counts=_counts(one))
    except asyncio.CancelledError:
        console.print(
            f"{called} is still being imported. Follow it: closeout import --follow {one.id}",
            markup=False,
            style="bold",
        )
        raise
    console.print(f"{called}: {_counts(one)}", markup=False, highlight=False)
    return one


def _counts(one: Import) -> str:
    of = "" if one.total is None else f" of {one.total}"
    parts = [f"{one.read}{of} read", *(f"{n} {what}" for what in COUNTS if (n := getattr(one, what)))]
    if one.rate is not None:
        parts.append(f"{one.rate:.0f}/s")
    if one.seconds_left is not None and not one.ended:
        parts.append(f"{one.seconds_left:.0f} s left")
    return ", ".join(parts)


async def _receipts(api: Closeout, one: Import, showing: Showing) -> None:
    """The receipts as a table; how to have those that do not fit."""
    number = one.read if showing.verbose else one.rejected
    if not number:
        return
    table = Table("item", "result", "number", "status", "external id", "why")
    async for receipt in api.receipts(one, None if showing.verbose else "rejected"):
        if len(table.rows) == MOST:
            break
        table.add_row(*_row(receipt))
    showing.console.print(table)
    if number > MOST and showing.receipts is None:
        showing.console.print(
            f"{number - MOST} more; all of them: closeout import --follow {one.id} --receipts FILE.csv", markup=False
        )


def _row(receipt: Receipt) -> list[Text]:
    why = receipt.problem.detail if receipt.problem is not None else receipt.reason
    cells = (receipt.index, receipt.result, receipt.number, receipt.status, receipt.external_id, why)
    return [harmless(cell) for cell in cells]
