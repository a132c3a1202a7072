"""Bodies of commands about withdrawal, disputes and appeals."""

from typing import ClassVar, Literal

from pydantic import model_validator

from workflows.procedure import Body, SignedBody, Text
from workflows.sentences import Sentence
from workflows.shapes import misplaced

Wanted = Literal["withdraw", "regrade"]
Outcome = Literal["upheld", "rejected"]


class ProposeWithdrawal(Body):
    """The nonconformity should not have been raised."""

    command: ClassVar[str] = "propose_withdrawal"
    reason: Text


class ConfirmWithdrawal(Body):
    """A second person agrees that it should not have been raised."""

    command: ClassVar[str] = "confirm_withdrawal"
    reason: Text


class Dispute(Body):
    """The client holds that the nonconformity, or its grade, is wrong."""

    command: ClassVar[str] = "dispute"
    reason: Text
    wanted: Wanted


class DecideDispute(SignedBody):
    """Whether the client is right; an upheld dispute has the `effect` that was wanted, unless another is named."""

    command: ClassVar[str] = "decide_dispute"
    outcome: Outcome
    reason: Text
    effect: Wanted | None = None

    @model_validator(mode="after")
    def _rejected_has_no_effect(self) -> "DecideDispute":
        if self.outcome == "rejected" and self.effect is not None:
            raise misplaced(Sentence("A rejected dispute has no effect."), "effect")
        return self


class Appeal(Body):
    """The client appeals against the committee's latest decision."""

    command: ClassVar[str] = "appeal"
    reason: Text


class DecideAppeal(SignedBody):
    """Whether the decision is set aside; on a living case the committee then decides anew, with other members."""

    command: ClassVar[str] = "decide_appeal"
    outcome: Outcome
    reason: Text
