"""Column profiles: which column of somebody's table is which field of a finding, saved once, used for every import.

A profile is a TOML or JSON file. A person states what it says: no date's format and no word's meaning is guessed.
"""

import codecs
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple, Self, get_args

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from workflows import shapes
from workflows.canonical import escape
from workflows.findings import MANY, Problem
from workflows.grades import Grade, Stage
from workflows.people import Frozen
from workflows.toml_lines import place_of_fault
from workflows.zones import Zone

Kind = Literal["text", "key", "long", "word", "list", "instant", "day", "lines", "clause"]
"""How a cell becomes a value: `key` and `clause` are texts that no number may stand for."""

Closed = Literal["passed", "not_assessed", "suppressed", "resolved", "archived", "sample"]
"""Why a row is no open finding."""


class Place(NamedTuple):
    """Where a field stands in a finding (CONTRACT, Findings), and how its cells are read."""

    path: tuple[str, ...]
    kind: Kind


FIELDS: Mapping[str, Place] = {
    "external_id": Place(("source", "external_id"), "key"),
    "system": Place(("source", "system"), "text"),
    "client": Place(("client",), "text"),
    "sites": Place(("sites",), "list"),
    "department": Place(("department",), "text"),
    "process": Place(("process",), "text"),
    "title": Place(("title",), "text"),
    "statement": Place(("statement",), "long"),
    "objective_evidence": Place(("objective_evidence",), "long"),
    "grade": Place(("grade",), "word"),
    "severity": Place(("severity",), "text"),
    "requirements": Place(("requirements",), "lines"),
    "standard": Place(("requirements",), "key"),
    "edition": Place(("requirements",), "key"),
    "clause": Place(("requirements",), "clause"),
    "requirement_text": Place(("requirements",), "long"),
    "detected_at": Place(("detected_at",), "instant"),
    "updated_at": Place((), "instant"),
    "language": Place(("language",), "text"),
    "audit_ref": Place(("audit", "ref"), "key"),
    "audit_stage": Place(("audit", "stage"), "word"),
    "audit_ended_on": Place(("audit", "ended_on"), "day"),
    "audit_team": Place(("audit", "team"), "list"),
    "certificates": Place(("certificates",), "list"),
    "attachments": Place(("attachments",), "list"),
    "history_grade": Place(("history", "grade"), "word"),
    "history_issued_on": Place(("history", "issued_on"), "day"),
    "recurrence_of": Place(("recurrence_of",), "key"),
}
"""The fields that a column may be, by names that also work as headers by themselves. `updated_at` is the revision."""

WORDS: Mapping[str, Sequence[str]] = {
    "grade": get_args(Grade),
    "audit_stage": get_args(Stage),
    "history_grade": get_args(Grade),
}
"""What the fields that hold one of a few words may hold."""

NEEDED = ("external_id", "title")
"""Fields without which a row is no finding."""

_NO_PAGES = frozenset({"unicode-escape", "raw-unicode-escape", "idna", "punycode"})
"""What Python calls encodings and no file is written in; they do more than turn bytes into letters."""

_DIRECTIVES = frozenset("dmyYbBHIMSpfz%")
_PROBE = datetime(2026, 1, 31, 13, 5)  # noqa: DTZ001


def _format(text: str) -> str:
    letters = [after for before, after in _pairs(text) if before == "%"]
    if not set(letters) <= _DIRECTIVES:
        raise ValueError("a date's format is made of %d %m %b %B %y %Y %H %I %M %S %f %p %z and signs between")
    if not ({"y", "Y"} & set(letters) and {"m", "b", "B"} & set(letters) and "d" in letters):
        raise ValueError("a date's format names year, month and day, such as %d.%m.%Y")
    try:
        datetime.strptime(_PROBE.strftime(text), text)  # noqa: DTZ007
    except ValueError:
        raise ValueError(f"{text!r} cannot be read back: such as %d.%m.%Y or %Y-%m-%d %H:%M") from None
    return text


