"""Bodies of commands about withdrawal."""

from typing import ClassVar

from workflows.procedure import Body, Text


class ProposeWithdrawal(Body):
    """The nonconformity should not have been raised."""

    command: ClassVar[str] = "propose_withdrawal"
    reason: Text


class ConfirmWithdrawal(Body):
    """A second person agrees that it should not have been raised."""

    command: ClassVar[str] = "confirm_withdrawal"
    reason: Text
