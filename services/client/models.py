"""What the API answers, as values; a field that a newer server adds is left out, `raw` has all of it."""

from datetime import datetime
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from workflows.people import Message

ImportState = Literal["queued", "reading", "done", "failed", "cancelled"]
Result = Literal["created", "duplicate", "updated", "recurred", "skipped", "rejected"]


class Trouble(Message):
    """A problem document (RFC 9457): `code` is stable, `pointer`s in `errors` name the fields at fault.

    `wait` is after how many seconds a caller that asks too often is heard again.
    """

    status: int
    code: str
    detail: str = ""
    errors: tuple[dict[str, str], ...] = ()
    line: int | None = None
    column: int | None = None
    path: str | None = None
    wait: float | None = None

    @property
    def place(self) -> str:
        """Where in a document, as compilers write it; empty where it is not about one."""
        if self.line is None:
            return f" at {self.path}" if self.path else ""
        return f":{self.line}" if self.column is None else f":{self.line}:{self.column}"


class Flag(Message):
    """Something of a finding that was assumed, cut or doubted, and where in it (RFC 6901).

    `not_issued` says by which `rule` a grade that it states was not applied, with a sentence.
    """

    code: str
    pointer: str | None = None
    rule: str | None = None
    detail: str = ""


class Receipt(Message):
    """What became of one finding; `escaped` are the places of texts that are held with an escape."""

    index: int = 0
    external_id: str | None = None
    result: Result
    id: str | None = None
    number: str | None = None
    status: str | None = None
    reason: str | None = None
    flags: tuple[Flag, ...] = ()
    escaped: tuple[str, ...] = ()
    problem: Trouble | None = None


class Receipts(Message):
    """What became of many findings, in their order."""

    accepted: int
    duplicates: int
    updated: int
    skipped: int
    rejected: int
    items: tuple[Receipt, ...]


class Import(Message):
    """An import: how far it has come. `total` and `seconds_left` are None while nobody knows, times are in seconds.

    `read_as` is the format that it turned out to have, `notes` say how it was read.
    """

    id: str
    state: ImportState
    source: str
    name: str = ""
    read_as: str | None = None
    notes: tuple[str, ...] = ()
    document: str
    read: int
    total: int | None = None
    created: int = 0
    duplicate: int = 0
    updated: int = 0
    recurred: int = 0
    skipped: int = 0
    rejected: int = 0
    rate: float | None = None
    seconds_left: float | None = None
    problem: Trouble | None = None
    received_at: datetime
    ended_at: datetime | None = None

    @property
    def ended(self) -> bool:
        """Whether it goes on no more, one way or another."""
        return self.ended_at is not None


class Deadline(Message):
    """One date of a case, and why it is that."""

    kind: str
    due_at: datetime
    state: str
    explanation: tuple[str, ...] = ()


class Signable(Message):
    """What a signature on a command has to cover now."""

    sha256: str
    meaning: str


class _Raw(BaseModel):
    """A value that keeps all that the server said."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    raw: dict[str, Any] = Field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, raw: dict[str, Any]) -> Self:
        """The value of an answer."""
        return cls.model_validate({**raw, "raw": raw})


class Listed(_Raw):
    """A case as lists show it."""

    id: str
    number: str | None = None
    status: str
    grade: str | None = None
    client: str
    title: str


class Thing(_Raw):
    """What commands are given on: `seq` and `head` are where its record ends, `signable` what the caller could sign."""

    noun: ClassVar[str]
    id: str
    status: str
    seq: int
    head: str
    signable: dict[str, Signable] = {}
    allowed: tuple[dict[str, Any], ...] = ()

    @property
    def may(self) -> frozenset[str]:
        """The commands that nothing stands against now."""
        return frozenset(one["command"] for one in self.allowed if not one.get("why_not"))


class Case(Thing, Listed):
    """A nonconformity in full."""

    noun = "nonconformities"
    deadlines: tuple[Deadline, ...] = ()
    review_ids: tuple[str, ...] = ()


class Review(Thing):
    """A committee's review of a case."""

    noun = "committee-reviews"
    case_id: str


class Answer(Message):
    """What a command recorded."""

    seq: int
    status: str
    head: str
    events: tuple[dict[str, Any], ...] = ()


class Event(_Raw):
    """An event (CloudEvents 1.0): `sequence` is what a follower goes on from, `subject` its stream."""

    id: str
    type: str
    source: str
    time: datetime
    subject: str = ""
    sequence: str = ""
    data: dict[str, Any] | None = None
