"""What audits and certificates are about, as commands name it: standards and sites, each once."""

from collections.abc import Hashable
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field

from workflows import standards
from workflows.procedure import Name
from workflows.sentences import Sentence

T = TypeVar("T", bound=Hashable)


def each_once(named: tuple[T, ...]) -> tuple[T, ...]:
    """What is named, where nothing is named twice. Raises ValueError otherwise."""
    if len(set(named)) < len(named):
        raise ValueError(Sentence("each is named once"))
    return named


def _normal(text: str) -> str:
    known = standards.standard(text)
    return f"{known.name}:{known.edition}" if known.edition else known.name


Standard = Annotated[Name, AfterValidator(_normal)]
"""A standard in its normal name, its edition behind a colon: `iso 27001:2022` is `ISO/IEC 27001:2022`."""

Standards = Annotated[tuple[Standard, ...], Field(min_length=1, max_length=50), AfterValidator(each_once)]
Sites = Annotated[tuple[Name, ...], Field(max_length=500), AfterValidator(each_once)]
