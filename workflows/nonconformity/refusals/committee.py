"""Refusals about the certification committee."""

from workflows.decider import Refusal


class UnderReview(Refusal):
    """One committee review at a time."""

    code = "under_review"
    says = "The certification committee is reviewing it already."


class StrangeReview(Refusal):
    """A decision comes from a review of this case that is not decided yet."""

    code = "strange_review"
    says = "{review} is no open review of this case."
