"""What moves dates: stops, returns, extensions, decisions, another grade; each says so in the date's explanation."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from workflows.durations import Duration, end_of_day
from workflows.grades import Grade
from workflows.nonconformity.commands import DeadlineKind
from workflows.nonconformity.deadlines.counting import CLIENT_DATES, count, fix, rolled
from workflows.nonconformity.deadlines.dates import Anchors, Deadline
from workflows.nonconformity.deadlines.telling import many, said, span
from workflows.policy import Policy

Dates = tuple[Deadline, ...]


def stop(deadlines: Sequence[Deadline], kinds: Iterable[DeadlineKind], at: datetime, why: str, zone: str) -> Dates:
    """The named deadlines stand still from `at`, those that run."""
    line = f"stopped {said(at, ZoneInfo(zone))}: {why}"
    return changed(
        deadlines, kinds, lambda d: told(d, line, state="stopped", stopped_at=at) if d.state == "running" else d
    )


def resume(
    deadlines: Sequence[Deadline], kinds: Iterable[DeadlineKind], at: datetime, policy: Policy, zone: str
) -> Dates:
    """The named deadlines run again, later by the time for which they stood still; what was missed stays missed.

    A date that ends with a day moves by the days between stop and start, by the calendar of the client's zone; one in
    working days by the working days between them.
    """
    area = ZoneInfo(zone)

    def run(deadline: Deadline) -> Deadline:
        if deadline.stopped_at is None:
            return deadline
        due, held = _held(deadline, deadline.stopped_at, at, policy, area)
        line = f"runs again {said(at, area)} {held}: {said(due, area)}"
        if deadline.by_day:
            due, roll = rolled(policy, due, at, area)
            line = f"{line}; {roll}" if roll else line
        return moved(deadline, due, at, line, area, missed_at=deadline.missed_at, excused=deadline.excused)

    return changed(deadlines, kinds, run)


def _held(deadline: Deadline, since: datetime, at: datetime, policy: Policy, area: ZoneInfo) -> tuple[datetime, str]:
    """The date later by the time for which it stood still, and how that time is said."""
    first, last = since.astimezone(area).date(), at.astimezone(area).date()
    if deadline.days == "working":
        held = policy.calendar.between(first, last)
        day = deadline.due_at.astimezone(area).date()
        days = (policy.calendar.later(day, held) - day).days
        words = f"after standing still for {many(held, 'working day')}"
    elif deadline.by_day:
        # Whole days by the calendar: rounding hours up would give a day away at every stop.
        days = (last - first).days
        words = f"after standing still for {many(days, 'day')}" if days else "on the same day"
    else:
        words = f"after standing still for {span(at - since)}" if at > since else "at once"
        return deadline.due_at + (at - since), words
    due = Duration(days=days).after(deadline.due_at, area)
    return end_of_day(due, area) if deadline.by_day else due, words


def resubmit(
    deadlines: Sequence[Deadline], kinds: Iterable[DeadlineKind], at: datetime, policy: Policy, zone: str
) -> Dates:
    """The named deadlines run again, to their own date or the policy's resubmission date from `at`, the later of both.

    So nobody who submits early loses time by a return. Where plan and evidence go back together, evidence has at least
    the resubmission time from the plan's new date, for it needs an accepted plan.
    """
    chosen, area = set(kinds), ZoneInfo(zone)
    line = f"back with the client {said(at, area)}, to be submitted again in"

    def again(deadline: Deadline, start: datetime, after: str = "") -> Deadline:
        back = count(policy, policy.resubmission, start, area)
        told_so = "; ".join([f"{line} {back.words}{after}: {said(back.plain, area)}", *back.lines])
        own = said(deadline.due_at, area)
        if deadline.due_at > back.due:
            stays = f"{told_so}; its own date is later and stays: {own}"
            return moved(deadline, deadline.due_at, at, stays, area, met_at=None)
        by_day = policy.end_of_day and policy.resubmission.in_days
        counts = f"{told_so}; in place of its own date {own}"
        return moved(deadline, back.due, at, counts, area, met_at=None, by_day=by_day, days="calendar")

    running = resume(deadlines, chosen, at, policy, zone)
    first = changed(running, chosen - {"evidence"}, lambda d: again(d, at))
    plan = next((d for d in first if d.kind == "plan" and d.kind in chosen), None)
    if plan is None:
        return changed(first, chosen & {"evidence"}, lambda d: again(d, at))
    return changed(first, chosen & {"evidence"}, lambda d: again(d, plan.due_at, " after the plan's date"))


def meet(deadlines: Sequence[Deadline], kind: DeadlineKind, at: datetime, zone: str) -> Dates:
    """The named deadline ends, met or late: judged at the instant at which its clock stopped, else at `at`."""

    def end(deadline: Deadline) -> Deadline:
        if deadline.has_ended:
            return deadline
        decided = deadline.stopped_at or at
        kept = decided <= deadline.due_at
        line = f"{'met' if kept else 'late'}: done {said(decided, ZoneInfo(zone))}"
        return told(deadline, line, state="met" if kept else "late", met_at=decided, stopped_at=None)

    return changed(deadlines, [kind], end)


def hold(deadlines: Sequence[Deadline], at: datetime, item: str, policy: Policy, zone: str) -> Dates:
    """The body has the `item` in hand: what the policy stops stands still, and the body's own clock begins."""
    stopped = stop(deadlines, policy.stops, at, f"the certification body holds the {item}", zone)
    if policy.review is None:
        return stopped
    area = ZoneInfo(zone)
    step = policy.review
    counted = count(policy, step.within, at, area, step.days or policy.days)
    line = f"{counted.words} from the submission of the {item} {said(at, area)}: {said(counted.plain, area)}"
    review = Deadline(
        kind="review",
        due_at=counted.due,
        first_due_at=counted.due,
        by_day=policy.end_of_day and step.within.in_days,
        days=step.days or policy.days,
        on_breach=step.on_breach,
        set_at=at,
        explanation=(f"{line} ({policy.name} {policy.version}, review)", *counted.lines),
    )
    return (*(d for d in stopped if d.kind != "review"), review)


