"""A procedure as a Mermaid state diagram: the commands that move it, and what the clock moves."""

from typing import Any

from services.handbook.reactions import BY_THE_CLOCK
from workflows.procedure import Procedure


def diagram(kind: str, procedure: Procedure[Any]) -> str:
    """The transitions; commands that keep the state stand in the table."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in procedure.rows:
        for start in sorted(row.states - row.keeps):
            for end in row.to:
                if start != end:
                    arrows.setdefault((start, end), []).append(row.command)
    for passing in BY_THE_CLOCK:
        if passing.kind == kind:
            arrows.setdefault((passing.start, passing.end), []).append(f"({passing.why})")
    ends = {end for _, end in arrows} - {start for start, _ in arrows}
    lines = [f"  {start or '[*]'} --> {end}: {', '.join(commands)}" for (start, end), commands in arrows.items()]
    return "\n".join(["stateDiagram-v2", *lines, *(f"  {end} --> [*]" for end in sorted(ends))]) + "\n"
