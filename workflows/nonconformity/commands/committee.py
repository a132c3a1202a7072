"""Bodies of commands about the certification committee."""

from datetime import datetime
from typing import ClassVar, Literal

from workflows.grades import Grade
from workflows.nonconformity.commands.time import ClientDate
from workflows.procedure import Body, Text

Choice = Literal[
    "extend", "special_audit", "suspend", "reduce_scope", "withdraw_certificate", "refuse", "regrade", "dismiss"
]

EscalationCause = Literal["closure_missed", "round_limit", "second_extension", "by_hand", "appeal"]
"""Why the committee is called."""

UpgradeCause = Literal["deadline_missed", "unverified"]
"""Why a minor becomes a major by itself: a missed date, or an audit that did not verify it."""


class Escalate(Body):
    """The certification committee has to decide."""

    command: ClassVar[str] = "escalate"
    reason: Text


class ApplyDecision(Body):
    """A committee review's decision, carried to the case by reaction.

    `deadline` is the one that `until` moves, `grade` the one that a regrading gives, `deciders` are the ids of those
    who voted.
    """

    command: ClassVar[str] = "apply_decision"
    review: str
    choice: Choice
    effect: Text
    reason: Text
    until: datetime | None = None
    grade: Grade | None = None
    deadline: ClientDate = "closure"
    deciders: tuple[str, ...] = ()
