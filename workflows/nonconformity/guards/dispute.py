"""Conditions on commands about withdrawal."""

from workflows.decider import Context
from workflows.nonconformity import refusals as r
from workflows.nonconformity.case import Case
from workflows.procedure import guard


@guard(r.WithdrawalPending)
def no_withdrawal_yet(case: Case, body: object, context: Context) -> None:
    """No withdrawal is proposed."""
    if case.withdrawal_proposed_by is not None:
        raise r.WithdrawalPending


@guard(r.NoWithdrawalProposed, r.SamePerson)
def second_person(case: Case, body: object, context: Context) -> None:
    """Somebody else proposed it."""
    if case.withdrawal_proposed_by is None:
        raise r.NoWithdrawalProposed
    if case.withdrawal_proposed_by == context.actor.id:
        raise r.SamePerson