def _pairs(text: str) -> Sequence[tuple[str, str]]:
    """Each percent sign with what follows it, so that `%%` does not begin another."""
    found, at = [], 0
    while at < len(text):
        step = 2 if text[at] == "%" else 1
        found.append((text[at], text[at + 1 : at + step]))
        at += step
    return found


def _encoding(name: str) -> str:
    try:
        known = codecs.lookup(name).name
        b"a".decode(name)
    except UnicodeDecodeError:
        # UTF-16: one byte is not yet a letter.
        return name
    except (LookupError, ValueError):
        known = None
    if known is None or known in _NO_PAGES:
        raise ValueError(f"there is no code page {name!r}, such as utf-8, cp1252 or cp1250")
    return name


def _delimiter(sign: str) -> str:
    if sign in '"\r\n\x00 ':
        raise ValueError("this cannot part columns: state a comma, semicolon, tab or bar")
    return sign


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def folded(header: str) -> str:
    """A header or a word as it is compared: space and case don't count."""
    return " ".join(header.split()).casefold()


Header = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Headers = Annotated[tuple[Header, ...], BeforeValidator(_listed), Field(max_length=MANY)]


class Column(Frozen):
    """Where a field comes from: columns by their headers, or one constant for every row.

    `values` says what the cells' words mean; any other word is refused. `format` is a date's (strptime), `zone` where a
    time without one was written. Several columns are joined by `join`, else ids by bars, long texts by lines, others by
    spaces; with their headers before them where `labels`. `separator` parts the entries of a list.
    """

    columns: Headers = ()
    constant: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] | None = None
    values: Mapping[str, str] = {}
    format: Annotated[str, AfterValidator(_format)] | None = None
    zone: Zone | None = None
    separator: Annotated[str, StringConstraints(min_length=1, max_length=10)] | None = None
    join: Annotated[str, StringConstraints(max_length=10)] | None = None
    labels: bool = False

    @model_validator(mode="before")
    @classmethod
    def _by_its_header(cls, data: Any) -> Any:
        return {"columns": data} if isinstance(data, str | list) else data

    @model_validator(mode="before")
    @classmethod
    def _known(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := next((key for key in data if key not in cls.model_fields), None)):
            raise ValueError(f"a column has no {str(unknown)[:40]!r}; it has: {', '.join(cls.model_fields)}")
        return data

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if bool(self.columns) == (self.constant is not None):
            raise ValueError("a field has either columns or a constant")
        return self


class Skip(Frozen):
    """Rows that are no open findings, by the words of one column; any other word is an open one."""

    column: Header
    values: Mapping[str, Closed]


class Profile(Frozen):
    """How one source's table is read. Without `header_row` (from 1) the first row that has all the columns is it."""

    name: Annotated[str, StringConstraints(max_length=200)] = ""
    encoding: Annotated[str, StringConstraints(max_length=40), AfterValidator(_encoding)] | None = None
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1), AfterValidator(_delimiter)] | None = None
    sheet: Annotated[str, StringConstraints(max_length=200)] | None = None
    header_row: Annotated[int, Field(ge=1)] | None = None
    fields: Mapping[str, Column]
    skip: tuple[Skip, ...] = ()

    @model_validator(mode="after")
    def _known(self) -> Self:
        if unknown := next((name for name in self.fields if name not in FIELDS), None):
            raise _misfit(f"there is no field {unknown[:40]!r}; fields: {', '.join(FIELDS)}", unknown)
        for name, column in self.fields.items():
            if column.values and FIELDS[name].kind not in ("text", "key", "long", "word"):
                raise _misfit(f"{name} holds no single word: it has no values", name, "values")
            _meant(name, column)
            if column.format and FIELDS[name].kind not in ("instant", "day"):
                raise _misfit(f"{name} is no date: it has no format", name, "format")
        if "clause" in self.fields and "standard" not in self.fields:
            raise _misfit("clauses need their standard: a column, or a constant such as ISO 9001:2015", "clause")
        for name in ("standard", "edition"):
            if name in self.fields and len(self.fields[name].constant or "") > 200:
                raise _misfit("a standard and its edition have at most 200 characters", name, "constant")
        return self

    @property
    def headers(self) -> Sequence[str]:
        """Every header that the profile uses, each once."""
        used = [header for column in self.fields.values() for header in column.columns]
        return list(dict.fromkeys([*used, *(skip.column for skip in self.skip)]))

    @property
    def lacking(self) -> Sequence[str]:
        """The fields that every finding needs and the profile does not give."""
        return [name for name in NEEDED if name not in self.fields]


