"""The rows about triage: report, issue, dismissal, grade, receipt."""

from workflows.nonconformity import commands as c
from workflows.nonconformity import guards as g
from workflows.nonconformity import records
from workflows.nonconformity.case import LIVE
from workflows.nonconformity.table.terms import (
    AUDITOR,
    CLIENT,
    NEW,
    OPEN,
    REPORTED,
    REPORTER,
)
from workflows.people import CB_SIDE
from workflows.procedure import Row

ROWS: tuple[Row, ...] = (
    Row(
        c.Report,
        NEW,
        ("reported", "open"),
        REPORTER,
        records.report,
        (g.own_client, g.known_client, g.own_audit, g.closed_ancestor, g.sound_history),
        source="17021-1 9.4.5",
    ),
    Row(
        c.Complete,
        REPORTED,
        (),
        AUDITOR,
        records.complete,
        (g.completes_something, g.explains_rewording),
        source="17021-1 9.4.5.3",
    ),
    Row(
        c.Issue,
        REPORTED,
        ("open",),
        REPORTER,
        records.issue,
        (g.may_grade, g.known_client, g.complete_finding, g.grade_of_history, g.policy_in_force),
        source="17021-1 9.4.5.3",
    ),
    Row(c.Dismiss, REPORTED, ("dismissed",), AUDITOR, records.dismiss, source="17021-1 9.4.5"),
    Row(
        c.Regrade,
        LIVE,
        (),
        CB_SIDE,
        records.regrade,
        (g.not_the_issuer, g.another_grade, g.not_lowered_by_dispute, g.policy_in_force),
        source="17021-1 9.5.2",
    ),
    Row(c.Acknowledge, OPEN, (), CLIENT, records.acknowledge, (g.not_acknowledged,), source="policy: receipt"),
)
