"""The rows about verification at an audit: follow-up, deferral."""

from workflows.nonconformity import commands as c
from workflows.nonconformity import guards as g
from workflows.nonconformity import records
from workflows.nonconformity.case import LIVE
from workflows.nonconformity.table.terms import EVIDENCE_SUBMITTED, NOBODY, PLAN_SUBMITTED, REVIEWING, VERIFIED
from workflows.procedure import Row

ROWS: tuple[Row, ...] = (
    Row(
        c.RequireFollowUp,
        EVIDENCE_SUBMITTED,
        (),
        REVIEWING,
        records.require_follow_up,
        (g.reviews_here, g.follow_up_ahead),
        source="17021-1 9.4.10, 9.6.4; policy: follow-up",
    ),
    Row(
        c.RecordFollowUp,
        EVIDENCE_SUBMITTED | VERIFIED,
        ("evidence_submitted", "plan_submitted", "verified"),
        REVIEWING,
        records.record_follow_up,
        (g.reviews_here, g.follow_up_required, g.follow_up_held),
        source="17021-1 9.4.10; policy: round limit, resubmission",
        also=(records.CALLS_COMMITTEE,),
    ),
    Row(
        c.DeferVerification,
        PLAN_SUBMITTED | EVIDENCE_SUBMITTED,
        (),
        REVIEWING,
        records.defer_verification,
        (g.reviews_here, g.minor, g.plan_accepted, g.audit_to_come),
        source="17021-1 9.4.10, 9.5.2; policy: deferral",
    ),
    Row(
        c.CallUp,
        LIVE,
        (),
        NOBODY,
        records.call_up,
        (g.deferred_here,),
        source="17021-1 9.6.2",
        internal=True,
    ),
    Row(
        c.MoveVerification,
        LIVE,
        (),
        NOBODY,
        records.move_verification,
        (g.deferred_here,),
        source="17021-1 9.2.3; policy: deferral",
        internal=True,
    ),
    Row(
        c.CallOff,
        LIVE,
        (),
        NOBODY,
        records.call_off,
        (g.deferred_here,),
        source="17021-1 9.4.10; policy: deferral",
        internal=True,
    ),
    Row(
        c.AuditEnded,
        LIVE,
        (),
        NOBODY,
        records.audit_ended,
        (g.deferred_here,),
        source="17021-1 9.6.2; policy: deferral",
        internal=True,
    ),
)
