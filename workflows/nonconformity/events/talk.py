"""Events about what is said: remarks, assignment."""

from typing import ClassVar

from workflows.decider import Event


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
