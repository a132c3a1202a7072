"""How a nonconformity is issued: its number, its policy, and its dates, or those with which it moved in."""

from collections.abc import Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from workflows.decider import Context
from workflows.findings.model import History
from workflows.nonconformity import commands as c
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity import events as e
from workflows.nonconformity.audits import as_planned, as_registered, differences, registered
from workflows.nonconformity.case import Case
from workflows.nonconformity.deadlines import CLIENT_DATES, Anchors, Deadline
from workflows.nonconformity.doubts import about
from workflows.nonconformity.given import finding_of, required
from workflows.nonconformity.policies import policy_for
from workflows.nonconformity.wording import warnings
from workflows.policy import Policy


def issued(case: Case, body: c.Issue, context: Context) -> e.Issued:
    """Number, policy and dates, fixed."""
    facts, now = context.facts, context.now
    client = required(facts.client, "a registered client")
    finding = finding_of(case)
    audit, known = registered(finding, context), as_registered(finding, context)
    policy = policy_for(known, body.grade, context)
    since = _since(finding.history, now, client.zone)
    planned = as_planned(finding, context)
    anchors = clocks.anchors(planned, policy, since, client.zone, facts.audits, facts.certificates)
    if finding.history is None:
        dates = clocks.fix(policy, body.grade, anchors, client.zone, body.label)
    else:
        dates = _moved_in(finding.history, policy, body, anchors, client.zone, now)
    return e.Issued(
        number=f"NC-{now.year}-{required(facts.number, 'a number'):04d}",
        grade=body.grade,
        label=body.label,
        policy=policy,
        zone=client.zone,
        anchors=anchors,
        deadlines=dates,
        team=audit.team if audit else (),
        audit=known.audit if audit else None,
        reason=body.reason,
        warnings=(*differences(finding, context), *about(finding, context), *warnings(finding)),
    )


def _since(history: History | None, now: datetime, zone: str) -> datetime:
    """From when it counts as issued: now, or the day on which it was issued elsewhere."""
    if history is None:
        return now
    return min(now, datetime.combine(history.issued_on, time.min, ZoneInfo(zone)))


def _moved_in(
    history: History, policy: Policy, body: c.Issue, anchors: Anchors, zone: str, now: datetime
) -> tuple[Deadline, ...]:
    """The dates of a nonconformity that another body issued: those that it brings go before those that are counted.

    They keep its own hard limits, as every date does.
    """
    why = f"moved in, issued on {history.issued_on}"
    counted = clocks.reanchor((), policy, body.grade, anchors, zone, now, why, body.label)
    brought = {due.kind: due.due_at for due in history.deadlines}
    dates: Sequence[Deadline] = counted
    for kind in CLIENT_DATES:
        due = brought.get(kind)
        if due is None:
            continue
        if not any(deadline.kind == kind for deadline in dates):
            bare = Deadline(
                kind=kind, due_at=due, first_due_at=due, explanation=(f"{why}; the policy has no such date",)
            )
            dates = (*dates, bare)
        dates = clocks.defer(dates, (kind,), due, now, "the date that it brings", zone)
    return tuple(deadline.model_copy(update={"first_due_at": deadline.due_at}) for deadline in dates)
