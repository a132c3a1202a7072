"""Bodies of commands about dates: extensions, excuses."""

from typing import ClassVar, Literal

from workflows.procedure import Body, Instant, Name, SignedBody, Text

ClientDate = Literal["correction", "plan", "evidence", "closure"]
"""The dates that a client keeps, and may ask more time for."""

DeadlineKind = Literal["correction", "plan", "evidence", "closure", "review", "follow_up", "dispute", "appeal"]
"""All dates: `review` is the reviewer's own, `follow_up` that of a follow-up audit, `dispute` and `appeal` are those by
which the certification body decides.
"""


class RequestExtension(Body):
    """More time for one deadline, and how the matter is contained meanwhile."""

    command: ClassVar[str] = "request_extension"
    deadline: ClientDate
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
    deadline: ClientDate
    reason: Text


class ApplyPolicy(SignedBody):
    """From now on the dates are counted by the newest version of this policy that is in force."""

    command: ClassVar[str] = "apply_policy"
    policy: Name
