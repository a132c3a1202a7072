"""Refusals about withdrawal."""

from workflows.decider import Refusal


class WithdrawalPending(Refusal):
    """A withdrawal is proposed once."""

    code = "withdrawal_pending"
    says = "A withdrawal is proposed already: another person must confirm it."


class NoWithdrawalProposed(Refusal):
    """A confirmation needs a proposal."""

    code = "no_withdrawal_proposed"
    says = "No withdrawal is proposed."


class SamePerson(Refusal):
    """A withdrawal takes two people of the certification body."""

    kind = "forbidden"
    code = "same_person"
    says = "You proposed it: another person must confirm."
