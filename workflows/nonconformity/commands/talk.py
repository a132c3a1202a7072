"""Bodies of commands about what is said: remarks, questions, complaints, assignment."""

from typing import ClassVar, Literal

from workflows.people import Role
from workflows.procedure import Body, Key, Name, Text

Side = Literal["client", "certification_body"]

Section = Literal[
    "title",
    "statement",
    "objective_evidence",
    "requirements",
    "grade",
    "deadlines",
    "correction",
    "cause",
    "extent",
    "actions",
    "plan",
    "evidence",
    "verification",
]
"""What a remark or a question may be about: the parts of a nonconformity."""


class Comment(Body):
    """A remark, to a section or to the whole; part of the record, which the client reads once the case is issued."""

    command: ClassVar[str] = "comment"
    text: Text
    section: Section | None = None


class Assign(Body):
    """Who has this case in hand, in which role."""

    command: ClassVar[str] = "assign"
    role: Role
    person: Name


class Ask(Body):
    """A question to the other side, about a section or the whole; `of` is who must answer."""

    command: ClassVar[str] = "ask"
    text: Text
    of: Side
    section: Section | None = None


class Answer(Body):
    """The answer to an open question, by its key."""

    command: ClassVar[str] = "answer"
    question: Key
    text: Text


class Complain(Body):
    """The client complains about how it is treated, or about a person (id or name)."""

    command: ClassVar[str] = "complain"
    text: Text
    about: Name | None = None


class AnswerComplaint(Body):
    """The certification body's answer to a complaint, by its key."""

    command: ClassVar[str] = "answer_complaint"
    complaint: Key
    text: Text
