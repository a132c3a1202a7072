"""A procedure as a Mermaid state diagram: the commands that move it, and what the clock moves."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.handbook.reactions import BY_THE_CLOCK
from workflows.procedure import Procedure, Row

Arrow = tuple[str, str]

_ONLY: Mapping[tuple[str, str], frozenset[Arrow]] = {
    ("nonconformity", "close"): frozenset(
        {("open", "closed"), ("evidence_submitted", "closed"), ("verified", "closed")}
    ),
    ("nonconformity", "record_follow_up"): frozenset(
        {("evidence_submitted", "plan_submitted"), ("verified", "plan_submitted")}
    ),
    ("certificate", "apply_decision"): frozenset(
        {("active", "suspended"), ("active", "withdrawn"), ("suspended", "withdrawn"), ("applied", "refused")}
    ),
    ("certificate", "resolve"): frozenset({("suspended", "active")}),
    ("certificate", "set_aside"): frozenset(
        {
            ("suspended", "active"),
            ("refused", "applied"),
            ("withdrawn", "active"),
            ("withdrawn", "suspended"),
            ("withdrawn", "expired"),
        }
    ),
}
"""Of rows that do not lead from each of their states to each of their ends: where they do lead."""


def diagram(kind: str, procedure: Procedure[Any]) -> str:
    """The transitions; commands that keep the state stand in the table."""
    found: dict[Arrow, list[str]] = {}
    for row in procedure.rows:
        for arrow in arrows(kind, row):
            found.setdefault(arrow, []).append(row.command)
    for passing in BY_THE_CLOCK:
        if passing.kind == kind:
            found.setdefault((passing.start, passing.end), []).append(f"({passing.why})")
    ends = {end for _, end in found} - {start for start, _ in found}
    lines = [f"  {start or '[*]'} --> {end}: {', '.join(commands)}" for (start, end), commands in found.items()]
    return "\n".join(["stateDiagram-v2", *lines, *(f"  {end} --> [*]" for end in sorted(ends))]) + "\n"


def arrows(kind: str, row: Row) -> Iterator[Arrow]:
    """From where to where a command may move a thing of a kind."""
    only = _ONLY.get((kind, row.command))
    for start in sorted(row.states - row.keeps):
        for end in row.to:
            if start != end and (only is None or (start, end) in only):
                yield start, end
