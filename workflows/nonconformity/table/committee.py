"""The rows about the certification committee."""

from workflows.nonconformity import commands as c
from workflows.nonconformity import guards as g
from workflows.nonconformity import records
from workflows.nonconformity.case import LIVE
from workflows.nonconformity.table.terms import (
    CLOSED,
    ENDED,
    NOBODY,
)
from workflows.people import CB_SIDE
from workflows.procedure import Row

ROWS: tuple[Row, ...] = (
    Row(
        c.Escalate,
        LIVE,
        (),
        CB_SIDE,
        records.escalate,
        (g.not_under_review, g.no_open_dispute),
        source="17021-1 9.5, 9.6.5",
    ),
    Row(
        c.ApplyDecision,
        LIVE | CLOSED | ENDED,
        ("dismissed",),
        NOBODY,
        records.apply_decision,
        (g.own_review,),
        source="17021-1 9.5.2, 9.6.5",
        internal=True,
        keeps=CLOSED | ENDED,
    ),
)
