"""Sentences that know their parts: English as they stand, told in other words and by another clock where read.

To whoever takes them as text they are text: what is answered, recorded and logged is English.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, NamedTuple, Self
from zoneinfo import ZoneInfo

from pydantic import GetPydanticSchema
from pydantic_core import core_schema


class Sentence(str):
    """A sentence, or a part of one: `says` is a format string over its `facts`."""

    __slots__ = ("facts", "says")

    says: str
    facts: Mapping[str, object]

    def __new__(cls, says: str, /, **facts: object) -> Self:
        """The sentence in English, which keeps what it was made of."""
        made = super().__new__(cls, says.format(**facts))
        made.says, made.facts = says, facts
        return made


class Fact(str):
    """A part of a sentence as English writes it; `value` is what it says."""

    __slots__ = ("value",)

    value: object

    def __new__(cls, text: str, value: object) -> Self:
        """The text, which keeps what it says."""
        made = super().__new__(cls, text)
        made.value = value
        return made


class There(NamedTuple):
    """An instant that is told by the clock of the zone in which it was set, which is named."""

    at: datetime
    zone: ZoneInfo
    whole_day: bool


class Value(NamedTuple):
    """A value of the record, which is called by a word where it is read: of which kind it is, and what it is."""

    kind: str
    name: str


class Tally(NamedTuple):
    """How many there are of each value of a kind."""

    kind: str
    counts: tuple[tuple[str, int], ...]


class Parts(NamedTuple):
    """Several parts, one after the other, with what stands between them."""

    parts: tuple[str, ...]
    between: str = ", "


def mark(text: str) -> str:
    """A text that is translated where it is shown."""
    return text


Told = Annotated[
    str,
    GetPydanticSchema(
        # Pydantic makes bare text of what is more than text.
        lambda _source, _handler: core_schema.json_or_python_schema(
            core_schema.str_schema(), core_schema.is_instance_schema(str)
        )
    ),
]
"""A text of a model, which stays the sentence that it is."""
