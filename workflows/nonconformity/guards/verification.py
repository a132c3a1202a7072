"""Conditions on commands about verification at an audit: follow-up, deferral."""

from zoneinfo import ZoneInfo

from workflows.decider import Context
from workflows.nonconformity import commands as c
from workflows.nonconformity import refusals as r
from workflows.nonconformity.case import Case
from workflows.nonconformity.given import grade_of, policy_of
from workflows.nonconformity.guards.common import at_audit, not_ahead
from workflows.procedure import guard
from workflows.sentences import Sentence

ON_SITE = ("planned", "under_way")
"""The states of an audit at which something can still be verified."""


@guard(r.FollowUpPast, needs_body=True)
def follow_up_ahead(case: Case, body: c.RequireFollowUp, context: Context) -> None:
    """The day of the follow-up is not past."""
    if body.on < context.now.astimezone(ZoneInfo(case.zone)).date():
        raise r.FollowUpPast("/on", on=body.on)


@guard(r.NoFollowUpRequired)
def follow_up_required(case: Case, body: object, context: Context) -> None:
    """A reviewer, the committee or the policy asks for a follow-up that has not succeeded yet."""
    if not _lacks_follow_up(case):
        raise r.NoFollowUpRequired


@guard(r.DoneInFuture, r.FollowUpTooEarly, needs_body=True)
def follow_up_held(case: Case, body: c.RecordFollowUp, context: Context) -> None:
    """The follow-up was held today or before, since it was required."""
    not_ahead(case, body.on, context, "/on")
    since = case.follow_up.required_at if case.follow_up else case.issued_at
    if since is not None and body.on < since.astimezone(ZoneInfo(case.zone)).date():
        raise r.FollowUpTooEarly("/on", on=body.on, since=since.astimezone(ZoneInfo(case.zone)).date())


@guard(r.FollowUpMissing)
def followed_up(case: Case, body: object, context: Context) -> None:
    """A follow-up that is required found the actions effective; verified before a policy asked for one, none is."""
    if _lacks_follow_up(case) and (case.verification is None or case.follow_up is not None):
        raise r.FollowUpMissing


@guard(r.OnlyMinorsDeferred)
def minor(case: Case, body: object, context: Context) -> None:
    """A minor."""
    if case.grade != "minor":
        raise r.OnlyMinorsDeferred(grade=case.grade)


@guard(r.AuditUnknown, r.AuditOver, r.AuditOfAnotherKind, needs_body=True)
def audit_to_come(case: Case, body: c.DeferVerification, context: Context) -> None:
    """The audit that is named is this client's, not over, and internal only for what an internal audit found."""
    if body.audit is None:
        return
    audit = next((audit for audit in context.facts.audits if audit.key == body.audit), None)
    if audit is None:
        raise r.AuditUnknown("/audit", audit=body.audit)
    if audit.status not in ON_SITE:
        raise r.AuditOver("/audit", audit=audit.key, status=audit.status)
    within = case.anchors is not None and case.anchors.stage == "internal"
    if within != (audit.stage == "internal"):
        found = Sentence("an internal audit") if within else Sentence("the certification body")
        raise r.AuditOfAnotherKind("/audit", audit=audit.key, stage=audit.stage, found=found)


@guard(r.NotDeferred, r.DeferredElsewhere, needs_body=True)
def deferred_here(case: Case, body: c.CallUp | c.MoveVerification | c.AuditEnded | c.CallOff, context: Context) -> None:
    """Deferred to this audit, or to whichever comes next."""
    if case.deferral is None:
        raise r.NotDeferred
    if case.deferral.audit not in (None, body.audit):
        raise r.DeferredElsewhere("/audit", audit=case.deferral.audit)


@guard(r.NotCalledUp, r.PlanNotAccepted, r.NotAtThisAudit)
def evidence_at_hand(case: Case, body: object, context: Context) -> None:
    """The evidence is submitted, or was seen on site by the team of the audit that called it up."""
    if case.status != "plan_submitted":
        return
    if case.deferral is None or not case.deferral.called_up:
        raise r.NotCalledUp
    if case.plan.state != "accepted":
        raise r.PlanNotAccepted(state=case.plan.state)
    if case.deferral.team and not at_audit(case, context):
        raise r.NotAtThisAudit(audit=case.deferral.audit)


def _lacks_follow_up(case: Case) -> bool:
    if case.follow_up is None:
        return policy_of(case).terms(grade_of(case), case.label).follow_up
    return case.follow_up.result != "effective"
