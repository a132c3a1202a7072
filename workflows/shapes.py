"""What is wrong with a JSON value that does not have its shape: where, and a sentence in JSON's own terms."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, NamedTuple

from pydantic import StringConstraints, ValidationError

from workflows.sentences import Fact, Sentence, mark

Kept = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
"""A text without the one character that Postgres cannot keep."""

TEXT = mark("A text is expected here.")
LIST = mark("A list is expected here.")
OBJECT = mark("An object is expected here.")
WHOLE = mark("A whole number is expected here.")
NUMBER = mark("A number is expected here.")
TRUTH = mark("true or false is expected here.")
DAY = mark("A date such as 2026-03-01 is expected here.")
MOMENT = mark("A time such as 2026-03-01T09:30:00Z is expected here.")
DURATION = mark("An ISO 8601 duration such as P14D is expected here.")

_SAYS: Mapping[str, str] = {
    "missing": mark("This field is required."),
    "extra_forbidden": mark("There is no such field."),
    "string_type": TEXT,
    "string_unicode": mark("This text holds half a character, which cannot be recorded here."),
    "string_pattern_mismatch": mark("This text does not have the form {pattern}."),
    "string_too_long": mark("This text is longer than {max_length} characters."),
    "too_long": mark("This list has more than {max_length} entries."),
    "tuple_type": LIST,
    "list_type": LIST,
    "set_type": LIST,
    "frozen_set_type": LIST,
    "dict_type": OBJECT,
    "model_type": OBJECT,
    "model_attributes_type": OBJECT,
    "mapping_type": OBJECT,
    "int_type": WHOLE,
    "int_parsing": WHOLE,
    "int_parsing_size": WHOLE,
    "int_from_float": WHOLE,
    "float_type": NUMBER,
    "float_parsing": NUMBER,
    "finite_number": NUMBER,
    "bool_type": TRUTH,
    "bool_parsing": TRUTH,
    "date_type": DAY,
    "date_parsing": DAY,
    "date_from_datetime_parsing": DAY,
    "date_from_datetime_inexact": DAY,
    "datetime_type": MOMENT,
    "datetime_parsing": MOMENT,
    "datetime_from_date_parsing": MOMENT,
    "datetime_object_invalid": MOMENT,
    "timezone_aware": mark("A time names its zone, such as 2026-03-01T09:30:00Z."),
    "time_delta_type": DURATION,
    "time_delta_parsing": DURATION,
    "greater_than": mark("A number above {gt} is expected here."),
    "greater_than_equal": mark("{ge} or more is expected here."),
    "less_than": mark("A number below {lt} is expected here."),
    "less_than_equal": mark("{le} or less is expected here."),
}
_DAYS: Mapping[str, str] = {
    "greater_than_equal": mark("A date from {ge} on is expected here."),
    "less_than_equal": mark("A date up to {le} is expected here."),
}
"""Of bounds that are days."""

_FORMS: Mapping[str, str] = {
    r"^[^\x00]*$": mark("This text holds a NUL character, which Postgres cannot keep."),
    r"^[^\p{Cc}]{1,200}$": mark("One to 200 characters are expected here, none of them a control character."),
    r"^[^\p{Cc}]{1,255}$": mark("One to 255 characters are expected here, none of them a control character."),
    r"^[^\x00-\x1f\x7f]+$": mark("One line of text is expected here."),
    r"^[^\r\n]+$": mark("One line of text is expected here."),
    r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$": mark(
        "Letters, digits and . _ - are expected here, at most 64, no sign first."
    ),
    r"^[a-z0-9][a-z0-9-]{0,62}$": mark("Small letters, digits and - are expected here, at most 63, no - first."),
    r"^[a-z0-9][a-z0-9_-]*$": mark("Small letters, digits and _ - are expected here, no sign first."),
    r"^[a-z][a-z0-9_-]*$": mark("Small letters, digits and _ - are expected here, a letter first."),
    r"^[a-z][a-z0-9_]*$": mark("Small letters, digits and _ are expected here, a letter first."),
    r"^[0-9a-f]{64}$": mark("A SHA-256 is expected here: 64 of the digits 0 to 9 and a to f."),
    r"^[A-Z]{2}$": mark("Two capital letters are expected here, such as AT."),
    r"^[A-Z0-9]{1,3}$": mark("One to three capital letters or digits are expected here, such as BY."),
    r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$": mark("A language is expected here, such as en or de-AT."),
    r"^[!-~]{0,200}$": mark("Printable letters and signs of ASCII are expected here, at most 200."),
    r"^(postgres(ql)?://.*)?$": mark("An address such as postgresql://login@host/closeout is expected here."),
    r"^([^\s:]+:\d+|\[[0-9a-fA-F:]+\]:\d+)?$": mark("A host and a port are expected here, such as temporal:7233."),
    r"^(https?://.*[^/])?$": mark("An http or https address without / at its end is expected here."),
    r"^openid( .*)?$": mark("Scopes are expected here, openid first, with spaces between."),
    r"^((s3|gs|az)://[^/\s]+\S*|file:///\S*)?$": mark(
        "A store is expected here, such as s3://bucket/folder or file:///folder."
    ),
}
"""What is wrong with texts that are not of these patterns."""

_SHORT: Mapping[str, tuple[str, str]] = {
    "too_short": (mark("This list is empty."), mark("This list has fewer than {least} entries.")),
    "string_too_short": (mark("This text is empty."), mark("This text has fewer than {least} characters.")),
}
"""Of what is too short: where it is empty, and else."""

_IS_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_OWN = ("value_error", "assertion_error")
"""Sentences of our own validators, which pydantic sets a prefix before."""


class Misfit(NamedTuple):
    """One thing that is wrong: pydantic's type of error, a sentence, and where (RFC 6901)."""

    type: str
    detail: str
    pointer: str


