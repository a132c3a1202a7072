"""The rows about what is said: remarks, assignment."""

from workflows.nonconformity import commands as c
from workflows.nonconformity import guards as g
from workflows.nonconformity import records
from workflows.nonconformity.table.terms import (
    ANY,
)
from workflows.people import CB_SIDE, CLIENT_SIDE
from workflows.procedure import Row

ROWS: tuple[Row, ...] = (
    Row(c.Comment, ANY, (), CB_SIDE | CLIENT_SIDE, records.comment, (g.shown,), source="17021-1 9.4.9"),
    Row(c.Assign, ANY, (), CB_SIDE | CLIENT_SIDE, records.assign, (g.shown,), source="17021-1 9.2.2"),
)
