"""Reasons that are often given when a plan or evidence goes back: data beside this module, words of the catalogue."""

import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, BinaryIO, Literal

from pydantic import StringConstraints

from services.console.frame.catalogue import gettext
from workflows.people import Frozen
from workflows.procedure import Key, Text

PACKAGED = Path(__file__).parent / "reasons.toml"

Section = Literal["correction", "cause", "extent", "actions", "evidence"]


class Reason(Frozen):
    """One reason. `code` names it in the form, `text` is what is put there, in English."""

    code: Annotated[Key, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    section: Section
    text: Text


class _Stock(Frozen):
    reason: tuple[Reason, ...]


def read(path: Path) -> Sequence[Reason]:
    """The reasons of a file. Raises OSError, TOMLDecodeError, and ValidationError."""
    return _Stock.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).reason


@cache
def _stock() -> Sequence[Reason]:
    return read(PACKAGED)


def offered(section: Section) -> list[tuple[str, str]]:
    """The reasons for a section, each with its text in the reader's language."""
    return [(one.code, gettext(one.text)) for one in _stock() if one.section == section]


def text(code: str) -> str | None:
    """The text of a reason in the reader's language; None for a code that none has."""
    return next((gettext(one.text) for one in _stock() if one.code == code), None)


def extract(file: BinaryIO, *_: object, **__: object) -> Iterator[tuple[int, None, str, list[str]]]:
    """The texts of such a file for Babel's catalogues, each under its code."""
    content = file.read().decode()
    for one in _Stock.model_validate(tomllib.loads(content)).reason:
        line = content.count("\n", 0, content.index(f'code = "{one.code}"')) + 1
        yield line, None, one.text, [one.code]
