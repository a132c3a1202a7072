"""Why a case waits on somebody, and what they could do at once: read off the procedure, for one person."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from services.console.frame.catalogue import mark
from workflows.decider import Client
from workflows.findings import missing_for_issue
from workflows.nonconformity.case import Case
from workflows.nonconformity.commands import Side
from workflows.people import Actor
from workflows.procedure import Allowed


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do: the command that does it, and why it is to be done, in words that are translated when shown."""

    command: str
    why: str


@dataclass(frozen=True, slots=True)
class _Duty:
    """When a command that nothing stands against is somebody's to give, and why.

    `asks` says of the client's settings whether it is asked for at all.
    """

    command: str
    why: str
    when: Callable[[Case, Side], bool] = lambda *_: True
    asks: Callable[[Client], bool] = lambda _: True


def side_of(actor: Actor) -> Side:
    """On which side somebody is."""
    return "client" if actor.client is not None else "certification_body"


def _asked(case: Case, side: Side) -> bool:
    return any(question.of == side for question in case.questions)


def _lacking(case: Case, _: Side) -> bool:
    return case.finding is not None and bool(missing_for_issue(case.finding))


def _unremoved(case: Case, _: Side) -> bool:
    removed = {key for action in case.actions for key in action.causes}
    return any(cause.key not in removed for cause in case.causes)


def _accepted(case: Case, _: Side) -> bool:
    return case.plan.state == "accepted"


def _unevidenced(case: Case, side: Side) -> bool:
    shown = {key for piece in case.evidence for key in piece.shows}
    return _accepted(case, side) and any(not shown & {action.key, *action.causes} for action in case.actions)


def _unconfirmed(case: Case, side: Side) -> bool:
    is_shown = not case.unrevised and not _unevidenced(case, side)
    return _accepted(case, side) and is_shown and case.confirmation is None


def _came_back(*sections: str) -> Callable[[Case, Side], bool]:
    """Whether a plan came back of which nothing was changed since, with a reason for one of these sections."""
    return lambda case, _: (
        case.plan.state == "returned" and any(one.get("section") in sections for one in case.returned)
    )


def _voided(*states: str) -> Callable[[Case, Side], bool]:
    """Whether a plan that was changed after it was accepted is where somebody has to do something about it."""
    return lambda case, _: case.plan.voided is not None and case.plan.state in states


def _back_to_plan(case: Case, _: Side) -> bool:
    return case.plan.state == "returned" and any("shows" in one for one in case.returned)