def faults(error: ValidationError) -> Sequence[Misfit]:
    """Everything that is wrong, in order, but what a whole lacks only because of a fault in one of its parts."""
    return tell(error.errors(include_url=False, include_input=False))


def tell(errors: Sequence[Mapping[str, Any]]) -> Sequence[Misfit]:
    """The same, of errors as pydantic lists them.

    A validator of a whole names the place in it by `within` in its error's context: pydantic knows that of the whole.
    """
    at = [(*one["loc"], *(one.get("ctx") or {}).get("within", ())) for one in errors]
    above = {place[:length] for place in at for length in range(len(place))}
    own = [(one, place) for one, place in zip(errors, at, strict=True) if place not in above]
    return [Misfit(one["type"], sentence(one), pointer(place)) for one, place in own]


def sentence(error: Mapping[str, Any]) -> str:
    """What is wrong, of an error as pydantic lists it."""
    kind, context = error["type"], error.get("ctx") or {}
    if kind in _OWN:
        return _of(context.get("error")) or str(error["msg"]).partition(", ")[2]
    if kind in ("literal_error", "enum"):
        expected = context["expected"].replace(chr(39), "")
        return Sentence("One of these is expected here: {expected}.", expected=expected)
    if kind == "string_pattern_mismatch" and context["pattern"] in _FORMS:
        return Sentence(_FORMS[context["pattern"]])
    if kind in ("too_short", "string_too_short"):
        empty, short = _SHORT[kind]
        least = context["min_length"]
        return Sentence(empty if least == 1 else short, least=least)
    bounds = {name: _bound(value) for name, value in context.items()}
    says = (_DAYS if any(isinstance(bound, Fact) for bound in bounds.values()) else _SAYS).get(kind)
    return Sentence(says, **bounds) if says else f"{str(error['msg']).removesuffix('.')}."


def _of(error: object) -> Sentence | None:
    """What one of our own validators says, where it says it by its parts."""
    said = error.args[0] if isinstance(error, Exception) and error.args else None
    return said if isinstance(said, Sentence) else None


def _bound(value: object) -> object:
    """A bound as it is told: days are texts here."""
    text = str(value)
    return Fact(text, date.fromisoformat(text)) if _IS_DAY.fullmatch(text) else value


def pointer(at: Sequence[int | str]) -> str:
    """A place in a JSON value (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in at)
