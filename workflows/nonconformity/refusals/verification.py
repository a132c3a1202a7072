"""Refusals about verification at an audit: follow-up, deferral."""

from workflows.decider import Refusal


class FollowUpPast(Refusal):
    """A follow-up audit is planned for a day to come, or today."""

    code = "follow_up_past"
    says = "{on} is past already."


class NoFollowUpRequired(Refusal):
    """The result of a follow-up answers one that was asked for, by a reviewer or by the policy."""

    code = "no_follow_up_required"
    says = "No follow-up is required."


class FollowUpTooEarly(Refusal):
    """A follow-up audit is held after it was required; one that the policy requires, after the issue."""

    code = "follow_up_too_early"
    says = "{on} is before the follow-up was required, on {since}."


class FollowUpMissing(Refusal):
    """Where a follow-up is required, nothing is verified before it found the actions effective."""

    code = "follow_up_missing"
    says = "A follow-up audit must find the corrective actions effective first."


class OnlyMinorsDeferred(Refusal):
    """A major is verified before the certification goes on (17021-1 9.5.2, 9.5.3)."""

    code = "only_minors_deferred"
    says = "Only a minor is verified at a later audit; this is graded {grade}."


class AuditUnknown(Refusal):
    """Verification is deferred to a registered audit of this client."""

    code = "audit_unknown"
    says = "This client has no audit {audit}."


class AuditOfAnotherKind(Refusal):
    """A client's internal audit verifies nothing that its certification body found, nor the other way round."""

    code = "audit_of_another_kind"
    says = "The audit {audit} is {stage}: what {found} found is verified at one of its own."


class AuditOver(Refusal):
    """Verification is deferred to an audit to come, or under way."""

    code = "audit_over"
    says = "The audit {audit} is {status}: name one that is to come."


class NotDeferred(Refusal):
    """An audit calls up what is deferred."""

    code = "not_deferred"
    says = "Its verification is not deferred."


class DeferredElsewhere(Refusal):
    """What is deferred to one audit is not another's."""

    code = "deferred_elsewhere"
    says = "Its verification is deferred to {audit}."


class NotCalledUp(Refusal):
    """Without submitted evidence it is verified on site, at the audit to which it was deferred."""

    code = "not_called_up"
    says = "It is verified once its evidence is submitted, or at the audit to which it is deferred."


class NotAtThisAudit(Refusal):
    """Evidence seen on site is judged by those who were there."""

    kind = "forbidden"
    code = "not_at_this_audit"
    says = "Evidence seen on site is verified by the team of the audit {audit}."
