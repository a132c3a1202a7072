"""The rows about extent at other sites."""

from workflows.nonconformity import commands as c
from workflows.nonconformity import guards as g
from workflows.nonconformity import records
from workflows.nonconformity.table.terms import BEFORE_VERIFIED, OWNER
from workflows.procedure import Row

ROWS: tuple[Row, ...] = (
    Row(
        c.RecordExtent,
        BEFORE_VERIFIED,
        (),
        OWNER,
        records.record_extent,
        (g.plan_duty, g.known_site, g.room_for_sites),
        source="9001 10.2.1 b 3; IAF MD 1; policy: sites",
    ),
)
