"""Refusals about what is said: remarks, assignment."""

from workflows.decider import Refusal


class NotIssued(Refusal):
    """A finding in triage is not shown to the client (DESIGN section 3)."""

    kind = "unknown"
    code = "not_issued"
    says = "There is no such nonconformity."
