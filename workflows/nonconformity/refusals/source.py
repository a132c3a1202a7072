"""Refusals about what its source says of a case after the report."""

from workflows.decider import Refusal


class AnotherFinding(Refusal):
    """What a source says of a finding is of the same reference and client: a case changes neither by it."""

    code = "another_finding"
    says = "{reference} is known as another finding, or as another client's: this is none of its revisions."
