"""What the clock has to say of dates: reminders and misses, and when it has to be asked next."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from workflows.durations import Duration, at_time
from workflows.nonconformity.commands import DeadlineKind
from workflows.nonconformity.deadlines.dates import Deadline, Miss, Reminder
from workflows.nonconformity.deadlines.moving import changed
from workflows.policy import Policy

REMEMBERED = 256
"""Of how many dates the reminders are remembered: those of cases that move just now. An open case has three."""


def passed(deadlines: Sequence[Deadline], policy: Policy, zone: str, now: datetime) -> list[Reminder | Miss]:
    """What the clock has to record at `now`: each reminder and each miss once, in the order of their instants."""
    found: list[tuple[datetime, Reminder | Miss]] = []
    for deadline in deadlines:
        if deadline.state != "running":
            continue
        waiting = reminders(deadline, policy, zone)[deadline.reminded :]
        found += [(at, Reminder(deadline.kind, offset, deadline.due_at)) for offset, at in waiting if at <= now]
        if deadline.missed_at is None and deadline.due_at < now:
            found.append((deadline.due_at, Miss(deadline.kind, deadline.due_at, deadline.on_breach)))
    return [item for _, item in sorted(found, key=lambda pair: pair[0])]


def next_instant(deadlines: Sequence[Deadline], policy: Policy, zone: str) -> datetime | None:
    """The next instant at which `passed` has something to say."""
    instants = []
    for deadline in deadlines:
        if deadline.state != "running":
            continue
        instants += [at for _, at in reminders(deadline, policy, zone)[deadline.reminded :]]
        if deadline.missed_at is None:
            # A date is kept up to and including its own instant, so it is missed one microsecond later.
            instants.append(deadline.due_at + datetime.resolution)
    return min(instants, default=None)


def reminded(deadlines: Sequence[Deadline], kind: DeadlineKind) -> tuple[Deadline, ...]:
    """One more reminder went out."""
    return changed(deadlines, [kind], lambda d: d.model_copy(update={"reminded": d.reminded + 1}))


def missed(deadlines: Sequence[Deadline], kind: DeadlineKind, at: datetime) -> tuple[Deadline, ...]:
    """The clock found the date passed."""
    return changed(deadlines, [kind], lambda d: d.model_copy(update={"missed_at": at}))


def reminders(deadline: Deadline, policy: Policy, zone: str) -> Sequence[tuple[Duration, datetime]]:
    """The reminders of a date with their instants, in order; those before it was set are not sent."""
    clock = policy.remind_at if deadline.by_day else None
    return _reminders_of(policy.reminders, clock, deadline.due_at, deadline.set_at, zone)


@lru_cache(maxsize=REMEMBERED)
def _reminders_of(
    offsets: tuple[Duration, ...], clock: time | None, due: datetime, set_at: datetime | None, zone: str
) -> tuple[tuple[Duration, datetime], ...]:
    """When the reminders of a date go out that was set at `set_at`, in order; asked anew for every event of a case."""
    area = ZoneInfo(zone)
    instants = []
    for offset in offsets:
        at = offset.after(due, area)
        at = at_time(at, clock, area) if clock is not None and offset.exact == timedelta() else at
        if set_at is None or at > set_at:
            instants.append((offset, at))
    return tuple(sorted(instants, key=lambda pair: pair[1]))
