"""What a browser sends of a command's form: what was typed into its fields, and what the form itself carries."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from services.console.forms.fields import schema_of
from services.console.forms.typed import Typed
from services.console.frame.catalogue import gettext
from services.console.frame.keeping import FILE, SECRET, SECRETS
from services.problems import Problem, UnknownThing
from services.signin.forms import Filled
from services.signin.viewer import FIELD, Viewer
from workflows.nonconformity.commands import Answer, AnswerComplaint, Ask, AttachEvidence, Comment, Complain
from workflows.procedure import Row
from workflows.registry import PROCEDURES

BY = "_by"
"""The field that says whose page a form is of: id and name."""

OWN = frozenset({FIELD, BY, FILE, SECRET, "_seq", "_key", "_sha256", "_more", "_about", "_put", "_other"})
"""The fields of a form that are not the command's."""

LONGEST_SEQ = 10
"""Digits of a sequence number."""

ABOUT = ("key", "question", "complaint")
"""What an address says that a form is opened for, where a command is about one of several things."""

UPLOAD, REVISES = "upload", "revises"
"""Fields about a file: the id of the upload that evidence is, and of the one in whose place a file is uploaded."""

FILED: Mapping[str, frozenset[str]] = {AttachEvidence.command: frozenset({UPLOAD, REVISES})}
"""The fields of a command's form that are none of its body."""

SAYS = frozenset(one.command for one in (Comment, Ask, Answer, Complain, AnswerComplaint))
"""Commands that say something, which holds whatever else happened since their form was opened."""

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

SIGNED = frozenset({"signature", "statement"})
"""What is said by signing: it is typed when it is signed, and no draft holds it."""


def row_of(kind: str, command: str) -> Row:
    """The row of a command that people may give, by its name in a path. Raises UnknownThing."""
    known = PROCEDURES[kind].by_command.get(command.replace("-", "_"))
    if known is None or known.internal or "" in known.states:
        raise UnknownThing(thing="command", id=command[:80])
    return known


def typed_of(sent: Filled) -> dict[str, list[str]]:
    """What was typed into the fields of a form."""
    typed: dict[str, list[str]] = {}
    for name, value in sent.multi_items():
        if name not in OWN:
            typed.setdefault(name, []).append(value)
    return typed


def client_of(typed: Typed) -> str | None:
    """The key of the client that is chosen in a form; None for what can be none."""
    return next((key for text in typed.get("client", ()) if (key := text.strip()) and _KEY.fullmatch(key)), None)


def retyped(sent: Filled) -> dict[str, str]:
    """What is said at fields that had a secret, by JSON pointer: it is put back into no page."""
    names = [*sent.getlist(SECRET), *(name for name in SECRETS if sent.get(name))]
    return {f"/{name}": gettext("It is put back into no page: type it again.") for name in names}


def key_of(sent: Filled) -> str:
    """What a form and its repeats share; empty for one that does not say."""
    return sent.get("_key", "")[:200]


def seq_of(sent: Filled) -> int | None:
    """The last event that a form knew; None for one that does not say."""
    return seq(sent.get("_seq", ""))


def seq(text: str) -> int | None:
    """The number of an event as a form writes it; None for nothing. What is no number knew of none: that is 0."""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdecimal() and len(text) < LONGEST_SEQ else 0


def seen_of(sent: Filled, row: Row) -> int | None:
    """The event after which nothing may have happened if a form is to hold; None for a command that just says."""
    return None if row.command in SAYS else seq_of(sent)


def about(asked: Mapping[str, str]) -> str:
    """What a form is opened for, as an address says it; empty for nothing in particular."""
    return urlencode([(name, asked[name]) for name in ABOUT if asked.get(name)])


def about_of(sent: Filled) -> str:
    """What a form says that it was opened for."""
    return about(dict(parse_qsl(sent.get("_about", ""))))


def keepable(row: Row) -> frozenset[str]:
    """The fields of a command's form that a draft holds."""
    asked = frozenset(schema_of(row.body).get("properties", {})) | FILED.get(row.command, frozenset())
    return asked - (SIGNED if row.signs is not None else frozenset())


def unkept(row: Row) -> frozenset[str]:
    """The fields of its form that no draft holds."""
    return frozenset(schema_of(row.body).get("properties", {})) - keepable(row) - {"signature"}


def anew(viewer: Viewer, sent: Mapping[str, str]) -> Problem:
    """Why a form is shown again that was made for another session: nothing is done by it before somebody looked.

    That may be another person's: whoever looks is told whose, and in whose name it would be sent.
    """
    before, _, name = sent.get(BY, "").partition(" ")
    actor = viewer.caller.actor
    if not name or before == actor.id:
        detail = gettext("You signed in anew since this form was made. Look at it, and send it again.")
        return Problem(403, "signed_in_anew", detail)
    said = gettext(
        "This form was filled in by %(before)s, and you are signed in as %(now)s: if you send it again, it is sent in "
        "the name of %(now)s."
    )
    return Problem(403, "signed_in_as_another", said % {"before": name[:200], "now": actor.name})


def away() -> Problem:
    """Why a form is shown again that nobody could answer."""
    detail = gettext("The record cannot be reached now. Nothing is lost: send it again in a moment.")
    return Problem(503, "unavailable", detail)
