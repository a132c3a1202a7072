"""What commands about withdrawal record."""

from workflows.decider import Context
from workflows.nonconformity import commands as c
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.records.common import Events


def propose_withdrawal(case: Case, body: c.ProposeWithdrawal, context: Context) -> Events:
    """The first person's word."""
    return (e.WithdrawalProposed(reason=body.reason),)


def confirm_withdrawal(case: Case, body: c.ConfirmWithdrawal, context: Context) -> Events:
    """The second person's word."""
    return (e.Withdrawn(reason=body.reason),)
