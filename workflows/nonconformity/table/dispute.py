"""The rows about withdrawal."""

from workflows.nonconformity import commands as c
from workflows.nonconformity import guards as g
from workflows.nonconformity import records
from workflows.nonconformity.case import LIVE
from workflows.people import CB_SIDE
from workflows.procedure import Row

ROWS: tuple[Row, ...] = (
    Row(
        c.ProposeWithdrawal,
        LIVE,
        (),
        CB_SIDE,
        records.propose_withdrawal,
        (g.no_withdrawal_yet,),
        source="17021-1 9.4.5",
    ),
    Row(
        c.ConfirmWithdrawal,
        LIVE,
        ("withdrawn",),
        CB_SIDE,
        records.confirm_withdrawal,
        (g.second_person,),
        source="17021-1 9.4.5",
    ),
)
