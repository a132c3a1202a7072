"""What commands about evidence, verification and close-out record."""

from workflows.canonical import digest
from workflows.decider import Context, Event
from workflows.nonconformity import commands as c
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.given import policy_of
from workflows.nonconformity.records.common import Events, over_rounds, resubmission
from workflows.nonconformity.signing import evidence_content
from workflows.procedure import signed


def attach_evidence(case: Case, body: c.AttachEvidence, context: Context) -> Events:
    """One more piece."""
    return (e.EvidenceAttached(**body.model_dump()),)


def complete_action(case: Case, body: c.CompleteAction, context: Context) -> Events:
    """Carried out."""
    return (e.ActionCompleted(key=body.key, done_on=body.done_on),)


def confirm_effectiveness(case: Case, body: c.ConfirmEffectiveness, context: Context) -> Events:
    """The client's own check."""
    return (e.EffectivenessConfirmed(statement=body.statement, signature=signed(body, context)),)


def submit_evidence(case: Case, body: c.SubmitEvidence, context: Context) -> Events:
    """To the certification body: what the policy stops stands still meanwhile, the body's own clock runs."""
    return (
        e.EvidenceSubmitted(
            version=case.evidence_version + 1,
            sha256=digest(evidence_content(case)),
            signature=signed(body, context),
            deadlines=clocks.hold(case.deadlines, context.now, "evidence", policy_of(case), case.zone),
        ),
    )


def return_evidence(case: Case, body: c.ReturnEvidence, context: Context) -> Events:
    """Back to the evidence or to the plan, with time to submit again."""
    kinds: tuple[c.DeadlineKind, ...] = ("evidence",) if body.to == "evidence" else ("plan", "evidence")
    returned = e.EvidenceReturned(
        to=body.to,
        sections=body.sections,
        round=case.rounds + 1,
        deadlines=resubmission(case, kinds, context.now),
    )
    return (returned, *over_rounds(case))


def verify(case: Case, body: c.Verify, context: Context) -> Events:
    """Effective; the evidence's date is decided."""
    return (_verified(case, body, context),)


def close(case: Case, body: c.Close, context: Context) -> Events:
    """Closed out; a minor with evidence under review is verified in the same act."""
    events: list[Event] = []
    deadlines = case.deadlines
    if case.status == "evidence_submitted":
        verification = _verified(case, body, context)
        events.append(verification)
        deadlines = verification.deadlines
    met = clocks.meet(deadlines, "closure", context.now, case.zone)
    # An appeal is decided after close-out too: what the committee decided may have touched a certificate.
    ended = clocks.end_all(met, context.now, "the nonconformity is closed", case.zone, but=("appeal",))
    return (*events, e.Closed(statement=body.statement, signature=signed(body, context), deadlines=ended))


def reopen(case: Case, body: c.Reopen, context: Context) -> Events:
    """Open again: plan and evidence are submitted again, the close-out date is the one it had, or a later one."""
    again = clocks.reopen(case.deadlines, context.now, policy_of(case), case.zone)
    return (e.Reopened(reason=body.reason, deadlines=again),)


def _verified(case: Case, body: c.Verify | c.Close, context: Context) -> e.Verified:
    met = clocks.meet(case.deadlines, "evidence", context.now, case.zone)
    decided = clocks.meet(met, "review", context.now, case.zone)
    return e.Verified(statement=body.statement, signature=signed(body, context), deadlines=decided)
