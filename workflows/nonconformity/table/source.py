"""The rows about what its source says of a case after the report."""

from workflows.nonconformity import commands as c
from workflows.nonconformity import guards as g
from workflows.nonconformity import records
from workflows.nonconformity.table.terms import HEARING, REPORTER
from workflows.procedure import Row

ROWS: tuple[Row, ...] = (
    Row(
        c.ReviseFinding,
        HEARING,
        (),
        REPORTER,
        records.revise_finding,
        (g.same_finding, g.own_audit, g.sound_history),
        source="17021-1 9.4.5",
        internal=True,
    ),
    Row(
        c.NotePass,
        HEARING,
        (),
        REPORTER,
        records.note_pass,
        (g.same_client,),
        source="17021-1 9.4.10",
        internal=True,
    ),
)
