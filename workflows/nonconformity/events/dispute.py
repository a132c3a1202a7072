"""Events about withdrawal."""

from typing import ClassVar

from workflows.decider import Event


class WithdrawalProposed(Event):
    """One person says that it should not have been raised."""

    type: ClassVar[str] = "nonconformity.withdrawal_proposed"
    reason: str


class Withdrawn(Event):
    """Two people say so: it is withdrawn."""

    type: ClassVar[str] = "nonconformity.withdrawn"
    reason: str
