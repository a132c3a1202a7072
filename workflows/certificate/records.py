"""What the commands on a certificate record."""

from collections.abc import Sequence

from workflows.certificate import clock
from workflows.certificate import commands as c
from workflows.certificate import events as e
from workflows.certificate.certificate import Certificate, name_of
from workflows.certificate.certificate import set_aside as set_aside_changes
from workflows.certificate.grounds import rests_on
from workflows.certificate.guards import case_of, client_of, terms
from workflows.certificate.undoing import parts_without, status_without
from workflows.decider import Context, Event
from workflows.policy import Suspension
from workflows.procedure import Signed, signed


def apply(state: Certificate, body: c.Apply, context: Context) -> Sequence[Event]:
    """An application, which fixes the client's zone."""
    return (e.Applied(**body.model_dump(), zone=client_of(context).zone),)


def transfer_in(state: Certificate, body: c.TransferIn, context: Context) -> Sequence[Event]:
    """A certificate with the dates that the other body gave it, and with what was open there, by id."""
    zone = client_of(context).zone
    term = clock.term(body.issued_on, body.expires_on, zone, context.now)
    taken_over = (case_of(case, body.client, context) for case in body.cases)
    cases = tuple(dict.fromkeys(case.id for case in taken_over if case is not None))
    whole = body.model_dump(exclude={"issued_on", "expires_on", "cases"})
    return (e.TransferredIn(**whole, zone=zone, term=term, cases=cases),)


def grant(state: Certificate, body: c.Grant, context: Context) -> Sequence[Event]:
    """Certification."""
    term = clock.term(body.issued_on, body.expires_on, state.zone, context.now)
    audits = rests_on(state, body, context)
    return (e.Granted(term=term, audits=audits, reason=body.reason, signature=signed(body, context)),)


def renew(state: Certificate, body: c.Renew, context: Context) -> Sequence[Event]:
    """Recertification."""
    term = clock.term(body.issued_on, body.expires_on, state.zone, context.now)
    audits = rests_on(state, body, context)
    return (e.Renewed(term=term, audits=audits, reason=body.reason, signature=signed(body, context)),)


def suspend(state: Certificate, body: c.Suspend, context: Context) -> Sequence[Event]:
    """A suspension by hand, under the policy in force."""
    return (_suspended(state, e.Cause(reason=body.reason), terms(state, context), context, signed(body, context)),)


def restore(state: Certificate, body: c.Restore, context: Context) -> Sequence[Event]:
    """The end of a suspension, or a new term after an expiry, from today."""
    term = None
    if body.expires_on is not None:
        today = clock.today(context.now, state.zone)
        term = clock.term(today, body.expires_on, state.zone, context.now)
    audits = rests_on(state, body, context)
    return (e.Restored(reason=body.reason, term=term, audits=audits, signature=signed(body, context)),)


def reduce(state: Certificate, body: c.Reduce, context: Context) -> Sequence[Event]:
    """The parts that are taken out, as the certificate states them; after a committee's decision they are its."""
    out = {name_of(standard) for standard in body.standards}
    return (
        e.Reduced(
            standards=tuple(standard for standard in state.standards if name_of(standard) in out),
            sites=body.sites,
            scope=body.scope,
            cause=e.Cause(reason=body.reason, **_carried_out(state)),
            signature=signed(body, context),
        ),
    )


def withdraw(state: Certificate, body: c.Withdraw, context: Context) -> Sequence[Event]:
    """A withdrawal by hand."""
    return (e.Withdrawn(cause=e.Cause(reason=body.reason), by="decision", signature=signed(body, context)),)


def apply_decision(state: Certificate, body: c.ApplyDecision, context: Context) -> Sequence[Event]:
    """The effect of a committee review, which its members signed."""
    cause = e.Cause(reason=f"{body.effect} {body.reason}", case=body.case, review=body.review)
    match body.choice:
        case "suspend":
            return (_suspended(state, cause, body.suspension or terms(state, context), context, None),)
        case "reduce_scope":
            return (e.Reduced(standards=(), sites=(), scope=None, cause=cause, signature=None),)
        case "withdraw_certificate":
            return (e.Withdrawn(cause=cause, by="decision", signature=None),)
        case "refuse":
            return (e.Refused(cause=cause),)


def resolve(state: Certificate, body: c.Resolve, context: Context) -> Sequence[Event]:
    """A cause less; the last one lifts the suspension."""
    resolved = e.CauseResolved(case=body.case, reason=body.reason)
    left = [cause for cause in state.suspension.causes if cause.case != body.case] if state.suspension else []
    if left or state.status != "suspended":
        return (resolved,)
    return (resolved, e.Restored(reason="What it was suspended for is resolved.", signature=None))


def set_aside(state: Certificate, body: c.SetAside, context: Context) -> Sequence[Event]:
    """Without what the review decided; an end that passed meanwhile comes at once."""
    standards, sites, scope = parts_without(state, body.review)
    undone = e.DecisionSetAside(
        review=body.review,
        case=body.case,
        reason=body.reason,
        status=status_without(state, body.review),
        standards=standards,
        sites=sites,
        scope=scope,
    )
    after = state.model_copy(update=set_aside_changes(state, undone))
    return (undone, *clock.on_wakeup(after, context.now))


def change_client(state: Certificate, body: c.ChangeClient, context: Context) -> Sequence[Event]:
    """The survivor's certificate, whose days end in the survivor's zone."""
    zone, term = client_of(context).zone, state.term
    if term is not None:
        term = clock.term(term.issued_on, term.expires_on, zone, context.now)
    return (e.ClientChanged(client=body.client, zone=zone, term=term),)


def _carried_out(state: Certificate) -> dict[str, str | None]:
    """The committee's decision that a reduction by hand carries out: the latest, where it says no parts itself."""
    last = state.reductions[-1] if state.reductions else None
    if last is None or last.standards or last.sites or last.scope is not None:
        return {}
    return {"case": last.cause.case, "review": last.cause.review}


def _suspended(
    state: Certificate, cause: e.Cause, policy: Suspension, context: Context, signature: Signed | None
) -> Event:
    """A suspension, or one more cause of it: then the earlier of the two ends holds, with what its policy says."""
    until, before = clock.until(policy, context.now, state.zone), state.suspension
    if before is not None and before.until <= until:
        until, policy = before.until, before.policy
    return e.Suspended(cause=cause, until=until, policy=policy, signature=signature)
