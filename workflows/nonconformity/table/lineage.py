"""The rows about lineage: aggregation, and the client that a case belongs to."""

from workflows.nonconformity import commands as c
from workflows.nonconformity import guards as g
from workflows.nonconformity import records
from workflows.nonconformity.case import LIVE
from workflows.nonconformity.table.terms import ANY, AUDITOR, BEFORE_VERIFIED, CLOSED, ENDED, NEW, NOBODY
from workflows.procedure import Row

ROWS: tuple[Row, ...] = (
    Row(
        c.Aggregate,
        BEFORE_VERIFIED,
        (),
        AUDITOR,
        records.aggregate,
        (
            g.is_minor,
            g.aggregated_once,
            g.open_minors,
            g.taken_by_none,
            g.touch_no_certificate,
            g.one_ground,
            g.fits_one_finding,
            g.major_policy,
        ),
        source="17021-1 3.12 note; policy: patterns",
    ),
    Row(
        c.RaiseSystemic,
        NEW,
        ("open",),
        NOBODY,
        records.raise_systemic,
        (g.known_client, g.major_policy, g.two_minors_left),
        source="17021-1 3.12 note",
        internal=True,
    ),
    Row(
        c.LapseAggregation,
        ANY,
        (),
        NOBODY,
        records.lapse_aggregation,
        source="17021-1 3.12 note",
        internal=True,
    ),
    Row(
        c.Supersede,
        LIVE | CLOSED | ENDED,
        ("superseded",),
        NOBODY,
        records.supersede,
        (g.holds_no_certificate,),
        source="17021-1 3.12 note",
        internal=True,
        keeps=CLOSED | ENDED,
    ),
    Row(c.ChangeClient, ANY, (), NOBODY, records.change_client, source="registry: merge", internal=True),
)
