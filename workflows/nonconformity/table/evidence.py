"""The rows about evidence, verification and close-out."""

from workflows.nonconformity import commands as c
from workflows.nonconformity import guards as g
from workflows.nonconformity import records
from workflows.nonconformity.case import LIVE
from workflows.nonconformity.signing import closing_content, evidence_content
from workflows.nonconformity.table.terms import (
    APPROVER,
    BEFORE_VERIFIED,
    CLOSED,
    EVIDENCE_SUBMITTED,
    OWNER,
    PLAN_SUBMITTED,
    REVIEWING,
)
from workflows.people import Role
from workflows.procedure import Row

ROWS: tuple[Row, ...] = (
    Row(
        c.AttachEvidence,
        BEFORE_VERIFIED,
        (),
        OWNER,
        records.attach_evidence,
        (g.plan_duty, g.cause_found, g.room_for_evidence, g.shows_something, g.known_site, g.produced_already),
        source="9001 10.2.2",
    ),
    Row(
        c.CompleteAction,
        BEFORE_VERIFIED,
        (),
        OWNER,
        records.complete_action,
        (g.plan_duty, g.known_action, g.completable),
        source="9001 10.2.1 c",
    ),
    Row(
        c.ConfirmEffectiveness,
        PLAN_SUBMITTED,
        (),
        frozenset({Role.INTERNAL_AUDITOR}),
        records.confirm_effectiveness,
        (g.plan_accepted, g.independent),
        signs=evidence_content,
        meaning="I reviewed the corrective actions independently and found them effective.",
        source="9001 10.2.1 d, 9.2.2",
    ),
    Row(
        c.SubmitEvidence,
        PLAN_SUBMITTED,
        ("evidence_submitted",),
        APPROVER,
        records.submit_evidence,
        (g.plan_accepted, g.causes_evidenced, g.sites_covered, g.confirmed),
        signs=evidence_content,
        meaning="I submit this evidence of implementation on behalf of the client.",
        source="17021-1 9.4.10",
    ),
    Row(
        c.ReturnEvidence,
        EVIDENCE_SUBMITTED,
        ("plan_submitted", "open"),
        REVIEWING,
        records.return_evidence,
        (g.reviews_here, g.returns_something),
        source="17021-1 9.4.10; policy: round limit, resubmission",
        also=(records.CALLS_COMMITTEE,),
    ),
    Row(
        c.Verify,
        PLAN_SUBMITTED | EVIDENCE_SUBMITTED,
        ("verified",),
        REVIEWING,
        records.verify,
        (g.reviews_here, g.evidence_at_hand, g.followed_up),
        signs=evidence_content,
        meaning="I verified the effectiveness of correction and corrective actions.",
        source="17021-1 9.4.10",
    ),
    Row(
        c.Close,
        LIVE,
        ("closed",),
        REVIEWING,
        records.close,
        (g.reviews_here, g.ready_to_close, g.followed_up, g.separate_closer),
        signs=closing_content,
        meaning="I close out this nonconformity.",
        source="17021-1 9.4.10, 9.5.2",
    ),
    Row(c.Reopen, CLOSED, ("open",), REVIEWING, records.reopen, (g.reviews_here,), source="17021-1 9.5.2"),
)
