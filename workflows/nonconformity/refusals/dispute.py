"""Refusals about withdrawal, disputes and appeals."""

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


class DisputeOpen(Refusal):
    """One dispute at a time; while it is open, nobody calls the committee."""

    code = "dispute_open"
    says = "A dispute is open: it is decided first."


class NoDispute(Refusal):
    """A decision needs a dispute."""

    code = "no_dispute"
    says = "No dispute is open."


class NothingLower(Refusal):
    """A dispute makes a major a minor; below that there is only withdrawal."""

    code = "nothing_lower"
    says = "Only a major can be disputed down; a {grade} is withdrawn or stands."


class GradeUpheld(Refusal):
    """What a dispute made lower, no single person makes higher again (17021-1 9.7): the committee, or the policy.

    New facts are brought before the committee (escalate), whose members had no part in it.
    """

    code = "grade_upheld"
    says = "A dispute about the grade was upheld: only the certification committee makes it a {grade} again."


class DisputeTooLate(Refusal):
    """Disputes have a window (policy.dispute)."""

    code = "dispute_too_late"
    says = "It could be disputed until {until}."


class Involved(Refusal):
    """Disputes and appeals are decided by people who had no part in the audit or the case (17021-1 9.7.4)."""

    kind = "forbidden"
    code = "involved"
    says = "You {part}: somebody without a part in it decides."


class NothingToAppeal(Refusal):
    """An appeal is against a decision of the committee."""

    code = "nothing_to_appeal"
    says = "The committee has decided nothing that could be appealed against."


class AppealedAlready(Refusal):
    """A decision is appealed against once, and one appeal is decided before the next."""

    code = "appealed_already"
    says = "An appeal was raised already."


class AppealTooLate(Refusal):
    """Appeals have a window (policy.appeal)."""

    code = "appeal_too_late"
    says = "The decision could be appealed against until {until}."


class NoAppeal(Refusal):
    """A decision needs an appeal."""

    code = "no_appeal"
    says = "No appeal is open."


class SatInReview(Refusal):
    """Whoever decided in the review does not decide the appeal against it (17021-1 9.7.4)."""

    kind = "forbidden"
    code = "sat_in_review"
    says = "You decided in the review that the appeal is against."
