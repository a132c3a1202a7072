"""What a page says of a form that was not taken: above it, with the way to each field at fault, and at the field."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.console.forms.fields import Field
from services.console.frame.catalogue import gettext
from services.problems import Problem


@dataclass(frozen=True, slots=True)
class Amiss:
    """A field at fault: its id in the page, what it is called, and what is wrong with it."""

    place: str
    label: str
    said: str


def above(problem: Problem) -> str:
    """Why a form was not taken: of fields that break their shape, that they say so themselves."""
    if problem.code != "shape" or not problem.errors:
        return problem.detail
    whole = " ".join(f"{one.detail[:1].upper()}{one.detail[1:]}" for one in problem.errors if not one.pointer)
    return whole or gettext("Something cannot be recorded as it is written: it is said at each field.")


def at_fault(fields: Sequence[Field]) -> Iterator[Amiss]:
    """The fields at fault, in their order on the page."""
    for one in fields:
        if one.fault:
            yield Amiss(one.place, one.label, one.fault)
        yield from at_fault(one.parts)
        for row in one.rows:
            yield from at_fault(row)
