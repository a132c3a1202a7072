"""The clocks of a nonconformity: pure values, every date with its explanation.

A deadline runs, stops while the certification body holds the item, and ends met or late. Lateness is decided by
comparing instants; no clock is read here.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from workflows.canonical import instant
from workflows.durations import Duration, at_time, end_of_day
from workflows.findings import Finding
from workflows.nonconformity.commands import DeadlineKind
from workflows.people import Frozen
from workflows.policy import Anchor, Breach, Grade, Policy, Step

State = Literal["running", "stopped", "met", "late", "overdue"]


class Deadline(Frozen):
    """One due date. `overdue` is never stored: `standing` compares dates when asked.

    `by_day` says that it ends with a day in the client's zone, `limit_at` is the hard limit past which it never moves,
    `set_at` since when the present date holds (reminders that lie before it are not sent), `reminded` how many of the
    others went out, `missed_at` when the clock found the present date passed, `stopped_at` since when it stands still.
    """

    kind: DeadlineKind
    due_at: datetime
    state: Literal["running", "stopped", "met", "late"] = "running"
    first_due_at: datetime
    by_day: bool = False
    limit_at: datetime | None = None
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


@dataclass(frozen=True, slots=True)
class Anchors:
    """The instants that a policy may count from; None where the finding does not say."""

    issue: datetime
    receipt: datetime | None = None
    audit_end: datetime | None = None
    detection: datetime | None = None


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


def anchors(finding: Finding, policy: Policy, issued: datetime, zone: str, receipt: datetime | None = None) -> Anchors:
    """The instants that a finding offers to count from; receipt is deemed some days after issue if not earlier."""
    area = ZoneInfo(zone)
    ended = finding.audit.ended_on if finding.audit else None
    deemed = policy.deemed_receipt.after(issued, area)
    return Anchors(
        issue=issued,
        receipt=deemed if receipt is None else min(receipt, deemed),
        audit_end=None if ended is None else datetime.combine(ended, time.min, area),
        detection=finding.detected_at,
    )


def fix(policy: Policy, grade: Grade, anchors: Anchors, zone: str) -> tuple[Deadline, ...]:
    """The dates of a nonconformity as issuing fixes them (grades without a step have none).

    A policy that counts from an instant the finding does not state counts from issue, and says so. A date already past
    at issue becomes issue plus the policy's minimum response time.
    """
    named, start, where = _anchor(policy, anchors)
    area = ZoneInfo(zone)
    limit = min((_ended(policy, each.within, start, area) for each in policy.limits), default=None)
    terms = policy.terms(grade)
    deadlines = []
    steps: tuple[tuple[DeadlineKind, Step | None], ...] = (
        ("plan", terms.plan),
        ("evidence", terms.evidence),
        ("closure", terms.closure),
    )
    for kind, step in steps:
        if step is None:
            continue
        due = _ended(policy, step.within, start, area)
        rule = f"{policy.name} {policy.version}, {grade}"
        lines = [f"{step.within} from {where} {_said(start, area)}: {_said(due, area)} ({rule})"]
        if due <= anchors.issue:
            due = _ended(policy, policy.minimum_response, anchors.issue, area)
            lines.append(
                f"past at issue, so issue plus the minimum response time {policy.minimum_response}: {_said(due, area)}"
            )
        if kind == "closure" and limit is not None and limit < due:
            due = limit
            lines.append(f"no later than the hard limit from {named}: {_said(due, area)}")
        deadlines.append(
            Deadline(
                kind=kind,
                due_at=due,
                first_due_at=due,
                by_day=policy.end_of_day and step.within.in_days,
                limit_at=limit if kind == "closure" else None,
                on_breach=step.on_breach,
                set_at=anchors.issue,
                explanation=tuple(lines),
            )
        )
    return tuple(deadlines)


def stop(
    deadlines: Sequence[Deadline], kinds: Iterable[DeadlineKind], at: datetime, why: str, zone: str
) -> tuple[Deadline, ...]:
    """The named deadlines stand still from `at`, those that run."""
    return _change(
        deadlines,
        kinds,
        lambda d: (
            _told(d, f"stopped {_said(at, ZoneInfo(zone))}: {why}", state="stopped", stopped_at=at)
            if d.state == "running"
            else d
        ),
    )


def resume(
    deadlines: Sequence[Deadline], kinds: Iterable[DeadlineKind], at: datetime, zone: str
) -> tuple[Deadline, ...]:
    """The named deadlines run again, later by the time for which they stood still; what was missed stays missed.

    A date that ends with a day moves by the days between stop and start, by the calendar of the client's zone.
    """
    area = ZoneInfo(zone)

    def run(deadline: Deadline) -> Deadline:
        if deadline.stopped_at is None:
            return deadline
        held = at - deadline.stopped_at
        due = deadline.due_at + held
        if deadline.by_day:
            # Whole days by the calendar: rounding hours up would give a day away at every stop.
            days = (at.astimezone(area).date() - deadline.stopped_at.astimezone(area).date()).days
            held = timedelta(days=days)
            due = end_of_day(Duration(days=days).after(deadline.due_at, area), area)
        line = (
            f"runs again {_said(at, area)} after standing still for {_span(held.total_seconds())}: {_said(due, area)}"
        )
        return _moved(deadline, due, at, line, missed_at=deadline.missed_at)

    return _change(deadlines, kinds, run)


def resubmit(
    deadlines: Sequence[Deadline], kinds: Iterable[DeadlineKind], at: datetime, policy: Policy, zone: str
) -> tuple[Deadline, ...]:
    """The named deadlines get the policy's resubmission date, counted from `at`, in place of their own."""
    area = ZoneInfo(zone)
    due = _ended(policy, policy.resubmission, at, area)
    line = f"back with the client {_said(at, area)}, to be submitted again in {policy.resubmission}: {_said(due, area)}"
    by_day = policy.end_of_day and policy.resubmission.in_days
    return _change(deadlines, kinds, lambda d: _moved(d, due, at, line, met_at=None, by_day=by_day))


