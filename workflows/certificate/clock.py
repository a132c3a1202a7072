"""The clocks of a certificate: the end of its term, the warnings before it, the end of a suspension."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from workflows.certificate import events as e
from workflows.certificate.certificate import Certificate
from workflows.decider import Event
from workflows.durations import Duration, at_time, end_of_day
from workflows.policy import Suspension

WARNINGS = (Duration(months=-6), Duration(months=-3), Duration(months=-1))
"""When an expiry is announced (policy): recertification takes an audit, and time to close out what it finds."""

WARN_AT = time(9)
"""At what time of the client's day."""

RESTORABLE = Duration(months=6)
"""How long after its expiry certification can be restored (17021-1 9.6.3.2.5)."""

LIVING = ("active", "suspended")
_INSTANT = timedelta(microseconds=1)


def term(issued_on: date, expires_on: date, zone: str, now: datetime) -> e.Term:
    """The term between two days: it ends with its last day in `zone`; warnings that would be past are left out."""
    place = ZoneInfo(zone)
    noon = datetime.combine(expires_on, time(12), place)
    warn_at = (at_time(before.after(noon, place), WARN_AT, place) for before in WARNINGS)
    return e.Term(
        issued_on=issued_on,
        expires_on=expires_on,
        expires_at=end_of_day(noon, place),
        warn_at=tuple(at for at in warn_at if at > now),
    )


def until(policy: Suspension, since: datetime, zone: str) -> datetime:
    """When the longest suspension that began at `since` ends: with a day of `zone`, where it is counted in days."""
    place = ZoneInfo(zone)
    at = policy.longest.after(since, place)
    return end_of_day(at, place) if policy.longest.in_days else at


def restorable_until(term: e.Term, zone: str) -> datetime:
    """Until when certification can be restored after its expiry."""
    place = ZoneInfo(zone)
    return end_of_day(RESTORABLE.after(term.expires_at, place), place)


def longest_after(term: e.Term) -> date:
    """The last day until which a restored certificate can hold: one more cycle of the length of the one before."""
    return cycle_from(term.expires_on, Duration(months=_months(term.issued_on, term.expires_on)))


def cycle_from(day: date, longest: Duration) -> date:
    """The last day of a cycle that begins on a day, or after one."""
    return longest.after(datetime.combine(day, time(12), UTC), ZoneInfo("UTC")).date()


def _months(start: date, end: date) -> int:
    """Whole months of a cycle, a begun one counted: 1 March 2023 to 28 February 2026 are 36."""
    months = 12 * (end.year - start.year) + end.month - start.month
    return months + (end.day > start.day)


def today(now: datetime, zone: str) -> date:
    """The day that it is in a zone."""
    return now.astimezone(ZoneInfo(zone)).date()


def next_wakeup(state: Certificate) -> datetime | None:
    """The next instant at which the clock changes something; an end is past when its last instant is."""
    return min((at for at, _ in _due(state)), default=None)


def on_wakeup(state: Certificate, now: datetime) -> Sequence[Event]:
    """What the clock causes at `now`: the end that came first, with nothing after it; else all that is due."""
    due = [event for at, event in _due(state) if at <= now]
    ending = [event for event in due if isinstance(event, e.Expired | e.Withdrawn)]
    if ending:
        before = due[: due.index(ending[0])]
        return (*(event for event in before if isinstance(event, e.SuspensionOverrun)), ending[0])
    # Of several warnings that a long sleep left, the last one says all.
    warnings = [event for event in due if isinstance(event, e.ExpiryAnnounced)]
    return [event for event in due if event not in warnings[:-1]]


def _due(state: Certificate) -> Sequence[tuple[datetime, Event]]:
    """What the clock will cause, in order."""
    if state.status not in LIVING or state.term is None:
        return ()
    term, suspension = state.term, state.suspension
    found: list[tuple[datetime, Event]] = [
        (at, e.ExpiryAnnounced(expires_on=term.expires_on, due_at=at)) for at in term.warn_at
    ]
    found.append((term.expires_at + _INSTANT, e.Expired(expires_on=term.expires_on)))
    if suspension is not None and not suspension.overrun:
        found.append((suspension.until + _INSTANT, _overrun(state, suspension.until, suspension.policy)))
    return sorted(found, key=lambda item: item[0])


def _overrun(state: Certificate, at: datetime, policy: Suspension) -> Event:
    if policy.then == "warn":
        return e.SuspensionOverrun(until=at)
    day = today(at, state.zone)
    cause = e.Cause(reason=f"It was suspended until {day}, and what it was suspended for is not resolved.")
    return e.Withdrawn(cause=cause, by="suspension", signature=None)
