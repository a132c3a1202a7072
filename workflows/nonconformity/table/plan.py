"""The rows about the plan: correction, causes, actions, submission, acceptance."""

from workflows.nonconformity import commands as c
from workflows.nonconformity import guards as g
from workflows.nonconformity import records
from workflows.nonconformity.signing import plan_content
from workflows.nonconformity.table.terms import (
    APPROVER,
    BEFORE_VERIFIED,
    OPEN,
    OWNER,
    PLAN_SUBMITTED,
    PLANNING,
    REVIEWING,
)
from workflows.procedure import Row

ROWS: tuple[Row, ...] = (
    Row(
        c.RecordCorrection,
        BEFORE_VERIFIED,
        ("open",),
        OWNER,
        records.record_correction,
        (g.plan_duty, g.plan_at_hand, g.done_already),
        source="17021-1 9.4.9; 9001 10.2.1 a",
        also=(records.VOIDS_ACCEPTANCE,),
    ),
    Row(
        c.RecordCause,
        OPEN,
        (),
        OWNER,
        records.record_cause,
        (g.plan_duty, g.causes_kept),
        source="17021-1 9.4.9; 9001 10.2.1 b",
    ),
    Row(
        c.PlanAction,
        PLANNING,
        ("open",),
        OWNER,
        records.plan_action,
        (g.plan_duty, g.plan_at_hand, g.cause_found, g.room_for_actions, g.new_action, g.sound_links),
        source="9001 10.2.1 c",
        also=(records.VOIDS_ACCEPTANCE,),
    ),
    Row(
        c.ReviseAction,
        PLANNING,
        ("open",),
        OWNER,
        records.revise_action,
        (g.plan_duty, g.plan_at_hand, g.known_action, g.sound_links),
        source="9001 10.2.1 c; policy: tolerance",
        also=(records.VOIDS_ACCEPTANCE,),
    ),
    Row(
        c.DropAction,
        PLANNING,
        ("open",),
        OWNER,
        records.drop_action,
        (g.plan_duty, g.plan_at_hand, g.known_action, g.not_awaited),
        source="9001 10.2.1 c",
        also=(records.VOIDS_ACCEPTANCE,),
    ),
    Row(c.ProposePlan, OPEN, (), OWNER, records.propose_plan, (g.plan_duty, g.complete_plan), source="17021-1 9.4.9"),
    Row(
        c.SubmitPlan,
        OPEN,
        ("plan_submitted",),
        APPROVER,
        records.submit_plan,
        (g.plan_duty, g.complete_plan, g.four_eyes),
        signs=plan_content,
        meaning="I submit this corrective action plan on behalf of the client.",
        source="17021-1 9.4.9",
    ),
    Row(
        c.ReturnPlan,
        PLAN_SUBMITTED,
        ("open",),
        REVIEWING,
        records.return_plan,
        (g.reviews_here, g.plan_to_review),
        source="17021-1 9.4.10; policy: round limit, resubmission",
        also=(records.CALLS_COMMITTEE,),
    ),
    Row(
        c.AcceptPlan,
        PLAN_SUBMITTED,
        (),
        REVIEWING,
        records.accept_plan,
        (g.reviews_here, g.plan_to_review),
        signs=plan_content,
        meaning="I reviewed correction, causes and corrective actions, and accept this plan.",
        source="17021-1 9.4.10",
    ),
)
