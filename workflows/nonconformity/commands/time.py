"""Bodies of commands about dates: extensions, excuses."""

from typing import ClassVar, Literal

from workflows.procedure import Body, Instant, Name, SignedBody, Text

DeadlineKind = Literal["plan", "evidence", "closure"]


class RequestExtension(Body):
    """More time for one deadline, and how the matter is contained meanwhile."""

    command: ClassVar[str] = "request_extension"
    deadline: DeadlineKind
    until: Instant
    reason: Text
    containment: Text


class GrantExtension(Body):
    """The requested time, or less."""

    command: ClassVar[str] = "grant_extension"
    until: Instant
    reason: Text


class DenyExtension(Body):
    """No more time."""

    command: ClassVar[str] = "deny_extension"
    reason: Text


class ExcuseLateness(Body):
    """A date was missed for a reason that is not the client's (an outage)."""

    command: ClassVar[str] = "excuse_lateness"
    deadline: DeadlineKind
    reason: Text


class ApplyPolicy(SignedBody):
    """From now on the dates are counted by the newest version of this policy that is in force."""

    command: ClassVar[str] = "apply_policy"
    policy: Name
