"""Conditions that several regions share."""

from datetime import date
from zoneinfo import ZoneInfo

from workflows.decider import Context, Refusal
from workflows.nonconformity import refusals as r
from workflows.nonconformity.case import Case
from workflows.nonconformity.given import detected_on, policy_of
from workflows.people import Role
from workflows.procedure import guard
from workflows.sentences import Fact


@guard(r.NotAReviewer, r.NotOnAuditTeam)
def reviews_here(case: Case, body: object, context: Context) -> None:
    """A role that the policy names; an auditor of the audit, where a team is stated, or of one that called it up."""
    rules = policy_of(case)
    held = context.actor.roles & set(rules.reviewers)
    if not held:
        raise r.NotAReviewer(policy=rules.name, roles=Fact(", ".join(rules.reviewers), rules.reviewers))
    if held == {Role.AUDITOR} and not (on_team(case, context) or at_audit(case, context)):
        raise r.NotOnAuditTeam


def since_detection(case: Case, day: date | None, context: Context, pointer: str) -> None:
    """Refuses a day to come, or one before the finding was detected, for what answers it."""
    if day is None:
        return
    not_ahead(case, day, context, pointer)
    detected = detected_on(case)
    if detected is not None and day < detected:
        raise r.DoneTooEarly(pointer, done_on=day, detected_on=detected)


def not_ahead(case: Case, day: date | None, context: Context, pointer: str) -> None:
    """Refuses a day that is to come at the client."""
    if day is not None and day > context.now.astimezone(ZoneInfo(case.zone)).date():
        raise r.DoneInFuture(pointer, done_on=day)


def none_left(keys: list[str], refusal: type[Refusal], name: str) -> None:
    """Refuses where keys are left, and names them."""
    if keys:
        raise refusal(None, **{name: ", ".join(keys)})


def on_team(case: Case, context: Context) -> bool:
    """Whether the caller was on the audit, where its team is stated."""
    team = case.audit_team
    return not team or context.actor.id == case.issued_by or any(context.actor.is_called(member) for member in team)


def at_audit(case: Case, context: Context) -> bool:
    """Whether the caller is on the audit that called the case up for verification, or verified it there."""
    if case.verification is not None and case.verification.by == context.actor.id:
        return True
    team = case.deferral.team if case.deferral else ()
    return any(context.actor.is_called(member) for member in team)