DUTIES: Sequence[_Duty] = (
    _Duty("decide_appeal", mark("An appeal waits: decide it.")),
    _Duty("decide_dispute", mark("The client disputes it: decide the dispute.")),
    _Duty("answer_complaint", mark("A complaint waits: answer it."), lambda case, _: bool(case.complaints)),
    _Duty("answer", mark("A question to your side waits: answer it."), _asked),
    _Duty("grant_extension", mark("The client asks for more time: grant or deny it.")),
    _Duty("confirm_withdrawal", mark("Its withdrawal was proposed: confirm it as the second person.")),
    _Duty(
        "accept_plan",
        mark("A plan that was changed after it was accepted was submitted again: accept or return it."),
        _voided("submitted"),
    ),
    _Duty("accept_plan", mark("A plan was submitted: accept or return it.")),
    _Duty("record_follow_up", mark("A follow-up audit is required: record what it found.")),
    _Duty("verify", mark("Evidence was submitted: verify that the actions are effective.")),
    _Duty("close", mark("It is verified: close it out."), lambda case, _: case.status == "verified"),
    _Duty("complete", mark("It cannot be issued as it stands: complete it, or dismiss it."), _lacking),
    _Duty("issue", mark("A finding in triage: issue or dismiss it.")),
    _Duty(
        "submit_evidence",
        mark("The evidence is complete: sign and submit it."),
        lambda case, _: not case.unrevised,
    ),
    _Duty(
        "confirm_effectiveness",
        mark("The actions wait for you: confirm independently that they are effective."),
        _unconfirmed,
        asks=lambda client: client.internal_confirmation,
    ),
    _Duty(
        "submit_plan",
        mark("The plan was changed after it was accepted, which voided that: sign and submit it again."),
        _voided("draft", "proposed"),
    ),
    _Duty(
        "submit_plan",
        mark("The plan is complete: sign and submit it."),
        lambda case, _: case.plan.state != "returned" or not case.returned,
    ),
    _Duty("record_correction", mark("The plan came back: see why, and mend the correction."), _came_back("correction")),
    _Duty("record_cause", mark("The plan came back: see why, and mend the root cause."), _came_back("cause", "extent")),
    _Duty("revise_action", mark("The plan came back: see why, and mend the actions."), _came_back("actions")),
    _Duty("revise_action", mark("The evidence came back to the plan: see why, and mend the actions."), _back_to_plan),
    _Duty("record_correction", mark("Say what was done to fix the thing itself."), lambda case, _: not case.correction),
    _Duty("record_cause", mark("Find the root cause."), lambda case, _: not case.causes),
    _Duty("plan_action", mark("A cause has no action yet: plan one."), _unremoved),
    _Duty(
        "propose_plan",
        mark("The plan was changed after it was accepted: put it before the approver again."),
        _voided("draft"),
    ),
    _Duty(
        "propose_plan", mark("The plan is complete: put it before the approver."), lambda c, _: c.plan.state == "draft"
    ),
    _Duty(
        "attach_evidence",
        mark("The evidence came back: see why, and attach what was missing."),
        lambda case, _: bool(case.unrevised),
    ),
    _Duty(
        "attach_evidence",
        mark("The plan is accepted: show that the actions were carried out."),
        _unevidenced,
    ),
    _Duty(
        "complete_action",
        mark("The plan is accepted: report the actions that are done."),
        lambda case, side: _accepted(case, side) and bool(case.left_undone),
    ),
    _Duty("acknowledge", mark("Confirm that you received it."), lambda case, _: case.acknowledged_at is None),
)
"""In the order in which they are offered: what others wait for comes first."""

ASIDE = frozenset(
    {
        "aggregate",
        "answer",
        "appeal",
        "apply_policy",
        "ask",
        "assign",
        "comment",
        "complain",
        "dispute",
        "escalate",
        "excuse_lateness",
        "propose_withdrawal",
        "regrade",
        "request_extension",
    }
)
"""What is seldom done or can always be done: offered apart."""

_NOTHING: Mapping[str, Callable[[Case, Side], bool]] = {
    "answer": lambda case, side: not _asked(case, side),
    "answer_complaint": lambda case, _: not case.complaints,
    "complete_action": lambda case, _: not case.left_undone,
    "drop_action": lambda case, _: not case.actions,
    "revise_action": lambda case, _: not case.actions,
    "excuse_lateness": lambda case, _: not any(date.missed_at or date.state == "late" for date in case.deadlines),
}
"""Where there is nothing that a command could be about, though no rule stands against it."""

DECIDES_TWO_WAYS = {"accept_plan": "return_plan", "verify": "return_evidence", "grant_extension": "deny_extension"}
"""The commands beside which the opposite is offered."""


def offered(case: Case, actor: Actor, allowed: Sequence[Allowed]) -> list[str]:
    """The commands that somebody can give now and that could be about something."""
    side = side_of(actor)
    return [
        one.command
        for one in allowed
        if one.why_not is None and not (one.command in _NOTHING and _NOTHING[one.command](case, side))
    ]


def task(case: Case, actor: Actor, allowed: Sequence[Allowed], client: Client | None) -> Task | None:
    """What is most to be done on a case by somebody who may do so much; None where nothing is theirs to do now.

    `client` is whose the case is, as the registry has it; None for one that is in no registry.
    """
    open_now = {one.command for one in allowed if one.why_not is None}
    side, settings = side_of(actor), client or Client(key="")
    for duty in DUTIES:
        if duty.command in open_now and duty.when(case, side) and duty.asks(settings):
            return Task(duty.command, duty.why)
    return None
