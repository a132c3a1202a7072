"""Refusals about evidence, verification and close-out."""

from workflows.decider import Refusal


class ActionWaits(Refusal):
    """An action is not complete before those it waits for."""

    code = "action_waits"
    says = "It waits for {actions}, not complete yet."


class AlreadyCompleted(Refusal):
    """An action is completed once."""

    code = "already_completed"
    says = "{key} was completed on {done_on}."


class NotOnAuditTeam(Refusal):
    """An auditor decides on cases of the own audit; a reviewer on any (17021-1 9.4.9)."""

    kind = "forbidden"
    code = "not_on_audit_team"
    says = "Only the audit team's auditors and reviewers may do this."


class NotAReviewer(Refusal):
    """The policy names the roles that review."""

    kind = "forbidden"
    code = "not_a_reviewer"
    says = "The policy {policy} gives this to: {roles}."


class ShowsUnknown(Refusal):
    """Evidence shows an action or a cause of the case."""

    code = "shows_unknown"
    says = "There is no action or cause {keys}."


class NotIndependent(Refusal):
    """Effectiveness is confirmed by somebody who owns no action."""

    kind = "forbidden"
    code = "not_independent"
    says = "You own {actions}: another internal auditor must confirm."


class CauseNotEvidenced(Refusal):
    """Every cause has evidence, its own or that of an action which removes it."""

    code = "cause_not_evidenced"
    says = "No evidence shows that {causes} is removed."


class EffectivenessNotConfirmed(Refusal):
    """Where the client wants it, the own internal auditor confirms effectiveness first."""

    code = "effectiveness_not_confirmed"
    says = "This client's internal auditor must confirm effectiveness first."


class NotVerified(Refusal):
    """A major is closed after its verification; a minor may be verified and closed in one act, once evidence is in."""

    code = "not_verified"
    says = "A {grade} cannot be closed while it is {status}."


class CloserIsVerifier(Refusal):
    """A major is closed by another person than the one who verified it, where the policy says so."""

    kind = "forbidden"
    code = "closer_is_verifier"
    says = "You verified it: another person must close a major."
