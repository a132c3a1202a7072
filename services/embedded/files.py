"""Files of the data folder that nobody else may read, and the lock that keeps the folder to one supervisor."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class DataInUse(Exception):
    """Another `closeout up` runs on the same folder."""

    def __init__(self, folder: Path, pid: str) -> None:
        super().__init__(f"{folder} is in use by another closeout up, process {pid or 'unknown'}: stop that one first")


def write_private(file: Path, text: str) -> None:
    """Replaces a file at once and whole, readable by its owner alone."""
    _draft(file, text.encode()).replace(file)


def make_private(file: Path, content: bytes) -> None:
    """Writes such a file where there is none; one that another process makes meanwhile stays."""
    draft = _draft(file, content)
    try:
        os.link(draft, file)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _draft(file: Path, content: bytes) -> Path:
    """The content beside its place, on the disk already."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    return draft


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds the data folder, making it if need be; raises DataInUse that names the process which holds it.

    The kernel frees the lock with the process, however that ends.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise DataInUse(folder, file.read().strip()) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
