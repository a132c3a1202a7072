"""The rows about what is said: remarks, questions, complaints, assignment."""

from workflows.nonconformity import commands as c
from workflows.nonconformity import guards as g
from workflows.nonconformity import records
from workflows.nonconformity.table.terms import ANY, CLIENT
from workflows.people import CB_SIDE, CLIENT_SIDE
from workflows.procedure import Row

ROWS: tuple[Row, ...] = (
    Row(c.Comment, ANY, (), CB_SIDE | CLIENT_SIDE, records.comment, (g.shown,), source="17021-1 9.4.9"),
    Row(c.Assign, ANY, (), CB_SIDE | CLIENT_SIDE, records.assign, (g.shown,), source="17021-1 9.2.2"),
    Row(
        c.Ask,
        ANY,
        (),
        CB_SIDE | CLIENT_SIDE,
        records.ask,
        (g.shown, g.room_for_questions, g.asks_the_other_side),
        source="17021-1 9.4.9",
    ),
    Row(c.Answer, ANY, (), CB_SIDE | CLIENT_SIDE, records.answer, (g.shown, g.was_asked), source="17021-1 9.4.9"),
    Row(c.Complain, ANY, (), CLIENT, records.complain, (g.shown, g.room_for_complaints), source="17021-1 9.8"),
    Row(
        c.AnswerComplaint,
        ANY,
        (),
        CB_SIDE,
        records.answer_complaint,
        (g.uninvolved, g.joined_no_team, g.not_complained_about),
        source="17021-1 9.8.8",
    ),
)
