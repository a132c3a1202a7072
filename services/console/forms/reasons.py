"""Reasons that are often given when a plan or evidence goes back, by section: the packaged ones, and a body's own.

The packaged ones are data beside this module, and words of the catalogue. A body's own are as they were written.
"""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, BinaryIO, Literal, get_args

from pydantic import StringConstraints

from activities.directory import reasons
from activities.directory.reasons import Own
from activities.ledger.database import Database
from services.console.frame.catalogue import gettext
from workflows.people import Frozen
from workflows.procedure import Key, Text

PACKAGED = Path(__file__).parent / "reasons.toml"

Section = Literal["correction", "cause", "extent", "actions", "evidence"]


class Reason(Frozen):
    """One packaged reason. `code` names it in the form, `text` is what is put there, in English."""

    code: Annotated[Key, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    section: Section
    text: Text


class _Packaged(Frozen):
    reason: tuple[Reason, ...]


def read(path: Path) -> Sequence[Reason]:
    """The reasons of a file. Raises OSError, TOMLDecodeError, and ValidationError."""
    return _Packaged.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).reason


@cache
def _packaged() -> Sequence[Reason]:
    return read(PACKAGED)


def packaged(section: Section) -> dict[str, str]:
    """The packaged reasons for a section by code, in the reader's language."""
    return {one.code: gettext(one.text) for one in _packaged() if one.section == section}


@dataclass(frozen=True, slots=True)
class Stock:
    """The reasons at hand to the reviewers of a body, which has `own` ones for some sections."""

    own: Mapping[str, Own]

    def offered(self, section: Section) -> dict[str, str]:
        """The reasons for a section by code: the packaged ones unless they are replaced, then the body's own."""
        own = self.own.get(section)
        if own is None:
            return packaged(section)
        return {**({} if own.replaces else packaged(section)), **{_code(text): text for text in own.texts}}

    def text(self, code: str) -> str | None:
        """The text of a reason; None for a code that none has."""
        return next((known[code] for known in map(self.offered, get_args(Section)) if code in known), None)


def _code(text: str) -> str:
    # Not its place in the list: that may have changed since the page was shown.
    return f"own_{hashlib.sha256(text.encode()).hexdigest()[:16]}"


async def stock(database: Database, tenant: str) -> Stock:
    """The reasons of a body. Raises Unavailable."""
    return Stock(await reasons.listed(database, tenant))


def extract(file: BinaryIO, *_: object, **__: object) -> Iterator[tuple[int, None, str, list[str]]]:
    """The texts of such a file for Babel's catalogues, each under its code."""
    content = file.read().decode()
    for one in _Packaged.model_validate(tomllib.loads(content)).reason:
        line = content.count("\n", 0, content.index(f'code = "{one.code}"')) + 1
        yield line, None, one.text, [one.code]
