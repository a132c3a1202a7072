"""The state of an audit, and what is signed of it."""

from datetime import date, datetime
from typing import Any, Literal

from workflows.audit import events as e
from workflows.audit.clocks import Clock
from workflows.entries import Recommendation
from workflows.people import Frozen
from workflows.policy import Audits

Reached = Literal["planned", "under_way", "ended", "concluded", "lapsed", "cancelled"]
Status = Literal["", Reached]
"""The status an audit has reached; none before its planning."""


class Positive(Frozen):
    """A positive finding."""

    text: str
    requirement: str | None
    site: str | None
    by: str
    at: datetime


class Concern(Frozen):
    """An area of concern of stage 1: open, repaired (the client says), cleared (the team agrees)."""

    key: str
    text: str
    state: Literal["open", "repaired", "cleared"] = "open"
    repair: str | None = None
    returned_because: str | None = None
    by: str
    at: datetime


class Conclusion(Frozen):
    """The team's recommendation."""

    recommendation: Recommendation
    reasons: str
    by: str
    at: datetime


class Audit(Frozen):
    """An audit as its events leave it. `called` are the ids of the deferred cases that came due at it.

    `left` are those who were taken off its team after it had begun: they took part in it all the same.
    """

    status: Status = ""
    outline: e.Outline | None = None
    policy: str = ""
    terms: Audits = Audits()
    zone: str = "UTC"
    planned_by: str = ""
    started_at: datetime | None = None
    ended_on: date | None = None
    summary: str | None = None
    called: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    positives: tuple[Positive, ...] = ()
    concerns: tuple[Concern, ...] = ()
    clocks: tuple[Clock, ...] = ()
    conclusion: Conclusion | None = None
    ended_because: str | None = None

    @property
    def client(self) -> str | None:
        """The key of the client that is audited."""
        return self.outline.client if self.outline else None

    def concern(self, key: str) -> Concern | None:
        """The area of concern under a key."""
        return next((concern for concern in self.concerns if concern.key == key), None)

    def clock(self, kind: e.ClockKind) -> Clock | None:
        """The window of a kind."""
        return next((clock for clock in self.clocks if clock.kind == kind), None)

    @property
    def due_at(self) -> datetime | None:
        """The earliest end of a running window."""
        return min((clock.due_at for clock in self.clocks if clock.state == "running"), default=None)


def audit_content(audit: Audit) -> dict[str, Any]:
    """What a signature on the conclusion covers: the audit as planned and held, what was noted, what raised concern."""
    return {
        "audit": audit.outline.model_dump(mode="json") if audit.outline else None,
        "ended_on": audit.ended_on.isoformat() if audit.ended_on else None,
        "summary": audit.summary,
        "positives": [positive.model_dump(mode="json") for positive in audit.positives],
        "concerns": [concern.model_dump(mode="json") for concern in audit.concerns],
    }
