"""Bodies of commands about what is said: remarks, assignment."""

from typing import ClassVar

from workflows.procedure import Body, Name, Text


class Comment(Body):
    """A remark, to a section or to the whole; part of the record, which the client reads once the case is issued."""

    command: ClassVar[str] = "comment"
    text: Text
    section: Text | None = None


class Assign(Body):
    """Who has this case in hand, in which role."""

    command: ClassVar[str] = "assign"
    role: Name
    person: Name
