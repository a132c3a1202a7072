"""What passes between the kinds of things: which event causes which command where, and what the clock moves.

Both are compared with all that happens in the lives of tests/rules/lives.
"""

from typing import NamedTuple


class Caused(NamedTuple):
    """A command that an event causes: `of` and `on` are kinds of streams, `event` is the event's type."""

    of: str
    event: str
    on: str
    command: str
    when: str


CAUSED = (
    Caused("nonconformity", "nonconformity.escalated", "committee_review", "open", "always"),
    Caused(
        "nonconformity",
        "nonconformity.review_decided",
        "certificate",
        "apply_decision",
        "on each certificate that the decision touches",
    ),
    Caused(
        "nonconformity",
        "nonconformity.appeal_decided",
        "certificate",
        "set_aside",
        "upheld: on each certificate that the decision touched",
    ),
    Caused("nonconformity", "nonconformity.client_changed", "committee_review", "change_client", "a review is open"),
    *(
        Caused("nonconformity", f"nonconformity.{end}", "committee_review", "discontinue", "a review has not decided")
        for end in ("closed", "withdrawn", "dismissed", "superseded")
    ),
    *(
        Caused("nonconformity", f"nonconformity.{end}", "certificate", "resolve", "on each that a decision touched")
        for end in ("closed", "withdrawn", "dismissed", "superseded")
    ),
    Caused("nonconformity", "nonconformity.aggregated", "nonconformity", "raise_systemic", "always"),
    Caused(
        "nonconformity",
        "nonconformity.aggregated",
        "nonconformity",
        "lapse_aggregation",
        "on itself, where the systemic major is refused",
    ),
    Caused("nonconformity", "nonconformity.systemic_raised", "nonconformity", "supersede", "on each of its minors"),
    Caused("committee_review", "committee_review.decided", "nonconformity", "apply_decision", "always"),
    Caused("audit", "audit.started", "nonconformity", "call_up", "on each deferred minor that comes due"),
    Caused(
        "audit",
        "audit.revised",
        "nonconformity",
        "call_up",
        "its team or last day changed while it is under way",
    ),
    Caused(
        "audit",
        "audit.revised",
        "nonconformity",
        "move_verification",
        "its last day changed before it began: on each deferred minor that waits for it",
    ),
    Caused("audit", "audit.ended", "nonconformity", "audit_ended", "on each deferred minor that was due"),
    Caused("audit", "audit.cancelled", "nonconformity", "call_off", "on each deferred minor that waited for it"),
    Caused("client", "client.merged", "client", "absorb", "on the survivor"),
    Caused("client", "client.absorbed", "client", "absorb", "the survivor was merged itself meanwhile"),
    *(
        Caused("client", "client.absorbed", kind, "change_client", "on each that was the duplicate's")
        for kind in ("nonconformity", "audit", "certificate")
    ),
)


class Passing(NamedTuple):
    """A state that the clock alone ends."""

    kind: str
    start: str
    end: str
    why: str


BY_THE_CLOCK = (
    Passing("audit", "ended", "lapsed", "a window closed"),
    Passing("audit", "concluded", "lapsed", "a window closed"),
    Passing("certificate", "active", "expired", "its last day passed"),
    Passing("certificate", "suspended", "expired", "its last day passed"),
    Passing("certificate", "suspended", "withdrawn", "the longest suspension passed"),
)
