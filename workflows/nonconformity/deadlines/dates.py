"""What a date is: pure values that say where they come from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from workflows.durations import Duration
from workflows.grades import Stage
from workflows.nonconformity.commands import DeadlineKind
from workflows.people import Frozen
from workflows.policy import Breach, Counted

State = Literal["running", "stopped", "met", "late", "overdue"]


class Deadline(Frozen):
    """One due date. `overdue` is never stored: `standing` compares dates when asked.

    `by_day` says that it ends with a day in the client's zone, `days` in which days it is counted, `latest_at` how long
    one waits at most that comes due at the next audit, `limit_at` is the hard limit past which it never moves (`limit`
    in words), `set_at` since when the present date holds (reminders that lie before it are not sent), `reminded` how
    many of the others went out, `missed_at` when the clock found the present date passed, `excused` why that is not
    held against the client, `stopped_at` since when it stands still.
    """

    kind: DeadlineKind
    due_at: datetime
    state: Literal["running", "stopped", "met", "late"] = "running"
    first_due_at: datetime
    by_day: bool = False
    days: Counted = "calendar"
    latest_at: datetime | None = None
    limit_at: datetime | None = None
    limit: str | None = None
    on_breach: Breach = "warn"
    set_at: datetime | None = None
    stopped_at: datetime | None = None
    missed_at: datetime | None = None
    met_at: datetime | None = None
    reminded: int = 0
    extensions: int = 0
    excused: str | None = None
    explanation: tuple[str, ...] = ()

    def standing(self, now: datetime) -> State:
        """Its state at an instant."""
        return "overdue" if self.state == "running" and now > self.due_at else self.state

    @property
    def has_ended(self) -> bool:
        """Whether it was met, in time or late."""
        return self.state in ("met", "late")


class Anchors(Frozen):
    """What was known at issue of the instants from which a policy may count, and the audit's stage; None: not stated.

    `receipt` is deemed until it is acknowledged. `certificate_expiry` and `next_audit` are the last second of a day.
    """

    issue: datetime
    receipt: datetime | None = None
    audit_end: datetime | None = None
    detection: datetime | None = None
    certificate_expiry: datetime | None = None
    next_audit: datetime | None = None
    stage: Stage | None = None


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder that is due: `offset` from the date as the policy writes it."""

    kind: DeadlineKind
    offset: Duration
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Miss:
    """A date that passed."""

    kind: DeadlineKind
    due_at: datetime
    on_breach: Breach
