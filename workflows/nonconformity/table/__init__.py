"""The rows of the procedure of a nonconformity (DESIGN section 3), by region."""

from workflows.nonconformity.table import (
    committee,
    dispute,
    evidence,
    extent,
    lineage,
    plan,
    source,
    talk,
    time,
    triage,
    verification,
)
from workflows.procedure import Row

ROWS: tuple[Row, ...] = (
    *triage.ROWS,
    *source.ROWS,
    *plan.ROWS,
    *extent.ROWS,
    *evidence.ROWS,
    *verification.ROWS,
    *time.ROWS,
    *dispute.ROWS,
    *committee.ROWS,
    *lineage.ROWS,
    *talk.ROWS,
)
