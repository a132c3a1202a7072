"""Refusals about what its source says of a case after the report."""

from workflows.decider import Refusal


class AnotherFinding(Refusal):
    """A revision is of the same finding of the same client: a case changes neither by what its source says."""

    code = "another_finding"
    says = "This is the finding {reference} of {client}: what is said of another is none of its revisions."