def release(deadlines: Sequence[Deadline], at: datetime, policy: Policy, zone: str) -> Dates:
    """The item left the body's hands: its own clock ends, what it had stopped runs again."""
    return resume(meet(deadlines, "review", at, zone), policy.stops, at, policy, zone)


def appoint(deadlines: Sequence[Deadline], on: date, at: datetime, why: str, zone: str) -> Dates:
    """A follow-up audit by the end of a day, in place of one that was appointed before; `meet` ends it."""
    due = end_of_day(datetime.combine(on, time(12), ZoneInfo(zone)), ZoneInfo(zone))
    line = f"appointed {said(at, ZoneInfo(zone))} for {said(due, ZoneInfo(zone))}: {why}"
    visit = Deadline(kind="follow_up", due_at=due, first_due_at=due, by_day=True, set_at=at, explanation=(line,))
    return (*(d for d in deadlines if d.kind != "follow_up"), visit)


def end_all(
    deadlines: Sequence[Deadline], at: datetime, why: str, zone: str, but: Sequence[DeadlineKind] = ()
) -> Dates:
    """No clock runs any more, `but` those that are named."""
    return stop(deadlines, [d.kind for d in deadlines if d.kind not in but], at, why, zone)


def reopen(deadlines: Sequence[Deadline], at: datetime, policy: Policy, zone: str) -> Dates:
    """After a wrong closure: plan and evidence are submitted again, the closure date is again the one it was.

    But no sooner than after the policy's minimum response time.
    """
    area = ZoneInfo(zone)
    back = resubmit(deadlines, ("plan", "evidence"), at, policy, zone)
    least = count(policy, policy.minimum_response, at, area)
    line = f"reopened {said(at, area)}"
    least_line = f"{line}, at least the minimum response time {least.words}: {said(least.plain, area)}"
    soon = "; ".join([least_line, *least.lines])

    def run(closure: Deadline) -> Deadline:
        if closure.due_at >= least.due:
            return told(closure, line, state="running", met_at=None)
        return moved(closure, least.due, at, soon, area, met_at=None)

    return changed(back, ("closure",), run)


def extend(
    deadlines: Sequence[Deadline], kind: DeadlineKind, until: datetime, at: datetime, why: str, zone: str
) -> Dates:
    """The named deadline moves to `until`, never to an earlier date than its own.

    One that stands still goes on doing so, one that ended is left alone.
    """
    area = ZoneInfo(zone)

    def later(deadline: Deadline) -> Deadline:
        if not deadline.has_ended and deadline.due_at >= until:
            stays = f"its own date is later and stays: {said(deadline.due_at, area)}"
            return told(deadline, f"not extended to {said(until, area)}, {why}; {stays}")
        line = f"extended to {said(until, area)}: {why}"
        return _to(deadline, until, at, line, area, extensions=deadline.extensions + 1)

    return changed(deadlines, [kind], later)


def defer(
    deadlines: Sequence[Deadline], kinds: Iterable[DeadlineKind], until: datetime, at: datetime, why: str, zone: str
) -> Dates:
    """The named deadlines are another day's, for a reason that is no extension (an audit, a date brought along)."""
    area = ZoneInfo(zone)
    line = f"{why}: {said(until, area)}"
    return changed(deadlines, kinds, lambda d: _to(d, until, at, line, area))


