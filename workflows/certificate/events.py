"""What can happen to a certificate."""

from datetime import date, datetime
from typing import ClassVar, Literal

from workflows.decider import Event
from workflows.people import Frozen
from workflows.policy import Suspension
from workflows.procedure import Signed

Reached = Literal["applied", "active", "suspended", "withdrawn", "expired", "refused"]
Status = Literal["", Reached]
"""The status a certificate has reached; none before its application."""


class Term(Frozen):
    """From which day until which day a certificate holds: to the end of that day in the client's zone, `expires_at`.

    `warn_at` are the instants at which its end is announced.
    """

    issued_on: date
    expires_on: date
    expires_at: datetime
    warn_at: tuple[datetime, ...] = ()


class Cause(Frozen):
    """Why a certificate is suspended: a nonconformity, by its id, or a decision that names none."""

    reason: str
    case: str | None = None
    review: str | None = None


class Applied(Event):
    """A client applies, for the first time or again after a refusal, a withdrawal or an expiry.

    `standards` are as stated, in their normal names, with the edition where one was named.
    """

    type: ClassVar[str] = "certificate.applied"
    key: str
    client: str
    standards: tuple[str, ...]
    sites: tuple[str, ...]
    scope: str
    zone: str


class Granted(Event):
    """Certification was decided, on the audit that was named and the latest one of each standard."""

    type: ClassVar[str] = "certificate.granted"
    term: Term
    audits: tuple[str, ...]
    reason: str
    signature: Signed


class TransferredIn(Event):
    """A certificate of another body, taken over with its dates and with the nonconformities that were open there."""

    type: ClassVar[str] = "certificate.transferred_in"
    key: str
    client: str
    standards: tuple[str, ...]
    sites: tuple[str, ...]
    scope: str
    zone: str
    from_body: str
    term: Term
    cases: tuple[str, ...]


class Refused(Event):
    """Initial certification was refused by a committee review; the client may apply again."""

    type: ClassVar[str] = "certificate.refused"
    cause: Cause


class Renewed(Event):
    """Recertification was decided before the certificate expired."""

    type: ClassVar[str] = "certificate.renewed"
    term: Term
    audits: tuple[str, ...]
    reason: str
    signature: Signed


class Suspended(Event):
    """Suspended until the cause is resolved, at most until `until`; or suspended already, and now for this as well.

    A decision of a committee review carries the signatures there, and none here.
    """

    type: ClassVar[str] = "certificate.suspended"
    cause: Cause
    until: datetime
    policy: Suspension
    signature: Signed | None


class CauseResolved(Event):
    """A nonconformity that caused the suspension ended; others may be left."""

    type: ClassVar[str] = "certificate.cause_resolved"
    case: str
    reason: str


class Restored(Event):
    """The suspension is lifted; or certification is restored after its expiry, which states the new `term`."""

    type: ClassVar[str] = "certificate.restored"
    reason: str
    term: Term | None = None
    audits: tuple[str, ...] = ()
    signature: Signed | None


class Reduced(Event):
    """Parts were taken out: `standards` and `sites` by name, `scope` as it reads from now on.

    A decision of a committee review says what it takes out in its reason; the parts are named by hand afterwards.
    """

    type: ClassVar[str] = "certificate.reduced"
    standards: tuple[str, ...]
    sites: tuple[str, ...]
    scope: str | None
    cause: Cause
    signature: Signed | None


class Withdrawn(Event):
    """Withdrawn by decision, or by the clock at the end of the longest suspension."""

    type: ClassVar[str] = "certificate.withdrawn"
    cause: Cause
    by: Literal["decision", "suspension"]
    signature: Signed | None


class DecisionSetAside(Event):
    """What a committee review decided has no effect any more: an appeal against it was upheld.

    The certificate as it stands without that: its `status`, and what is on it.
    """

    type: ClassVar[str] = "certificate.decision_set_aside"
    review: str
    case: str
    reason: str
    status: Status
    standards: tuple[str, ...]
    sites: tuple[str, ...]
    scope: str


class SuspensionOverrun(Event):
    """The longest suspension passed; the policy asks for a warning only."""

    type: ClassVar[str] = "certificate.suspension_overrun"
    until: datetime


class ExpiryAnnounced(Event):
    """The certificate expires soon: recertification has to be decided before."""

    type: ClassVar[str] = "certificate.expiry_announced"
    expires_on: date
    due_at: datetime


class Expired(Event):
    """The last day passed without recertification."""

    type: ClassVar[str] = "certificate.expired"
    expires_on: date


class ClientChanged(Event):
    """The client was merged into another, whose zone holds from now on; `term` as it reads there."""

    type: ClassVar[str] = "certificate.client_changed"
    client: str
    zone: str
    term: Term | None
