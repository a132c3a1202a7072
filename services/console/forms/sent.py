"""What a browser sends of a command's form: what was typed into its fields, and what the form itself carries."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import FormData

from services.console.forms.fields import schema_of
from services.problems import UnknownThing
from services.signin.viewer import FIELD
from workflows.procedure import Row
from workflows.registry import PROCEDURES

OWN = frozenset({FIELD, "_seq", "_key", "_sha256", "_more", "_about", "_put"})
"""The fields of a form that are not the command's."""

LONGEST_SEQ = 10
"""Digits of a sequence number."""

ABOUT = ("key", "question", "complaint")
"""What an address says that a form is opened for, where a command is about one of several things."""

SIGNED = frozenset({"signature", "statement"})
"""What is said by signing: it is typed when it is signed, and no draft holds it."""


def row_of(kind: str, command: str) -> Row:
    """The row of a command that people may give, by its name in a path. Raises UnknownThing."""
    known = PROCEDURES[kind].by_command.get(command.replace("-", "_"))
    if known is None or known.internal or "" in known.states:
        raise UnknownThing(thing="command", id=command[:80])
    return known


def typed_of(sent: FormData) -> dict[str, list[str]]:
    """What was typed into the fields of a form."""
    typed: dict[str, list[str]] = {}
    for name, value in sent.multi_items():
        if isinstance(value, str) and name not in OWN:
            typed.setdefault(name, []).append(value)
    return typed


def seq_of(sent: FormData) -> int | None:
    """The last event that a form knew; None for one that does not say."""
    number = str(sent.get("_seq", ""))
    return int(number) if number.isdecimal() and len(number) < LONGEST_SEQ else None


def about(asked: Mapping[str, str]) -> str:
    """What a form is opened for, as an address says it; empty for nothing in particular."""
    return urlencode([(name, asked[name]) for name in ABOUT if asked.get(name)])


def about_of(sent: FormData) -> str:
    """What a form says that it was opened for."""
    return about(dict(parse_qsl(str(sent.get("_about", "")))))


def keepable(row: Row) -> frozenset[str]:
    """The fields of a command that a draft holds."""
    return frozenset(schema_of(row.body).get("properties", {})) - (SIGNED if row.signs is not None else frozenset())


def unkept(row: Row) -> frozenset[str]:
    """The fields of its form that no draft holds."""
    return frozenset(schema_of(row.body).get("properties", {})) - keepable(row) - {"signature"}