def _to(deadline: Deadline, due: datetime, at: datetime, line: str, area: ZoneInfo, **also: object) -> Deadline:
    if deadline.has_ended:
        return deadline
    return moved(deadline, due, at, line, area, state=deadline.state, stopped_at=deadline.stopped_at, **also)


def excuse(deadlines: Sequence[Deadline], kind: DeadlineKind, why: str) -> Dates:
    """The lateness of the named deadline is not held against the client."""
    return changed(deadlines, [kind], lambda d: told(d, f"lateness excused: {why}", excused=why))


def reanchor(
    deadlines: Sequence[Deadline],
    policy: Policy,
    grade: Grade,
    anchors: Anchors,
    zone: str,
    at: datetime,
    why: str,
    label: str | None = None,
    only: Iterable[DeadlineKind] | None = None,
    since: datetime | None = None,
) -> Dates:
    """The dates counted anew at `at` (receipt, another grade or policy); `only` some kinds, where these are named.

    What ended stays, the explanation keeps the old date. A date that stops, returns or extensions had moved is moved as
    far again. A date that is then past already becomes `at` plus the policy's minimum response time, as at issue; no
    date passes its hard limit. Where dates begin anew, they count from `since`, however far the old ones had been
    moved. The body's own dates stay.
    """
    chosen = None if only is None else set(only)
    before = {deadline.kind: deadline for deadline in deadlines}
    anew = []
    for fresh in fix(policy, grade, anchors, zone, label, since):
        old = before.pop(fresh.kind, None)
        if chosen is not None and fresh.kind not in chosen:
            anew += [] if old is None else [old]
            continue
        anew.append(old if old and old.has_ended else _recounted(old, fresh, policy, zone, at, why, since))
    rest = (d for d in before.values() if d.has_ended or d.kind not in CLIENT_DATES or chosen is not None)
    return (*anew, *rest)


def _recounted(
    old: Deadline | None,
    fresh: Deadline,
    policy: Policy,
    zone: str,
    at: datetime,
    why: str,
    anew: datetime | None,
) -> Deadline:
    area = ZoneInfo(zone)
    due = fresh.due_at
    lines = [why] if old is None else [*old.explanation, f"{why}: was {said(old.due_at, area)}"]
    lines += fresh.explanation
    since = old.stopped_at if old and old.stopped_at else at
    if old is not None and anew is None and old.due_at != old.first_due_at:
        due += old.due_at - old.first_due_at
        whole = fresh.by_day and old.by_day
        due = end_of_day(due, area) if whole else due
        lines.append(f"moved as far as the old date had been: {said(due, area)}")
        due, roll = rolled(policy, due, since, area) if whole else (due, None)
        lines += [roll] if roll else []
    if due <= since:
        least = count(policy, policy.minimum_response, since, area)
        due = least.due
        lines.append(f"past already, so the minimum response time {least.words}: {said(least.plain, area)}")
        lines += least.lines
    kept: dict[str, object] = (
        {} if old is None else {name: getattr(old, name) for name in ("state", "stopped_at", "extensions")}
    )
    again = moved(fresh, due, at, lines.pop(), area, **kept)
    return again.model_copy(update={"explanation": (*lines, *again.explanation[len(fresh.explanation) :])})


def moved(deadline: Deadline, due: datetime, at: datetime, line: str, area: ZoneInfo, **also: object) -> Deadline:
    """The deadline with another date, no later than its hard limit; an excuse was for the date before."""
    if deadline.limit_at is not None and due > deadline.limit_at:
        due = deadline.limit_at
        line = f"{line}, no later than the hard limit {deadline.limit}: {said(due, area)}"
    fresh: dict[str, object] = {
        "state": "running",
        "stopped_at": None,
        "missed_at": None,
        "excused": None,
        "reminded": 0,
        "set_at": at,
    }
    return told(deadline, line, **{**fresh, **also, "due_at": due})


def told(deadline: Deadline, line: str, **changes: object) -> Deadline:
    """The deadline after a change that its explanation tells."""
    return deadline.model_copy(update={**changes, "explanation": (*deadline.explanation, line)})


def changed(
    deadlines: Sequence[Deadline], kinds: Iterable[DeadlineKind], change: Callable[[Deadline], Deadline]
) -> Dates:
    """The deadlines, those of the named kinds changed."""
    chosen = set(kinds)
    return tuple(change(deadline) if deadline.kind in chosen else deadline for deadline in deadlines)