def meet(deadlines: Sequence[Deadline], kind: DeadlineKind, at: datetime, zone: str) -> tuple[Deadline, ...]:
    """The named deadline ends, met or late: judged at the instant at which its clock stopped, else at `at`."""

    def end(deadline: Deadline) -> Deadline:
        if deadline.state in ("met", "late"):
            return deadline
        decided = deadline.stopped_at or at
        kept = decided <= deadline.due_at
        line = f"{'met' if kept else 'late'}: done {_said(decided, ZoneInfo(zone))}"
        return _told(deadline, line, state="met" if kept else "late", met_at=decided, stopped_at=None)

    return _change(deadlines, [kind], end)


def end_all(deadlines: Sequence[Deadline], at: datetime, why: str, zone: str) -> tuple[Deadline, ...]:
    """No clock runs any more."""
    return stop(deadlines, [d.kind for d in deadlines], at, why, zone)


def reopen(deadlines: Sequence[Deadline], at: datetime, policy: Policy, zone: str) -> tuple[Deadline, ...]:
    """After a wrong closure: plan and evidence get a resubmission date, the closure date is again the one it was."""
    back = resubmit(deadlines, ("plan", "evidence"), at, policy, zone)
    line = f"reopened {_said(at, ZoneInfo(zone))}"
    return _change(back, ("closure",), lambda d: _told(d, line, state="running", met_at=None))


def extend(
    deadlines: Sequence[Deadline], kind: DeadlineKind, until: datetime, at: datetime, why: str, zone: str
) -> tuple[Deadline, ...]:
    """The named deadline moves to `until`; one that stands still goes on doing so, one that ended is left alone."""
    area = ZoneInfo(zone)

    def move(deadline: Deadline) -> Deadline:
        if deadline.state in ("met", "late"):
            return deadline
        still = {"state": deadline.state, "stopped_at": deadline.stopped_at}
        line = f"extended to {_said(until, area)}: {why}"
        return _moved(deadline, until, at, line, extensions=deadline.extensions + 1, **still)

    return _change(deadlines, [kind], move)


def excuse(deadlines: Sequence[Deadline], kind: DeadlineKind, why: str) -> tuple[Deadline, ...]:
    """The lateness of the named deadline is not held against the client."""
    return _change(deadlines, [kind], lambda d: _told(d, f"lateness excused: {why}", excused=why))


def reanchor(
    deadlines: Sequence[Deadline], policy: Policy, grade: Grade, anchors: Anchors, zone: str, at: datetime, why: str
) -> tuple[Deadline, ...]:
    """The dates counted anew at `at` (receipt, another grade); what ended stays, the explanation keeps the old date.

    A date that stops, returns or extensions had moved is moved as far again. A date that is then past already becomes
    `at` plus the policy's minimum response time, as at issue; no date passes its hard limit.
    """
    before = {deadline.kind: deadline for deadline in deadlines}
    counted = []
    for fresh in fix(policy, grade, anchors, zone):
        old = before.pop(fresh.kind, None)
        counted.append(old if old and old.state in ("met", "late") else _recounted(old, fresh, policy, zone, at, why))
    ended = tuple(old for old in before.values() if old.state in ("met", "late"))
    return (*counted, *ended)


