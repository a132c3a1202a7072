"""Conditions on commands about what is said: remarks, assignment."""

from workflows.decider import Context
from workflows.nonconformity import refusals as r
from workflows.nonconformity.case import Case
from workflows.people import CLIENT_SIDE
from workflows.procedure import guard


@guard(r.NotIssued)
def shown(case: Case, body: object, context: Context) -> None:
    """A client's people see a case from its issue on."""
    if case.number is None and not context.actor.roles - CLIENT_SIDE:
        raise r.NotIssued
