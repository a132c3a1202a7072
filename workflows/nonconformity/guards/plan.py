"""Conditions on commands about the plan: correction, causes, actions, submission, acceptance."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from workflows.decider import Context
from workflows.nonconformity import commands as c
from workflows.nonconformity import refusals as r
from workflows.nonconformity.case import Case
from workflows.nonconformity.given import policy_of
from workflows.nonconformity.guards.common import none_left, since_detection
from workflows.procedure import guard
from workflows.sentences import Sentence

MOST_ACTIONS = 200
"""How many a case holds."""


@guard(r.NoPlanDuty)
def plan_duty(case: Case, body: object, context: Context) -> None:
    """The grade asks for a plan."""
    if case.grade == "ofi":
        raise r.NoPlanDuty


@guard(r.PlanUnderReview)
def plan_at_hand(case: Case, body: object, context: Context) -> None:
    """The plan is with the client, as a draft or accepted."""
    if case.status == "plan_submitted" and case.plan.state == "submitted":
        raise r.PlanUnderReview


@guard(r.PlanNotUnderReview)
def plan_to_review(case: Case, body: object, context: Context) -> None:
    """A plan is under review."""
    if case.plan.state != "submitted":
        raise r.PlanNotUnderReview(state=case.plan.state)


@guard(r.PlanNotAccepted)
def plan_accepted(case: Case, body: object, context: Context) -> None:
    """The plan is accepted."""
    if case.plan.state != "accepted":
        raise r.PlanNotAccepted(state=case.plan.state)


@guard(r.CauseInUse, needs_body=True)
def causes_kept(case: Case, body: c.RecordCause, context: Context) -> None:
    """No action is left without its cause."""
    named = {cause.key for cause in body.causes}
    lost = sorted({key for action in case.actions for key in action.causes} - named)
    if lost:
        raise r.CauseInUse("/causes", causes=", ".join(lost))


@guard(r.CaseFull)
def room_for_actions(case: Case, body: object, context: Context) -> None:
    """Not too many actions yet."""
    if len(case.actions) >= MOST_ACTIONS:
        raise r.CaseFull(most=MOST_ACTIONS, what=Sentence("actions"))


@guard(r.DoneInFuture, r.DoneTooEarly, needs_body=True)
def done_already(case: Case, body: c.RecordCorrection, context: Context) -> None:
    """A correction is done since the finding was detected, if perhaps before its issue, and not on a day to come."""
    since_detection(case, body.done_on, context, "/done_on")


@guard(r.ActionExists, needs_body=True)
def new_action(case: Case, body: c.PlanAction, context: Context) -> None:
    """The key is free."""
    if case.action(body.key) is not None:
        raise r.ActionExists("/key", key=body.key)


@guard(r.ActionUnknown, needs_body=True)
def known_action(case: Case, body: c.ReviseAction | c.DropAction | c.CompleteAction, context: Context) -> None:
    """The action is planned."""
    if case.action(body.key) is None:
        raise r.ActionUnknown("/key", key=body.key)


@guard(r.CauseUnknown, r.PredecessorUnknown, r.ActionCycle, needs_body=True)
def sound_links(case: Case, body: c.PlanAction | c.ReviseAction, context: Context) -> None:
    """The action removes known causes, waits for known actions, and closes no circle."""
    unknown = sorted(set(body.causes or ()) - {cause.key for cause in case.causes})
    if unknown:
        raise r.CauseUnknown("/causes", causes=", ".join(unknown))
    waits = {action.key: action.after for action in case.actions}
    if body.after is not None:
        waits[body.key] = body.after
    strangers = sorted(set(body.after or ()) - waits.keys())
    if strangers:
        raise r.PredecessorUnknown("/after", actions=", ".join(strangers))
    circle = _circle(waits, body.key)
    if circle:
        raise r.ActionCycle("/after", actions=" -> ".join(circle))


@guard(r.ActionAwaited, needs_body=True)
def not_awaited(case: Case, body: c.DropAction, context: Context) -> None:
    """No other action waits for it."""
    waiting = [action.key for action in case.actions if body.key in action.after]
    if waiting:
        raise r.ActionAwaited("/key", actions=", ".join(waiting))


@guard(r.CorrectionMissing, r.CauseMissing, r.CauseWithoutAction, r.ActionWithoutOwner, r.ActionWithoutDate)
def complete_plan(case: Case, body: object, context: Context) -> None:
    """Correction, a root cause, an action for each cause, an owner and a date for each action."""
    if case.correction is None:
        raise r.CorrectionMissing
    if not case.causes:
        raise r.CauseMissing
    removed = {key for action in case.actions for key in action.causes}
    none_left([cause.key for cause in case.causes if cause.key not in removed], r.CauseWithoutAction, "causes")
    none_left([action.key for action in case.actions if not action.owner], r.ActionWithoutOwner, "actions")
    none_left([action.key for action in case.actions if action.due_on is None], r.ActionWithoutDate, "actions")


@guard(r.FourEyes)
def four_eyes(case: Case, body: object, context: Context) -> None:
    """Not one of the plan's authors, where the client wants four eyes."""
    wanted = context.facts.client.four_eyes if context.facts.client else True
    if wanted and context.actor.id in case.plan.authors:
        raise r.FourEyes


def within_tolerance(case: Case, body: c.ReviseAction) -> str | None:
    """Why a change to an action of an accepted plan goes beyond the policy's tolerance; None where it does not."""
    action = case.action(body.key)
    if action is None:
        return None
    for name in ("text", "causes", "owner", "after"):
        if getattr(body, name) not in (None, getattr(action, name)):
            return f"{name} of {action.key} changed"
    # Counted from the date in the plan as accepted: many small moves are one large move.
    agreed = action.agreed_due_on or action.due_on
    if body.due_on is not None and agreed is not None:
        tolerance = policy_of(case).tolerance
        latest = tolerance.after(datetime.combine(agreed, time.min, UTC), ZoneInfo("UTC")).date()
        if body.due_on > latest:
            return f"{action.key} moved by more than {tolerance}"
    return None


def _circle(waits: dict[str, tuple[str, ...]], start: str) -> list[str]:
    """A path from `start` back to itself along what waits for what; empty where there is none."""
    paths = [[start]]
    seen: set[str] = set()
    while paths:
        path = paths.pop()
        for key in waits.get(path[-1], ()):
            if key == start:
                return [*path, start]
            if key not in seen:
                seen.add(key)
                paths.append([*path, key])
    return []
