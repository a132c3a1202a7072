"""Events about what is said: remarks, questions, complaints, assignment."""

from typing import ClassVar

from workflows.decider import Event
from workflows.nonconformity.commands import Side


class Commented(Event):
    """A remark."""

    type: ClassVar[str] = "nonconformity.commented"
    text: str
    section: str | None = None


class Assigned(Event):
    """Who has the case in hand."""

    type: ClassVar[str] = "nonconformity.assigned"
    role: str
    person: str


class Asked(Event):
    """A question, under a key; `of` is who must answer."""

    type: ClassVar[str] = "nonconformity.asked"
    key: str
    of: Side
    section: str | None
    text: str


class Answered(Event):
    """The answer to a question."""

    type: ClassVar[str] = "nonconformity.answered"
    question: str
    text: str


class Complained(Event):
    """A complaint of the client, under a key."""

    type: ClassVar[str] = "nonconformity.complained"
    key: str
    about: str | None
    text: str


class ComplaintAnswered(Event):
    """The certification body's answer to a complaint."""

    type: ClassVar[str] = "nonconformity.complaint_answered"
    complaint: str
    text: str