def _recounted(old: Deadline | None, fresh: Deadline, policy: Policy, zone: str, at: datetime, why: str) -> Deadline:
    area = ZoneInfo(zone)
    due = fresh.due_at
    lines = [why] if old is None else [*old.explanation, f"{why}: was {_said(old.due_at, area)}"]
    lines += fresh.explanation
    if old is not None and old.due_at != old.first_due_at:
        due += old.due_at - old.first_due_at
        due = end_of_day(due, area) if fresh.by_day and old.by_day else due
        lines.append(f"moved as far as the old date had been: {_said(due, area)}")
    since = old.stopped_at if old and old.stopped_at else at
    if due <= since:
        due = _ended(policy, policy.minimum_response, since, area)
        lines.append(f"past already, so the minimum response time {policy.minimum_response}: {_said(due, area)}")
    kept: dict[str, object] = (
        {} if old is None else {name: getattr(old, name) for name in ("state", "stopped_at", "extensions", "excused")}
    )
    moved = _moved(fresh, due, at, lines.pop(), **kept)
    return moved.model_copy(update={"explanation": (*lines, *moved.explanation[len(fresh.explanation) :])})


def passed(deadlines: Sequence[Deadline], policy: Policy, zone: str, now: datetime) -> list[Reminder | Miss]:
    """What the clock has to record at `now`: each reminder and each miss once, in the order of their instants."""
    found: list[tuple[datetime, Reminder | Miss]] = []
    for deadline in deadlines:
        if deadline.state != "running":
            continue
        waiting = _reminders(deadline, policy, zone)[deadline.reminded :]
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
        instants += [at for _, at in _reminders(deadline, policy, zone)[deadline.reminded :]]
        if deadline.missed_at is None:
            # A date is kept up to and including its own instant, so it is missed one microsecond later.
            instants.append(deadline.due_at + datetime.resolution)
    return min(instants, default=None)


def reminded(deadlines: Sequence[Deadline], kind: DeadlineKind) -> tuple[Deadline, ...]:
    """One more reminder went out."""
    return _change(deadlines, [kind], lambda d: d.model_copy(update={"reminded": d.reminded + 1}))


def missed(deadlines: Sequence[Deadline], kind: DeadlineKind, at: datetime) -> tuple[Deadline, ...]:
    """The clock found the date passed."""
    return _change(deadlines, [kind], lambda d: d.model_copy(update={"missed_at": at}))


def _anchor(policy: Policy, anchors: Anchors) -> tuple[Anchor, datetime, str]:
    words: dict[Anchor, str] = {
        "issue": "issue",
        "receipt": "receipt",
        "audit_end": "the end of the audit",
        "detection": "detection",
    }
    start: datetime | None = getattr(anchors, policy.anchor)
    if start is None:
        return "issue", anchors.issue, f"issue (no date of {words[policy.anchor]} is stated)"
    return policy.anchor, start, words[policy.anchor]


def _ended(policy: Policy, within: Duration, start: datetime, zone: ZoneInfo) -> datetime:
    at = within.after(start, zone)
    return end_of_day(at, zone) if policy.end_of_day and within.in_days else at


def _reminders(deadline: Deadline, policy: Policy, zone: str) -> Sequence[tuple[Duration, datetime]]:
    clock = policy.remind_at if deadline.by_day else None
    return _reminders_of(policy.reminders, clock, deadline.due_at, deadline.set_at, zone)


@lru_cache(maxsize=4096)
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


def _moved(deadline: Deadline, due: datetime, at: datetime, line: str, **also: object) -> Deadline:
    if deadline.limit_at is not None and due > deadline.limit_at:
        due, line = deadline.limit_at, f"{line}, no later than the hard limit {instant(deadline.limit_at)}"
    fresh: dict[str, object] = {"state": "running", "stopped_at": None, "missed_at": None, "reminded": 0, "set_at": at}
    return _told(deadline, line, **{**fresh, **also, "due_at": due})


def _told(deadline: Deadline, line: str, **changes: object) -> Deadline:
    return deadline.model_copy(update={**changes, "explanation": (*deadline.explanation, line)})


def _change(
    deadlines: Sequence[Deadline], kinds: Iterable[DeadlineKind], change: Callable[[Deadline], Deadline]
) -> tuple[Deadline, ...]:
    chosen = set(kinds)
    return tuple(change(deadline) if deadline.kind in chosen else deadline for deadline in deadlines)


def _said(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"


def _span(seconds: float) -> str:
    days, rest = divmod(seconds, 86_400)
    return (
        f"{int(days)} days"
        if days and rest < 60
        else f"{int(days)} days {rest / 3600:.1f} hours"
        if days
        else f"{rest:.1f} seconds"
    )
