"""The rows about withdrawal, disputes and appeals."""

from workflows.nonconformity import commands as c
from workflows.nonconformity import guards as g
from workflows.nonconformity import records
from workflows.nonconformity.case import LIVE
from workflows.nonconformity.signing import appeal_content, dispute_content
from workflows.nonconformity.table.terms import CLIENT, CLOSED
from workflows.people import CB_SIDE, Role
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
    Row(
        c.Dispute,
        LIVE,
        (),
        CLIENT,
        records.dispute,
        (g.no_open_dispute, g.in_time_to_dispute, g.can_be_lower),
        source="17021-1 9.4.5.3; policy: dispute",
    ),
    Row(
        c.DecideDispute,
        LIVE,
        ("withdrawn",),
        CB_SIDE,
        records.decide_dispute,
        (g.disputed, g.uninvolved, g.joined_no_team, g.can_be_lower),
        signs=dispute_content,
        meaning="I had no part in the audit or the case, heard both sides, and decide this dispute.",
        source="17021-1 9.7; policy: dispute",
    ),
    Row(
        c.Appeal,
        LIVE | CLOSED,
        (),
        CLIENT,
        records.appeal,
        (g.appealable,),
        source="17021-1 9.7; policy: appeal",
    ),
    Row(
        c.DecideAppeal,
        LIVE | CLOSED,
        (),
        CB_SIDE | {Role.COMMITTEE_MEMBER},
        records.decide_appeal,
        (g.appealed, g.uninvolved, g.joined_no_team, g.did_not_sit, g.not_under_review),
        signs=appeal_content,
        meaning="I had no part in the audit, the case or the decision, heard both sides, and decide this appeal.",
        source="17021-1 9.7.4, 9.7.6; policy: appeal",
    ),
)
