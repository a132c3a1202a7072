"""Refusals about triage: report, issue, dismissal, grade, receipt."""

from workflows.decider import Refusal


class FindingIncomplete(Refusal):
    """A nonconformity states its requirement, the statement and the objective evidence (17021-1 9.4.5.3)."""

    code = "finding_incomplete"
    says = "It cannot be issued yet: {missing}."


class NothingCompleted(Refusal):
    """Who completes a finding states something of it."""

    code = "nothing_completed"
    says = "It says nothing that the finding does not say already."


class RewordingUnexplained(Refusal):
    """What its source states is worded otherwise for a reason that whoever reads the record can weigh."""

    kind = "invalid"
    code = "rewording_unexplained"
    says = "Its source states the {fields} otherwise: say why."


class MayNotStateGrade(Refusal):
    """Severity never sets a grade: a key states grades only where it was created to (DESIGN section 5)."""

    kind = "forbidden"
    code = "may_not_state_grade"
    says = "This API key may report findings but not state grades."


class ClientUnknown(Refusal):
    """A nonconformity is raised against a registered client."""

    code = "client_unknown"
    says = "The client {client} is not registered."


class AncestorUnknown(Refusal):
    """A recurrence names a case that whoever reports it sees."""

    kind = "invalid"
    code = "ancestor_unknown"
    says = "There is no nonconformity {named} of which it could be a recurrence."


class AncestorOfAnotherClient(Refusal):
    """What recurs is a failure of the same management system."""

    kind = "invalid"
    code = "ancestor_of_another_client"
    says = "{named} belongs to another client: a recurrence is the same client's."


class AncestorNotClosed(Refusal):
    """What recurs was closed out before; what is open is the same nonconformity still."""

    kind = "invalid"
    code = "ancestor_not_closed"
    says = "{named} is {status}: a recurrence is of what was closed."


class HistoryInFuture(Refusal):
    """What moves in was issued before (IAF MD 2)."""

    kind = "invalid"
    code = "history_in_future"
    says = "It cannot have been issued on {issued_on}: today is {today}."


class HistoryOutOfOrder(Refusal):
    """A date that was set is not before the day of issue."""

    kind = "invalid"
    code = "history_out_of_order"
    says = "The {kind} date {due_on} is before the day of issue, {issued_on}."


class AuditOfAnother(Refusal):
    """A finding is of the client that was audited (17021-1 9.4.5)."""

    code = "audit_of_another"
    says = "The audit {audit} is registered for another client than {client}."


class NoPolicy(Refusal):
    """Dates are counted by a policy; without one nothing is issued."""

    code = "no_policy"
    says = "No date can be counted: {why}."


class LabelUnknown(Refusal):
    """A scheme's own word for a grade is one of the policy's."""

    code = "label_unknown"
    says = "The policy {policy} knows no {label}: {known}."


class LabelOfAnotherGrade(Refusal):
    """A scheme's own word means one grade."""

    code = "label_of_another_grade"
    says = "{label} means {meant}, not {grade}."


class GradeOfHistory(Refusal):
    """A nonconformity that moves in keeps what was decided before (IAF MD 2)."""

    code = "grade_of_history"
    says = "It comes with the grade {grade}: issue it as such; another person may regrade it."


class RegradeByIssuer(Refusal):
    """The grade is changed by another person than the one who issued it."""

    kind = "forbidden"
    code = "regrade_by_issuer"
    says = "Another person than the issuer must regrade."


class GradeUnchanged(Refusal):
    """A regrade changes the grade, or the scheme's own word for it."""

    code = "grade_unchanged"
    says = "It is graded {grade} already."


class RegradeToOfi(Refusal):
    """A nonconformity does not become an opportunity for improvement; one raised in error is withdrawn."""

    code = "regrade_to_ofi"
    says = "A nonconformity cannot become an opportunity for improvement: withdraw it instead."


class AlreadyAcknowledged(Refusal):
    """Receipt is acknowledged once."""

    code = "already_acknowledged"
    says = "Receipt was acknowledged {at}."
