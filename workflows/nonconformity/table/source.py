"""The rows about what its source says of a case after the report."""

from workflows.nonconformity import commands as c
from workflows.nonconformity import guards as g
from workflows.nonconformity import records
from workflows.nonconformity.case import LIVE
from workflows.nonconformity.table.terms import REPORTED, REPORTER
from workflows.procedure import Row

ROWS: tuple[Row, ...] = (
    Row(
        c.ReviseFinding,
        REPORTED | LIVE,
        (),
        REPORTER,
        records.revise_finding,
        (g.same_finding, g.own_audit, g.sound_history),
        source="17021-1 9.4.5",
        internal=True,
    ),
    Row(
        c.NotePass,
        REPORTED | LIVE,
        (),
        REPORTER,
        records.note_pass,
        (g.same_client,),
        source="17021-1 9.4.10",
        internal=True,
    ),
)
