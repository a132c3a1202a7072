"""Why a command on a nonconformity is refused: one class a rule, with a stable code and a sentence fit for the user."""

from workflows.decider import Refusal


class FindingIncomplete(Refusal):
    """A nonconformity states its requirement, the statement and the objective evidence (17021-1 9.4.5.3)."""

    code = "finding_incomplete"
    says = "It cannot be issued yet: {missing}."


class MayNotStateGrade(Refusal):
    """Severity never sets a grade: a key states grades only where it was created to (DESIGN section 5)."""

    kind = "forbidden"
    code = "may_not_state_grade"
    says = "This API key may report findings but not state grades."


class ClientUnknown(Refusal):
    """A nonconformity is raised against a registered client."""

    code = "client_unknown"
    says = "The client {client} is not registered."


class NoPolicy(Refusal):
    """Dates are counted by a policy; without one nothing is issued."""

    code = "no_policy"
    says = "It cannot be issued: {why}."


class NotIssued(Refusal):
    """A finding in triage is not shown to the client (DESIGN section 3)."""

    kind = "unknown"
    code = "not_issued"
    says = "There is no such nonconformity."


class RegradeByIssuer(Refusal):
    """The grade is changed by another person than the one who issued it."""

    kind = "forbidden"
    code = "regrade_by_issuer"
    says = "Another person than the issuer must regrade."


class GradeUnchanged(Refusal):
    """A regrade changes the grade."""

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


class NoPlanDuty(Refusal):
    """Opportunities for improvement carry no plan or evidence duty."""

    code = "no_plan_duty"
    says = "An opportunity for improvement needs no plan and no evidence: acknowledge or close it."


class PlanUnderReview(Refusal):
    """A plan is not changed while the certification body reviews it."""

    code = "plan_under_review"
    says = "The plan is under review: it can be changed once it is accepted or returned."


class PlanNotUnderReview(Refusal):
    """Only a submitted plan is accepted or returned."""

    code = "plan_not_under_review"
    says = "No plan is under review: it is {state}."


class PlanNotAccepted(Refusal):
    """Evidence answers an accepted plan."""

    code = "plan_not_accepted"
    says = "The plan is not accepted: it is {state}."


class CauseInUse(Refusal):
    """A cause that an action removes stays in the analysis."""

    code = "cause_in_use"
    says = "Actions refer to causes that this analysis leaves out: {causes}."


class ActionExists(Refusal):
    """An action's key is its own."""

    code = "action_exists"
    says = "There is an action {key} already: revise it."


class CaseFull(Refusal):
    """A case is decided in a moment, so it does not grow without end."""

    code = "case_full"
    says = "A case holds at most {most} {what}."


class ActionUnknown(Refusal):
    """The action is not in the plan."""

    code = "action_unknown"
    says = "There is no action {key}."


class CauseUnknown(Refusal):
    """An action removes causes of the analysis."""

    code = "cause_unknown"
    says = "The analysis names no cause {causes}."


class PredecessorUnknown(Refusal):
    """An action waits for actions of the plan."""

    code = "predecessor_unknown"
    says = "It waits for actions that are not planned: {actions}."


class ActionCycle(Refusal):
    """Actions do not wait for each other in a circle."""

    code = "action_cycle"
    says = "These actions would wait for each other: {actions}."


class ActionAwaited(Refusal):
    """An action that another waits for is not dropped."""

    code = "action_awaited"
    says = "{actions} waits for it: revise that first."


class ActionWaits(Refusal):
    """An action is not complete before those it waits for."""

    code = "action_waits"
    says = "It waits for {actions}, not complete yet."


class AlreadyCompleted(Refusal):
    """An action is completed once."""

    code = "already_completed"
    says = "{key} was completed on {done_on}."


class DoneInFuture(Refusal):
    """What is done was done today or before."""

    code = "done_in_future"
    says = "{done_on} is in the future."


class CorrectionMissing(Refusal):
    """A plan says how the thing itself was fixed, or why that is not possible."""

    code = "correction_missing"
    says = "The plan has no correction."


class CauseMissing(Refusal):
    """A plan rests on a root cause."""

    code = "cause_missing"
    says = "The plan names no root cause."


class CauseWithoutAction(Refusal):
    """Every cause has an action that removes it."""

    code = "cause_without_action"
    says = "No action removes {causes}."


class ActionWithoutOwner(Refusal):
    """Every action has an owner."""

    code = "action_without_owner"
    says = "{actions} has no owner."


class ActionWithoutDate(Refusal):
    """Every action has a due date."""

    code = "action_without_date"
    says = "{actions} has no due date."


class FourEyes(Refusal):
    """Where the client wants it, a plan is signed by somebody who did not prepare it."""

    kind = "forbidden"
    code = "four_eyes"
    says = "You prepared this plan: another approver must sign it."


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


class DeadlineNotRunning(Refusal):
    """More time is asked for a date that still runs."""

    code = "deadline_not_running"
    says = "The {deadline} deadline is {state}."


class DeadlinePassed(Refusal):
    """More time is asked for before the date, not after it."""

    code = "deadline_passed"
    says = "The {deadline} deadline passed {due_at}: an extension is requested before it."


class ExtensionPending(Refusal):
    """One request at a time."""

    code = "extension_pending"
    says = "A request for the {deadline} deadline waits for an answer."


class NotLater(Refusal):
    """An extension moves the date later."""

    code = "not_later"
    says = "{until} is not after {due_at}."


class BeyondLimit(Refusal):
    """Nothing moves a date past its hard limit."""

    code = "beyond_limit"
    says = "{until} is past the hard limit {limit}."


class ExtensionTooLong(Refusal):
    """The policy caps extensions, counted from the first date."""

    code = "extension_too_long"
    says = "The policy allows at most {longest} in all: until {until}."


class MoreThanAsked(Refusal):
    """A grant gives the requested time, or less."""

    code = "more_than_asked"
    says = "{until} is later than what was asked for: {asked}."


class NoExtensionRequested(Refusal):
    """An answer needs a request."""

    code = "no_extension_requested"
    says = "No extension is requested."


class CommitteeGrants(Refusal):
    """A reviewer grants what the policy leaves to reviewers; the committee decides on more."""

    code = "committee_grants"
    says = "The policy leaves {most} extension(s) of a date to reviewers: the committee decides on this one."


class NotLate(Refusal):
    """Only lateness is excused."""

    code = "not_late"
    says = "The {deadline} deadline was not missed."


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


class UnderReview(Refusal):
    """One committee review at a time."""

    code = "under_review"
    says = "The certification committee is reviewing it already."


class StrangeReview(Refusal):
    """A decision comes from a review of this case that is not decided yet."""

    code = "strange_review"
    says = "{review} is no open review of this case."
