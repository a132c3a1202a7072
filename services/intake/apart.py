"""Reading in a process of its own: `python -m services.intake`, a document on its input, items on its output.

A reader that takes too long is ended, one that takes too much memory ends itself, and what aborts the interpreter (a
parser in another language) aborts nobody else. Frames go both ways: four bytes of length, then a pickle; whoever writes
them is ours. A reader that comes upon one finding's client by several names asks who that is, and waits for the answer.
"""

import math
import pickle
import resource
import signal
import struct
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, BinaryIO, NamedTuple, Protocol, TypeVar

from services import intake
from services.intake.items import Context, Item, Limits, TooLarge, UnknownFormat, Unreadable
from services.intake.statements import Naming, settled, strangers
from services.intake.suggest import Suggestion, suggest
from services.intake.text import Shared

HEAD = struct.Struct(">I")
BATCH = 250
"""Items in one frame, and in one transaction: 500 are no faster, and a worker holds 40 MB more for three of them."""
MOST_NOTES, LONGEST_NOTE = 20, 300


T_co = TypeVar("T_co", covariant=True)


class Readable(Protocol[T_co]):
    """What a reader is given: a document within bounds, and what is read of it."""

    @property
    def document(self) -> bytes:
        """Its bytes."""

    @property
    def limits(self) -> Limits:
        """Its bounds."""

    def read(self, naming: Naming = strangers) -> Iterator[T_co]:
        """What it holds. Raises Unreadable, TooLarge and UnknownFormat, and what `naming` raises."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A document and how it is to be read: as `format`, or as its bytes, media type and file name say."""

    document: bytes
    context: Context
    format: str | None = None
    media_type: str | None = None
    name: str | None = None

    @property
    def limits(self) -> Limits:
        """The bounds of the document."""
        return self.context.limits

    def called(self) -> str:
        """The name of its format: a table that comes with a profile is read by that, whoever wrote it.

        Raises TooLarge and UnknownFormat.
        """
        return self._called(self.document)

    def _called(self, document: bytes) -> str:
        if self.format is None and self.context.profile is not None:
            tables = (name for name in ("xlsx", "csv") if intake.FORMATS[name].looks(document))
            if table := next(tables, None):
                return table
        return self.format or intake.detect(document, self.media_type, self.name, self.context.limits)

    def read(self, naming: Naming = strangers) -> Iterator["Batch"]:
        """The document's items, those about one finding saying one thing of it; one empty batch where there are none.

        Raises Unreadable, TooLarge and UnknownFormat.
        """
        document = Shared(self.document)
        called = self._called(document)
        context = replace(self.context, notes=[])
        items = intake.read(document, called, context)
        if intake.FORMATS[called].repeats(document, context.limits):
            items = settled(items, context, naming)
        batch = list(islice(items, BATCH))
        # How it was read is said also where there is nothing to read.
        notes = tuple(note[:LONGEST_NOTE] for note in context.notes[:MOST_NOTES])
        yield Batch(called, batch, notes)
        while batch := list(islice(items, BATCH)):
            yield Batch(called, batch, notes)


class Batch(NamedTuple):
    """Some items of a document, the format as which it is read, and how: sentences about the document as a whole."""

    format: str
    items: Sequence[Item]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """A table for which a profile is to be proposed."""

    document: bytes
    limits: Limits

    def read(self, _: Naming = strangers) -> Iterator[Suggestion]:
        """The profile. Raises Unreadable and TooLarge."""
        yield suggest(self.document, self.limits)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why the rest of a document cannot be read, as it travels: exceptions with fields do not."""

    kind: str
    said: dict[str, Any]

    @classmethod
    def of(cls, error: Unreadable | TooLarge | UnknownFormat) -> "Refused":
        """What an error says."""
        said: dict[str, Any] = {"detail": error.detail}
        match error:
            case Unreadable():
                said |= {"code": error.code, "line": error.line, "column": error.column, "path": error.path}
            case TooLarge():
                said |= {"code": error.code}
            case UnknownFormat():
                said |= {"considered": error.considered, "lacks": error.lacks}
        return cls(type(error).__name__, said)

    def error(self) -> Unreadable | TooLarge | UnknownFormat:
        """The error that says it."""
        kinds: dict[str, type[Any]] = {kind.__name__: kind for kind in (Unreadable, TooLarge, UnknownFormat)}
        error: Unreadable | TooLarge | UnknownFormat = kinds[self.kind](**self.said)
        return error


@dataclass(frozen=True, slots=True)
class Names:
    """What a document calls clients, whose keys are asked for."""

    names: frozenset[str]


Frame = Batch | Suggestion | Names | Refused | None
"""Some items, or a profile; a question; why there is no more; or None: that was all."""


def frame(value: object) -> bytes:
    """A value as it is written."""
    body = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    return HEAD.pack(len(body)) + body


def frames(asked: Readable[Batch | Suggestion], naming: Naming = strangers) -> Iterator[Frame]:
    """What a document holds, to the frame that ends it."""
    try:
        yield from asked.read(naming)
        yield None
    except (Unreadable, TooLarge, UnknownFormat) as error:
        yield Refused.of(error)
    except MemoryError:
        most = asked.limits.memory
        yield Refused.of(TooLarge("too_much_memory", f"Reading it takes more than {most:,} bytes of memory."))


def main(source: BinaryIO, sink: BinaryIO) -> None:
    """Reads one document; none, where whoever started it has none for it."""
    # Who presses Ctrl-C means the process that started this one, which ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    head = source.read(HEAD.size)
    if not head:
        return
    asked: Asked | Sample = _unframed(source, head)
    limits = asked.limits
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    # At the hard limit the kernel kills without saying why; and what starting took is not the document's.
    soft = limits.seconds + math.ceil(time.process_time())
    resource.setrlimit(resource.RLIMIT_CPU, (soft, soft + 2))
    # No file that a crash might leave of somebody's document.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    def tell(one: Frame) -> None:
        sink.write(frame(one))
        sink.flush()

    def naming(names: frozenset[str]) -> Mapping[str, str]:
        tell(Names(names))
        keys: Mapping[str, str] = _unframed(source, source.read(HEAD.size))
        return keys

    for each in frames(asked, naming):
        tell(each)


def _unframed(source: BinaryIO, head: bytes) -> Any:
    """What follows the head of a frame."""
    [length] = HEAD.unpack(head)
    return pickle.loads(source.read(length))  # noqa: S301 - of the process that started this one
