"""A folder that is watched: each document that is put into it is imported, and moved beside what became of it.

The key of an import is made of the document and of how it is read: after a crash at any point, the same document is the
same import. What was rejected before is tried again when its document is put there again.
"""

import asyncio
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from services.client import Closeout, Failed, Import, Trouble, Unreached
from services.runs import Unusable
from services.sending import Address, Reading, escaped, harmless, told

POLL = 1.0
"""Seconds between two looks at the folder."""

DONE, FAILED = "done", "failed"

LONGEST = 200
"""Bytes of a document's name: beyond them, its receipts would have a name that file systems do not take."""

UNFIT = f"Its name is not UTF-8, or has more than {LONGEST} bytes: put it back under another. (unfit_name)\n"

OF_THE_DOCUMENT = frozenset({400, 413, 415, 422})
"""Statuses that are about the document; what else is refused would be so for each."""

Seen = tuple[int, int, int]
"""A file's inode, size and time of change: while one of these moves, somebody writes."""


@dataclass(slots=True)
class Folder:
    """A folder, and what was there when it was last looked at; what becomes of its documents is said on the console."""

    path: Path
    how: Reading
    console: Console
    _seen: dict[Path, Seen] = field(default_factory=dict)
    _left: dict[Path, Seen] = field(default_factory=dict)

    def complete(self) -> list[Path]:
        """The documents that nobody has written to since the last look, by name."""
        before, self._seen = self._seen, dict(self._there())
        return sorted(file for file, seen in self._seen.items() if before.get(file) == seen)

    async def take(self, api: Closeout, file: Path) -> None:
        """Imports a document and moves it away. Unusable where the API refuses the caller, and not the document."""
        try:
            document = file.read_bytes()
            if _seen(file.stat(follow_symlinks=False)) != self._seen[file]:
                return
        except FileNotFoundError:
            return
        except OSError as error:
            self._leave(file, error)
            return
        if not _is_fit(file.name):
            self._move(file, document, FAILED, UNFIT.encode(), ".problem.txt")
            return
        try:
            one = await self._imported(api, file.name, document)
        except Failed as failed:
            if failed.trouble.status not in OF_THE_DOCUMENT:
                raise Unusable(f"{harmless(self.path)}: {told(failed.trouble)}") from None
            self._refuse(file, document, failed.trouble)
            return
        if one.problem is not None:
            self._refuse(file, document, one.problem)
            return
        to = DONE if _is_well(one) else FAILED
        self._move(file, document, to, await api.receipts_csv(one), ".receipts.csv")

    def _leave(self, file: Path, error: OSError) -> None:
        """Leaves a document that cannot be read where it is, and says so once; it is tried again at each look."""
        if self._left.get(file) != self._seen[file]:
            self._left[file] = self._seen[file]
            self.console.print(harmless(f"{file.name}: {error.strerror}; it is left there, and tried again"))

    async def _imported(self, api: Closeout, name: str, document: bytes) -> Import:
        how = self.how
        parts = (hashlib.sha256(document).hexdigest(), name, how.format, how.client, how.profile)
        key = _digest(*parts)
        while True:
            one = await api.import_document(
                document,
                name=name,
                format=how.format,
                client=how.client,
                profile=how.profile,
                idempotency_key=key,
            )
            if not one.ended or _is_well(one):
                return await api.imported(one)
            # The end of an earlier try, when the document was here before.
            key = _digest(key, one.id)

    def _there(self) -> Iterator[tuple[Path, Seen]]:
        for entry in os.scandir(self.path):
            if not entry.name.startswith(".") and entry.is_file(follow_symlinks=False):
                try:
                    stat = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                if stat.st_size:
                    yield Path(entry.path), _seen(stat)

    def _refuse(self, file: Path, document: bytes, why: Trouble) -> None:
        """Moves a document that was not taken, beside why and where."""
        said = f"{harmless(file.name)}{why.place}: {told(why)}\n"
        self._move(file, document, FAILED, said.encode(), ".problem.txt")

    def _move(self, file: Path, document: bytes, to: str, beside: bytes, suffix: str) -> None:
        """First what is told of the document, then the document: what is still in the folder is not yet told."""
        folder = self.path / to
        folder.mkdir(exist_ok=True)
        target = folder / (file.name if _is_fit(file.name) else _shortened(file.name))
        if target.exists() and target.read_bytes() != document:
            target = target.with_stem(f"{target.stem}.{hashlib.sha256(document).hexdigest()[:8]}")
        unfinished = folder / f".{target.name}{suffix}"
        unfinished.write_bytes(beside)
        unfinished.replace(folder / f"{target.name}{suffix}")
        file.replace(target)
        self.console.print(harmless(f"{file.name}: {to}, see {target}{suffix}"))


async def watch(path: Path, how: Reading, to: Address, console: Console) -> None:
    """Imports what is put into a folder, for as long as the process lives; an API that is away is waited for.

    Unusable where the folder cannot be worked in, or the API refuses the caller.
    """
    folder = Folder(path, how, console)
    try:
        await _watch(folder, to, console)
    except OSError as error:
        raise Unusable(f"{harmless(error.filename or path)}: {error.strerror}") from None


async def _watch(folder: Folder, to: Address, console: Console) -> None:
    async with to.open() as api:
        console.print(harmless(f"{folder.path} is watched; Ctrl-C ends it"))
        while True:
            for file in folder.complete():
                try:
                    await folder.take(api, file)
                except Unreached as error:
                    console.print(harmless(f"{file.name}: {error}; tried again"))
            await asyncio.sleep(POLL)


def _seen(stat: os.stat_result) -> Seen:
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _is_fit(name: str) -> bool:
    """Whether a document keeps its name, and its receipts have theirs beside it."""
    try:
        return len(name.encode()) <= LONGEST
    except UnicodeEncodeError:
        return False


def _shortened(name: str) -> str:
    """A name in place of one that does not fit: escaped, and where it is too long for that, cut before its digest."""
    said = Path(escaped(name))
    if len(said.name.encode()) <= LONGEST:
        return said.name
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:8]
    ending = f".{digest}{said.suffix}" if len(said.suffix.encode()) <= LONGEST // 4 else f".{digest}"
    return said.name.encode()[: LONGEST - len(ending.encode())].decode(errors="ignore") + ending


def _is_well(one: Import) -> bool:
    return one.state == "done" and not one.rejected


def _digest(*parts: str | None) -> str:
    return "watch:" + hashlib.sha256(repr(parts).encode()).hexdigest()
