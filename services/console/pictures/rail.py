"""The state rail: where a case is, how it got there, what may come next, and who can do it, by the procedure."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.console.things.history import Move, Told
from services.handbook.diagrams import arrows
from workflows.nonconformity.case import Case
from workflows.nonconformity.rules import PROCEDURE

WAY = ("reported", "open", "plan_submitted", "evidence_submitted", "verified", "closed")
"""The states on the way from finding to close-out; what else a case may become ends it beside the way."""


@dataclass(frozen=True, slots=True)
class Way:
    """One command that leads on, and the roles that may give it; none where only another thing or the clock can."""

    command: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """One state of the rail: passed, present or to come. `move` is how it was reached last, `ways` lead there now."""

    status: str
    standing: str
    move: Move | None
    ways: Sequence[Way]


@dataclass(frozen=True, slots=True)
class Rail:
    """The stops on the way, and the other ends to which a case may come from where it is."""

    stops: Sequence[Stop]
    beside: Sequence[Stop]


def rail(case: Case, told: Told) -> Rail:
    """Where a case is; an end beside the way is a stop only where it has come there."""
    reached = {move.status: move for move in told.moves}
    following = _following(case)
    place = WAY.index(case.status) if case.status in WAY else max(map(_place, reached), default=0)
    stops = []
    for status in (*WAY, *(() if case.status in WAY else (case.status,))):
        if status == case.status:
            standing = "present"
        elif status in WAY and status in reached and WAY.index(status) < place + (case.status not in WAY):
            standing = "passed"
        else:
            standing = "ahead"
        stops.append(Stop(status, standing, reached.get(status), following.get(status, ())))
    beside = [Stop(status, "ahead", None, ways) for status, ways in following.items() if status not in WAY]
    return Rail(stops, beside)


def _place(status: str) -> int:
    return WAY.index(status) if status in WAY else -1


def _following(case: Case) -> dict[str, list[Way]]:
    """Where a case may come from here at once, and by which commands."""
    found: dict[str, list[Way]] = {}
    for row in PROCEDURE.rows:
        for start, end in arrows("nonconformity", row):
            if start == case.status:
                roles = () if row.internal else tuple(sorted(role.value for role in row.who))
                found.setdefault(end, []).append(Way(row.command, roles))
    return found
