"""The rows about dates: extensions, excuses, another policy."""

from workflows.nonconformity import commands as c
from workflows.nonconformity import guards as g
from workflows.nonconformity import records
from workflows.nonconformity.case import LIVE
from workflows.nonconformity.signing import policy_content
from workflows.nonconformity.table.terms import (
    CLIENT,
    MANAGER,
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
    Row(
        c.ApplyPolicy,
        LIVE,
        (),
        MANAGER,
        records.apply_policy,
        (g.policy_to_apply,),
        signs=policy_content,
        meaning="I move this nonconformity to the newest version of the named policy.",
        source="17021-1 9.4.10; policy: versions",
    ),
)
