"""What commands about the plan: correction, causes, actions, submission, acceptance record."""

from workflows.canonical import digest
from workflows.decider import Context
from workflows.nonconformity import commands as c
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.given import policy_of, required
from workflows.nonconformity.guards import within_tolerance
from workflows.nonconformity.records.common import Events, over_rounds, resubmission
from workflows.nonconformity.signing import plan_content
from workflows.procedure import Consequence, signed


def record_correction(case: Case, body: c.RecordCorrection, context: Context) -> Events:
    """Containment; another one than was accepted voids the acceptance, a date filled in does not."""
    met = clocks.meet(case.deadlines, "correction", context.now, case.zone)
    recorded = e.CorrectionRecorded(**body.model_dump(), deadlines=met)
    before = case.correction
    same = before is not None and (before.text, before.not_possible_because) == (body.text, body.not_possible_because)
    after = case.model_copy(update={"deadlines": met})
    return (recorded, *(() if same else _voided(after, "correction", "the correction changed", context)))


def record_cause(case: Case, body: c.RecordCause, context: Context) -> Events:
    """The analysis."""
    return (e.CauseRecorded(**body.model_dump()),)


def plan_action(case: Case, body: c.PlanAction, context: Context) -> Events:
    """A new action; on an accepted plan it voids the acceptance."""
    return (e.ActionPlanned(**body.model_dump()), *_voided(case, body.key, f"{body.key} added", context))


def revise_action(case: Case, body: c.ReviseAction, context: Context) -> Events:
    """The action as it then stands."""
    action = required(case.action(body.key), "an action")
    revised = action.model_dump(exclude={"done_on", "agreed_due_on"}) | body.model_dump(exclude_none=True)
    why = within_tolerance(case, body)
    return (e.ActionRevised(**revised), *(_voided(case, body.key, why, context) if why else ()))


def drop_action(case: Case, body: c.DropAction, context: Context) -> Events:
    """One action less."""
    return (e.ActionDropped(key=body.key, reason=body.reason), *_voided(case, body.key, f"{body.key} dropped", context))


def propose_plan(case: Case, body: c.ProposePlan, context: Context) -> Events:
    """To the approver."""
    return (e.PlanProposed(note=body.note),)


def submit_plan(case: Case, body: c.SubmitPlan, context: Context) -> Events:
    """To the certification body: what the policy stops stands still meanwhile, the body's own clock runs."""
    return (
        e.PlanSubmitted(
            version=case.plan.version + 1,
            sha256=digest(plan_content(case)),
            signature=signed(body, context),
            deadlines=clocks.hold(case.deadlines, context.now, "plan", policy_of(case), case.zone),
        ),
    )


def accept_plan(case: Case, body: c.AcceptPlan, context: Context) -> Events:
    """The plan's date is decided, what had been stopped runs again."""
    met = clocks.meet(case.deadlines, "plan", context.now, case.zone)
    running = clocks.release(met, context.now, policy_of(case), case.zone)
    return (
        e.PlanAccepted(
            version=case.plan.version,
            sha256=required(case.plan.sha256, "a submitted plan"),
            note=body.note,
            signature=signed(body, context),
            deadlines=running,
        ),
    )


def return_plan(case: Case, body: c.ReturnPlan, context: Context) -> Events:
    """Back to the client with time to submit again; over the round limit the committee is called."""
    returned = e.PlanReturned(
        version=case.plan.version,
        sections=body.sections,
        round=case.rounds + 1,
        deadlines=resubmission(case, ("plan",), context.now),
    )
    return (returned, *over_rounds(case))


def _is_accepted(case: Case) -> bool:
    return case.plan.state == "accepted"


VOIDS_ACCEPTANCE = Consequence(e.AcceptanceVoided, _is_accepted)
"""An accepted plan that is changed is accepted no more."""


def _voided(case: Case, what: str, why: str, context: Context) -> Events:
    if not _is_accepted(case):
        return ()
    dates = resubmission(case, ("plan",), context.now)
    return (e.AcceptanceVoided(what=what, why=why, deadlines=dates),)
