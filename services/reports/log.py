"""The nonconformity log: a row for each case, as certification bodies and clients keep it. Every cell is text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.reports.wording import Reader, plain, words
from workflows.findings import Finding
from workflows.nonconformity.case import Case
from workflows.nonconformity.deadlines import Deadline


@dataclass(frozen=True, slots=True)
class Row:
    """A case as the log tells it to a reader `now`."""

    id: str
    case: Case
    clients: Mapping[str, str]
    reader: Reader
    now: datetime

    @property
    def next_due(self) -> Deadline | None:
        """The running deadline that comes due first."""
        running = (one for one in self.case.deadlines if one.state == "running")
        return min(running, key=lambda one: one.due_at, default=None)

    def cells(self) -> list[str]:
        """Its cells, in the order of COLUMNS."""
        return [plain(column.of(self)) for column in COLUMNS]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its width in characters, what of a row stands in it; `timed` where that is an instant."""

    name: str
    width: int
    of: Callable[[Row], str]
    timed: bool = False


def header(reader: Reader) -> list[str]:
    """The names of the columns; those of instants name the zone."""
    return [f"{column.name} ({reader.zone})" if column.timed else column.name for column in COLUMNS]


def _found(of: Callable[[Finding], str | None]) -> Callable[[Row], str]:
    return lambda row: (of(row.case.finding) if row.case.finding else None) or ""


def _at(of: Callable[[Case], datetime | None]) -> Callable[[Row], str]:
    return lambda row: row.reader.cell(of(row.case))


def _client(row: Row) -> str:
    key = row.case.client or ""
    return row.clients.get(key, key)


def _next(row: Row) -> str:
    return words(row.next_due.kind) if row.next_due else ""


def _next_at(row: Row) -> str:
    return row.reader.cell(row.next_due.due_at if row.next_due else None)


def _overdue(row: Row) -> str:
    late = [one.kind for one in row.case.deadlines if one.standing(row.now) == "overdue"]
    return ", ".join(map(words, late))


def _correction(row: Row) -> str:
    one = row.case.correction
    return (
        ""
        if one is None
        else one.text
        if one.not_possible_because is None
        else f"{one.text}\n{one.not_possible_because}"
    )


def _actions(row: Row) -> str:
    return "\n".join(f"{one.key}: {one.text}" + (f" ({one.owner})" if one.owner else "") for one in row.case.actions)


def _actions_due(row: Row) -> str:
    open_ones = [one.due_on for one in row.case.actions if one.due_on and one.done_on is None]
    return max(open_ones).isoformat() if open_ones else ""


def _ended(row: Row) -> str:
    case = row.case
    return (case.closure.text if case.closure else None) or case.ended_because or ""


COLUMNS = (
    Column("Number", 14, lambda row: row.case.number or ""),
    Column("Status", 18, lambda row: words(row.case.status)),
    Column("Grade", 12, lambda row: words(row.case.grade or "")),
    Column("Scheme's grade", 12, lambda row: row.case.label or ""),
    Column("Client", 24, _client),
    Column("Sites", 20, _found(lambda finding: "; ".join(finding.sites))),
    Column("Department", 18, _found(lambda finding: finding.department)),
    Column("Process", 18, _found(lambda finding: finding.process)),
    Column("Audit", 16, _found(lambda finding: finding.audit.ref if finding.audit else None)),
    Column("Stage", 14, _found(lambda finding: words(finding.audit.stage) if finding.audit else None)),
    Column("Requirements", 28, _found(lambda finding: "; ".join(one.line for one in finding.requirements))),
    Column("Title", 40, _found(lambda finding: finding.title)),
    Column("Statement", 60, _found(lambda finding: finding.statement)),
    Column("Objective evidence", 60, _found(lambda finding: finding.objective_evidence)),
    Column("Reported", 18, _at(lambda case: case.reported_at), timed=True),
    Column("Issued", 18, _at(lambda case: case.issued_at), timed=True),
    Column("Acknowledged", 18, _at(lambda case: case.acknowledged_at), timed=True),
    Column("Waits for", 18, lambda row: words(row.case.waiting_on or "")),
    Column("Next deadline", 22, _next),
    Column("Due", 18, _next_at, timed=True),
    Column("Overdue", 22, _overdue),
    Column("Correction", 40, _correction),
    Column("Causes", 40, lambda row: "\n".join(one.text for one in row.case.causes)),
    Column("Corrective actions", 50, _actions),
    Column("Last action due on", 18, _actions_due),
    Column("Plan", 14, lambda row: words(row.case.plan.state) if row.case.plan.version else ""),
    Column("Rounds", 8, lambda row: str(row.case.rounds)),
    Column("Evidence", 8, lambda row: str(len(row.case.evidence))),
    Column("Verified", 18, _at(lambda case: case.verification.at if case.verification else None), timed=True),
    Column("Verification", 40, lambda row: row.case.verification.text if row.case.verification else ""),
    Column("Ended", 18, _at(lambda case: case.ended_at), timed=True),
    Column("Close-out", 40, _ended),
    Column("Recurrence of", 16, lambda row: (row.case.recurrence_of or "").partition("/")[2]),
    Column("Source", 16, _found(lambda finding: finding.source.system)),
    Column("Source's id", 24, _found(lambda finding: finding.source.external_id)),
    Column("Id", 38, lambda row: row.id),
)
