"""The procedure of a nonconformity: one row a transition (DESIGN section 3), and the decider that applies it."""

from collections.abc import Sequence
from datetime import datetime
from typing import get_args

from workflows.decider import Command, Context, Event, Happened, Reaction, Wants
from workflows.entries import CaseQuery
from workflows.findings import Finding
from workflows.nonconformity import commands as c
from workflows.nonconformity import records
from workflows.nonconformity.ancestry import asked
from workflows.nonconformity.case import LIVE, Case, Status
from workflows.nonconformity.deadlines import next_instant
from workflows.nonconformity.folds import evolve
from workflows.nonconformity.given import told
from workflows.nonconformity.reactions import react
from workflows.nonconformity.table import ROWS
from workflows.nonconformity.table.terms import HEARING
from workflows.procedure import Procedure, parse

PROCEDURE: Procedure[Case] = Procedure(
    thing="nonconformity",
    states=get_args(Status),
    status=lambda case: case.status,
    client=lambda case: case.client,
    rows=ROWS,
)


NOTHING = Case()
"""The state of every case before its report."""

BY_AUDITS = (
    *("defer_verification", "call_up", "call_off", "move_verification"),
    *("decide_dispute", "decide_appeal", "answer_complaint"),
)
"""The commands that ask what audits the client has, and who is on their teams."""


class Nonconformity:
    """The decider of nonconformities."""

    kind = "nonconformity"
    state = Case
    version = 9

    def initial(self) -> Case:
        """Nothing reported yet."""
        return NOTHING

    def wants(self, state: Case, command: Command, now: datetime) -> Wants:
        """The client always; what issuing asks for where the command may; audits, certificates, cases in question."""
        series = f"NC-{now.year}"
        if command.name == "report" and state.status == "":
            body = parse(c.Report, command)
            at_once = records.may_grade_at_once(body, command.actor)
            cases = asked(body.finding)
            if at_once:
                return _issuing(body.finding, series, cases)
            certified = bool(body.finding.certificates)
            return Wants(client=body.finding.client, audit=_audit_of(body.finding), certificates=certified, cases=cases)
        if command.name == "raise_systemic" and state.status == "" and command.actor.kind == "reaction":
            raised = parse(c.RaiseSystemic, command)
            minors = tuple(minor.id for minor in raised.aggregates)
            # Under the lock of the series: of two that were aggregated at one instant, the second sees the first.
            return _issuing(raised.finding, series, CaseQuery(ids=minors, holder=raised.finding.client))
        if command.name == "aggregate":
            named = (state.stream.partition("/")[2], *parse(c.Aggregate, command).others)
            return Wants(client=state.client, cases=CaseQuery(ids=named, holder=state.client))
        if command.name == "issue":
            return _issuing(state.finding, series)
        if command.name == "complete" and state.status == "reported" and state.finding is not None:
            return _stating(state, state.finding)
        if (
            command.name == "revise_finding"
            and state.status in HEARING
            and command.actor.kind in ("source", "reaction")
        ):
            return _stating(state, told(state, parse(c.ReviseFinding, command)))
        return Wants(
            client=state.client,
            audits=command.name in BY_AUDITS,
            certificates=command.name == "apply_decision",
        )

    def decide(self, state: Case, command: Command, context: Context) -> Sequence[Event]:
        """The row's events, or its refusal."""
        return PROCEDURE.decide(state, command, context)

    def evolve(self, state: Case, happened: Happened) -> Case:
        """The fold."""
        return evolve(state, happened)

    def lives(self, state: Case) -> bool:
        """From issue to close-out, and until an appeal is decided that outlasts it."""
        return state.status in LIVE or (state.appeal is not None and state.appeal.state == "open")

    def next_wakeup(self, state: Case) -> datetime | None:
        """The next reminder or date."""
        if state.policy is None:
            return None
        return next_instant(state.deadlines, state.policy, state.zone)

    def on_wakeup(self, state: Case, now: datetime) -> Sequence[Event]:
        """Reminders, misses, escalation."""
        return records.on_wakeup(state, now)

    def react(self, state: Case, happened: Happened) -> Sequence[Reaction]:
        """Reviews that are called and left."""
        return react(state, happened)

    def status(self, state: Case) -> str:
        """Its state."""
        return state.status


def _issuing(finding: Finding | None, series: str, cases: CaseQuery | None = None) -> Wants:
    """What fixing dates asks for: a number, its audit, the audits to come, the certificates that expire."""
    client = finding.client if finding else None
    return Wants(client=client, series=series, audit=_audit_of(finding), audits=True, certificates=True, cases=cases)


def _stating(case: Case, finding: Finding) -> Wants:
    """What is asked for to say what stands against a finding in triage: its audit, its certificates."""
    return Wants(client=case.client, audit=_audit_of(finding), certificates=bool(finding.certificates))


def _audit_of(finding: Finding | None) -> str | None:
    return finding.audit.ref if finding and finding.audit else None