def _meant(name: str, column: Column) -> None:
    """Raises an error at its own place for a meaning that the field cannot have; a blank one is none."""
    words = WORDS.get(name)
    if words is None:
        return
    stated: list[tuple[tuple[str, ...], str]] = [(("values", theirs), ours) for theirs, ours in column.values.items()]
    if column.constant is not None and not column.values:
        stated.append((("constant",), column.constant))
    for at, ours in stated:
        if ours.strip() and folded(ours) not in words:
            told = {"expected": ", ".join(words), "within": ("fields", name, *at)}
            raise PydanticCustomError("literal_error", "one of {expected}", told)


def _misfit(says: str, *within: str) -> PydanticCustomError:
    """What is wrong within the fields of a profile, told at its own place."""
    return PydanticCustomError("profile", "{says}", {"says": says, "within": ("fields", *within)})


class ProfileError(ValueError):
    """A profile that cannot be used; `problems` says what is wrong with it, and where."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{problem.pointer or 'the profile'}: {problem.detail}" for problem in problems))


class ProfileUnreadable(ProfileError):
    """A text that is neither TOML nor JSON from a `line` and `column` on, which count from 1; None for all of it."""

    code = "not_readable"

    def __init__(self, detail: str, line: int | None = None, column: int | None = None) -> None:
        self.line, self.column = line, column
        super().__init__([Problem(code=self.code, detail=detail)])


def load(document: bytes) -> Profile:
    """A profile from a TOML or JSON document. Raises ProfileUnreadable, and ProfileError with every problem."""
    text = ""
    try:
        text = document.decode("utf-8-sig")
        data = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
        profile = Profile.model_validate(data)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        line, column, says = place_of_fault(error, text)
        raise ProfileUnreadable(f"Line {line}, column {column}: {says}.", line, column) from error
    except json.JSONDecodeError as error:
        detail = f"Line {error.lineno}, column {error.colno}: {error.msg}."
        raise ProfileUnreadable(detail, error.lineno, error.colno) from error
    except RecursionError:
        raise ProfileUnreadable("It nests too deep.") from None
    except ValidationError as error:
        problems = [Problem(code="shape", detail=one.detail, pointer=one.pointer) for one in shapes.faults(error)]
        raise ProfileError(problems) from error
    if odd := escape(data)[1]:
        says = "A control character has no place here."
        raise ProfileError([Problem(code="shape", detail=says, pointer=pointer) for pointer in odd])
    return profile


def toml(profile: Profile, reasons: Mapping[str, str] | None = None) -> str:
    """The profile as TOML that `load` reads back, each field with its reason as a comment."""
    said = reasons or {}
    data = profile.model_dump(exclude_defaults=True)
    lines = [f"{key} = {_value(value)}" for key, value in data.items() if key not in ("fields", "skip")]
    lines += ["", "[fields]"]
    for name, column in data["fields"].items():
        if name in said:
            lines.append(f"# {' '.join(said[name].split())}")
        lines.append(_line(name, column))
    for skip in data.get("skip", ()):
        lines += ["", "[[skip]]", *(f"{key} = {_value(value)}" for key, value in skip.items())]
    return "\n".join(lines) + "\n"


def toml_field(name: str, column: Column) -> str:
    """One field as a line of TOML."""
    return _line(name, column.model_dump(exclude_defaults=True))


def _line(name: str, column: Mapping[str, Any]) -> str:
    plain = set(column) == {"columns"} and len(column["columns"]) == 1
    return f"{name} = {_value(column['columns'][0] if plain else column)}"


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key, re.ASCII) else _value(key)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(str(key))} = {_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    # A JSON string is a TOML one, but for DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
