"""The rows about dates: extensions, excuses."""

from workflows.nonconformity import commands as c
from workflows.nonconformity import guards as g
from workflows.nonconformity import records
from workflows.nonconformity.case import LIVE
from workflows.nonconformity.table.terms import (
    CLIENT,
    REVIEWING,
)
from workflows.procedure import Row

ROWS: tuple[Row, ...] = (
    Row(
        c.RequestExtension,
        LIVE,
        (),
        CLIENT,
        records.request_extension,
        (g.extendable,),
        source="policy: extensions",
    ),
    Row(
        c.GrantExtension,
        LIVE,
        (),
        REVIEWING,
        records.grant_extension,
        (g.reviews_here, g.extension_requested, g.reviewer_may_grant, g.grantable),
        source="policy: extensions",
    ),
    Row(
        c.DenyExtension,
        LIVE,
        (),
        REVIEWING,
        records.deny_extension,
        (g.reviews_here, g.extension_requested, g.reviewer_may_deny),
        source="policy: extensions",
    ),
    Row(
        c.ExcuseLateness,
        LIVE,
        (),
        REVIEWING,
        records.excuse_lateness,
        (g.reviews_here, g.was_late),
        source="policy",
    ),
)
