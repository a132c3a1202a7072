"""What must hold of dates, hard limits and wake-ups."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.rules.machine.looking import Invariant, Look
from workflows.audit import events as audits
from workflows.audit.audit import Audit
from workflows.certificate.clock import LIVING
from workflows.decider import kind_of
from workflows.durations import end_of_day
from workflows.nonconformity import events as e
from workflows.nonconformity.case import LIVE, Case
from workflows.nonconformity.deadlines import CLIENT_DATES
from workflows.registry import DECIDERS

MOMENT = timedelta.resolution
AGES = timedelta(days=4000)
BY_CLOCK = ("deadline_missed", "unverified")


def each_stream_has_one_wakeup_ahead(look: Look) -> Iterator[str]:
    """A stream is woken at most at one instant, which lies ahead; not before it, and it lives as long."""
    world = look.world
    for stream in look.changed:
        decider = DECIDERS[kind_of(stream.name)]
        due = decider.next_wakeup(stream.state)
        if stream.due != due:
            yield f"{stream.name}: it is woken at {stream.due}, not at {due}"
        if due is None:
            continue
        if due <= world.now or not decider.lives(stream.state):
            yield f"{stream.name}: it is woken at {due}; it is {decider.status(stream.state)} at {world.now}"
        if decider.on_wakeup(stream.state, due - MOMENT) or not decider.on_wakeup(stream.state, due):
            yield f"{stream.name}: its wake-up says nothing at {due}, or something before"
    late = [name for name, stream in world.streams.items() if stream.due is not None and stream.due <= world.now]
    if late:
        yield f"wake-ups are past: {late}"


def what_ended_never_wakes(look: Look) -> Iterator[str]:
    """Nothing wakes what is not alive: superseded, closed, withdrawn, dismissed, decided, lapsed, expired, merged."""
    for stream in look.changed:
        decider = DECIDERS[kind_of(stream.name)]
        if decider.lives(stream.state):
            continue
        if stream.due is not None or decider.on_wakeup(stream.state, look.world.now + AGES):
            yield f"{stream.name}: {decider.status(stream.state)}, and it wakes"
    for turn in look.turns:
        if turn.command is None and not DECIDERS[kind_of(turn.stream)].lives(turn.before):
            yield f"{turn.stream}: it was woken as {DECIDERS[kind_of(turn.stream)].status(turn.before)}"


def a_living_case_has_the_dates_of_its_policy(look: Look) -> Iterator[str]:
    """Each date once, the client's in their order; those of the grade's terms, and such as were brought, or kept."""
    for key, case in _changed(look):
        kinds = [deadline.kind for deadline in case.deadlines]
        if len(set(kinds)) < len(kinds):
            yield f"{key}: a date stands there twice: {kinds}"
        if case.policy is None or case.grade is None:
            if kinds:
                yield f"{key}: dates without a policy"
            continue
        terms = case.policy.terms(case.grade, case.label)
        asked = {kind for kind in CLIENT_DATES if getattr(terms, kind) is not None}
        if case.status in LIVE and not asked <= set(kinds):
            yield f"{key}: of {asked} it has {kinds} only"
        brought = (
            {due.kind for due in case.finding.history.deadlines} if case.finding and case.finding.history else set()
        )
        extra = [one.kind for one in case.deadlines if one.kind in CLIENT_DATES and not one.has_ended]
        # A plan or evidence that went back has a date until when it is submitted again.
        if case.status in LIVE and not set(extra) <= asked | brought | {"plan", "evidence"}:
            yield f"{key}: {extra} run, the policy asks for {asked}"


def the_bodys_own_dates_run_while_it_owes_something(look: Look) -> Iterator[str]:
    """Review, follow-up, dispute and appeal have a running date only while the certification body owes that."""
    for key, case in _changed(look):
        if case.status not in LIVE:
            continue
        running = {deadline.kind for deadline in case.deadlines if deadline.state == "running"}
        in_hand = case.plan.state == "submitted" or case.status == "evidence_submitted"
        owed = {
            "review": in_hand,
            "follow_up": case.follow_up is not None and case.follow_up.result is None,
            "dispute": case.dispute is not None and case.dispute.state == "open",
            "appeal": case.appeal is not None and case.appeal.state == "open",
        }
        for kind, owes in owed.items():
            if kind in running and not owes:
                yield f"{key}: its {kind} date runs, and nothing is owed"
            if owes and kind in ("dispute", "appeal", "follow_up") and kind not in running:
                yield f"{key}: its {kind} is open, and has no running date"
        if "correction" in running and case.correction is not None:
            yield f"{key}: the correction is recorded, and its date runs"


def states_of_dates_are_sound(look: Look) -> Iterator[str]:
    """What stands still knows since when, what ended knows when and was judged by its date; none is of the future."""
    now = look.world.now
    for key, case in _changed(look):
        for one in case.deadlines:
            known = (one.state == "stopped") == (one.stopped_at is not None)
            ended = (one.state in ("met", "late")) == (one.met_at is not None)
            past = all(at is None or at <= now for at in (one.set_at, one.stopped_at, one.missed_at, one.met_at))
            judged = one.met_at is None or (one.met_at <= one.due_at) == (one.state == "met")
            if not (known and ended and past and judged):
                yield f"{key}: its {one.kind} date is unsound: {one.model_dump(exclude={'explanation'})}"
            if not one.explanation:
                yield f"{key}: its {one.kind} date explains nothing"


def no_clock_runs_for_what_ended_or_is_with_the_body(look: Look) -> Iterator[str]:
    """An ended case has no running date, a closed one but that of an appeal; what the body holds stands still."""
    for key, case in _changed(look):
        running = {deadline.kind for deadline in case.deadlines if deadline.state == "running"}
        if case.status not in LIVE and running - ({"appeal"} if case.status == "closed" else set()):
            yield f"{key}: {case.status}, and {running} run"
        if case.plan.state == "submitted" and case.policy and running & set(case.policy.stops):
            yield f"{key}: the plan is under review, and {running & set(case.policy.stops)} run"


def no_miss_is_passed_over(look: Look) -> Iterator[str]:
    """A running date that is past was found so."""
    for key, case in look.cases():
        for one in case.deadlines:
            if case.status in LIVE and one.state == "running" and one.due_at < look.world.now and not one.missed_at:
                yield f"{key}: nobody noticed that {one.kind} passed at {one.due_at}"


def hard_limits_never_move(look: Look) -> Iterator[str]:
    """Anchors stay; a limit is what policy, grade and anchors make it, and only close-out has one."""
    for change in look.changes:
        before, after = change.before, change.after
        if not isinstance(before, Case) or before.anchors is None:
            continue
        if after.anchors != before.anchors:
            yield f"{change}: the instants that it counts from are others"
        if _limit(before) != _limit(after) and not isinstance(
            change.happened.event, e.Regraded | e.PolicyApplied | e.Acknowledged
        ):
            yield f"{change}: the hard limit moved from {_limit(before)} to {_limit(after)}"
    for key, case in _changed(look):
        if any(one.limit_at is not None for one in case.deadlines if one.kind != "closure"):
            yield f"{key}: another date than close-out has a hard limit"
        closure = case.deadline("closure")
        if closure is not None and not closure.has_ended and case.status in LIVE:
            limits = [at for at in _limits(case) if not _lapsed(look, key, at)]
            if closure.limit_at != min(limits, default=None) and closure.limit_at != min(_limits(case), default=None):
                yield f"{key}: its hard limit is {closure.limit_at}, not {min(limits, default=None)}"


def no_date_passes_its_limit(look: Look) -> Iterator[str]:
    """No close-out date lies after its hard limit, wherever it was moved."""
    for change in look.changes:
        for one in getattr(change.after, "deadlines", ()):
            if one.limit_at is not None and one.due_at > one.limit_at:
                yield f"{change}: {one.kind} is due {one.due_at}, after {one.limit_at}"


def windows_of_audits_and_certificates_hold(look: Look) -> Iterator[str]:
    """No audit is concluded after its window; nothing is certified past its term, or suspended past its longest."""
    now = look.world.now
    for change, event in look.of(audits.Concluded):
        audit: Audit = change.before
        window = audit.clock("conclude")
        if window is not None and window.is_open and change.happened.at > window.due_at:
            yield f"{change}: {event.recommendation} after {window.due_at}"
        if any(clock.state == "missed" for clock in audit.clocks):
            yield f"{change}: a window was missed"
    for key, certificate in look.certificates():
        if certificate.status in LIVING and (certificate.term is None or certificate.term.expires_at < now):
            yield f"{key}: {certificate.status} past its term"
        suspension = certificate.suspension
        if certificate.status == "suspended" and suspension and suspension.until < now and not suspension.overrun:
            yield f"{key}: suspended past {suspension.until}"
    for key, review in look.reviews():
        if review.status == "convened" and review.due_at is not None and review.due_at < now and not review.overdue:
            yield f"{key}: overdue, and nobody noticed"


def _changed(look: Look) -> Iterator[tuple[str, Case]]:
    for stream in look.changed:
        if isinstance(stream.state, Case):
            yield stream.name.partition("/")[2], stream.state


def _limit(case: Case) -> datetime | None:
    closure = case.deadline("closure")
    return closure.limit_at if closure else None


def _limits(case: Case) -> Iterator[datetime]:
    """The hard limits of a case, counted here once more."""
    if case.policy is None or case.anchors is None:
        return
    area = ZoneInfo(case.zone)
    receipt = [at for at in (case.anchors.receipt, case.acknowledged_at) if at is not None]
    starts = {**dict(case.anchors), "receipt": min(receipt, default=None)}
    for limit in case.policy.limits:
        holds = not limit.grades or case.grade in limit.grades
        start = starts[limit.anchor] if holds and (not limit.stages or case.anchors.stage in limit.stages) else None
        if start is not None:
            at = limit.within.after(start, area)
            yield end_of_day(at, area) if case.policy.end_of_day and limit.within.in_days else at


def _lapsed(look: Look, key: str, limit: datetime) -> bool:
    """Whether a limit was past already when the clock, or an audit's end, made a minor a major."""
    history = look.world.streams[f"nonconformity/{key}"].history
    raised = [one.at for one in history if isinstance(one.event, e.Regraded) and one.event.cause in BY_CLOCK]
    return bool(raised) and limit <= raised[-1]


INVARIANTS: tuple[Invariant, ...] = (
    each_stream_has_one_wakeup_ahead,
    what_ended_never_wakes,
    a_living_case_has_the_dates_of_its_policy,
    the_bodys_own_dates_run_while_it_owes_something,
    states_of_dates_are_sound,
    no_clock_runs_for_what_ended_or_is_with_the_body,
    no_miss_is_passed_over,
    hard_limits_never_move,
    no_date_passes_its_limit,
    windows_of_audits_and_certificates_hold,
)
