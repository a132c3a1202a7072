"""Events about withdrawal, disputes and appeals."""

from typing import ClassVar

from workflows.decider import Event
from workflows.nonconformity.commands import Outcome, Wanted
from workflows.nonconformity.deadlines import Deadline
from workflows.procedure import Signed


class WithdrawalProposed(Event):
    """One person says that it should not have been raised."""

    type: ClassVar[str] = "nonconformity.withdrawal_proposed"
    reason: str


class Withdrawn(Event):
    """It is withdrawn: two people say so, or a dispute was upheld."""

    type: ClassVar[str] = "nonconformity.withdrawn"
    reason: str


class Disputed(Event):
    """The client holds that it, or its grade, is wrong; the date by which that is decided is set."""

    type: ClassVar[str] = "nonconformity.disputed"
    wanted: Wanted
    reason: str
    deadlines: tuple[Deadline, ...]


class DisputeDecided(Event):
    """Whether the client is right. `effect` is what becomes of the nonconformity, where the dispute is upheld."""

    type: ClassVar[str] = "nonconformity.dispute_decided"
    outcome: Outcome
    effect: Wanted | None
    reason: str
    signature: Signed
    deadlines: tuple[Deadline, ...]


class Appealed(Event):
    """The client appeals against the decision of a review; the date by which that is decided is set."""

    type: ClassVar[str] = "nonconformity.appealed"
    review: str
    reason: str
    deadlines: tuple[Deadline, ...]


class AppealDecided(Event):
    """Whether the decision is set aside, and with it its effect on `certificates`."""

    type: ClassVar[str] = "nonconformity.appeal_decided"
    review: str
    certificates: tuple[str, ...] = ()
    outcome: Outcome
    reason: str
    signature: Signed
    deadlines: tuple[Deadline, ...]
