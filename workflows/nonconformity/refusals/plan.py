"""Refusals about the plan: correction, causes, actions, submission, acceptance."""

from workflows.decider import Refusal


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


class DoneInFuture(Refusal):
    """What is done was done today or before."""

    code = "done_in_future"
    says = "{done_on} is in the future."


class DoneTooEarly(Refusal):
    """What answers a finding was not done before it was detected."""

    code = "done_too_early"
    says = "{done_on} is before the finding was detected, on {detected_on}."


class CorrectionMissing(Refusal):
    """A plan says how the thing itself was fixed, or why that is not possible."""

    code = "correction_missing"
    says = "The plan has no correction."


class CauseMissing(Refusal):
    """A plan, its actions and what shows that they were carried out rest on a root cause."""

    code = "cause_missing"
    says = "No root cause is recorded yet: record it first."


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
