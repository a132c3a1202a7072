"""What intake answers: one item for each finding in a document, and the three refusals of a whole document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from services.intake.places import Cells
from services.intake.profiles import Profile
from workflows.findings import Finding, Flag, Part, Problem

Reason = Literal["passed", "not_assessed", "suppressed", "resolved", "archived", "sample", "superseded", "unrelated"]


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one document: bytes, items, and how deep its values nest.

    Of XML and YAML also how many values there are, of YAML to how many characters it inflates: each alias counts as all
    that it repeats. Of a workbook also the columns and cells of a sheet, the bytes to which it inflates, and how many
    times its own size one of its members may become. Read in a process of its own (`apart`), also that process's memory
    in bytes and its processor's time in seconds.
    """

    bytes: int = 32 * 2**20
    items: int = 10_000
    depth: int = 64
    values: int = 2_000_000
    columns: int = 1_000
    cells: int = 2_000_000
    inflated: int = 64 * 2**20
    ratio: int = 200
    memory: int = 2**30
    seconds: int = 120


@dataclass(frozen=True, slots=True)
class Context:
    """What the request says and the document may not: the client, the system of the API key, a table's profile.

    `source` is the API key's, among whose references all findings are, whatever the document calls their system; None
    for what people send. Into `notes`, a reader writes how it read the document, before its first item.
    """

    client: str | None = None
    system: str | None = None
    limits: Limits = field(default_factory=Limits)
    profile: Profile | None = None
    source: str | None = None
    notes: list[str] = field(default_factory=list, compare=False)


# Without slots, which cost a call of Python for each of ten thousand that are pickled, and one that is unpickled.
@dataclass(frozen=True)
class Found:
    """A finding to report. `revision` is when the source last changed it, `escaped` where text could not be held.

    `delivery` names what brought it, where an envelope does: the same at every attempt to deliver it. `part` is what a
    document states of a finding whose other parts come in others; the rest of it holds only where nothing is known yet.
    `cells` are where it stands in a table, where it comes from one by a profile.
    """

    index: int
    finding: Finding
    flags: Sequence[Flag] = ()
    revision: datetime | None = None
    escaped: Sequence[str] = ()
    delivery: str | None = None
    part: Part | None = None
    cells: Cells | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """An item that is no open finding: passed, suppressed, resolved, replaced by a newer revision further on.

    `unrelated` is what a webhook says of something else. `revision` is when the source last changed it, `client` and
    `system` what its own row calls the client and its source.
    """

    index: int
    external_id: str | None
    reason: Reason
    revision: datetime | None = None
    client: str | None = None
    system: str | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """An item that cannot be read; the rest of its document is not lost. `problems` holds one entry at least."""

    index: int
    external_id: str | None
    problems: Sequence[Problem]

    @property
    def problem(self) -> Problem:
        """The first problem: its code and pointer stand for the item."""
        return self.problems[0]


Item: TypeAlias = Found | Skipped | Rejected


class Unreadable(ValueError):
    """A document that breaks its own format (400): `line` and `column` count from 1, `path` is a pointer (RFC 6901).

    Where nothing nearer is known, `path` is the whole document's.
    """

    def __init__(
        self, code: str, detail: str, *, line: int | None = None, column: int | None = None, path: str | None = None
    ) -> None:
        self.code, self.detail, self.line, self.column = code, detail, line, column
        self.path = "" if line is None and path is None else path
        super().__init__(detail)


Bound = Literal[
    "too_many_bytes",
    "too_many_items",
    "too_deep",
    "too_many_values",
    "too_many_columns",
    "too_many_cells",
    "inflates_too_far",
    "too_much_memory",
    "too_slow",
]


class TooLarge(ValueError):
    """A document beyond a bound (413)."""

    def __init__(self, code: Bound, detail: str) -> None:
        self.code, self.detail = code, detail
        super().__init__(detail)


class UnknownFormat(ValueError):
    """A document that no format claims (415): `considered` names the formats, `lacks` what each did not find in it."""

    code = "unknown_format"

    def __init__(self, detail: str, considered: Sequence[str], lacks: Mapping[str, str] | None = None) -> None:
        self.detail, self.considered, self.lacks = detail, tuple(considered), dict(lacks or {})
        told = (f"{name} ({self.lacks[name]})" if name in self.lacks else name for name in considered)
        super().__init__(f"{detail} Formats: {', '.join(told)}.")
