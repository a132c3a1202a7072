"""Questions and complaints, with their answers."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from workflows.nonconformity.commands import Side
from workflows.people import Frozen

MOST_ANSWERED = 50
"""How many answered questions, and as many complaints, a case holds: the latest. All are in the record."""


class Reply(Frozen):
    """The answer to a question or a complaint."""

    text: str
    by: str
    at: datetime


class Question(Frozen):
    """A question to one side, and its answer; none while it waits for one."""

    key: str
    of: Side
    section: str | None
    text: str
    by: str
    at: datetime
    answer: Reply | None = None


class Complaint(Frozen):
    """A complaint, and its answer; none while it waits for one."""

    key: str
    about: str | None
    text: str
    by: str
    at: datetime
    answer: Reply | None = None


class Exchange(Frozen):
    """A question or a complaint as people read it; `waiting_on` is the side that must answer, None once it has."""

    kind: Literal["question", "complaint"]
    key: str
    of: Side
    section: str | None = None
    about: str | None = None
    text: str
    by: str
    at: datetime
    answer: Reply | None = None
    waiting_on: Side | None = None


def exchanges(questions: Iterable[Question], complaints: Iterable[Complaint]) -> tuple[Exchange, ...]:
    """What was asked and answered, in the order in which it was said."""
    said = [*map(_question, questions), *map(_complaint, complaints)]
    return tuple(sorted(said, key=lambda one: one.at))


def _question(one: Question) -> Exchange:
    return Exchange(
        kind="question",
        key=one.key,
        of=one.of,
        section=one.section,
        text=one.text,
        by=one.by,
        at=one.at,
        answer=one.answer,
        waiting_on=None if one.answer else one.of,
    )


def _complaint(one: Complaint) -> Exchange:
    body: Side = "certification_body"
    return Exchange(
        kind="complaint",
        key=one.key,
        of=body,
        about=one.about,
        text=one.text,
        by=one.by,
        at=one.at,
        answer=one.answer,
        waiting_on=None if one.answer else body,
    )
