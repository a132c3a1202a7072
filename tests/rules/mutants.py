"""What `make mutants` says at its end: `mutmut results --all true | python -m tests.rules.mutants`.

mutmut changes the bodies of functions; it leaves tables alone, and the law is a table. So each row of the procedures is
changed here too, one fact at a time: a guard less, a state or a role more or less, another signature. A change is
killed where a story ends otherwise, or where docs/procedure.md, which people read and agree to, would say otherwise.
Exits with 1 where a module falls short of the goal.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from services.handbook import chapter_of
from tests.rules import test_stories
from tests.rules.stories import ACCEPTED, REFUSED, Story
from workflows.committee import rules as committee
from workflows.decider import Refusal
from workflows.nonconformity import rules as nonconformity
from workflows.people import Role
from workflows.procedure import Procedure, Row
from workflows.registry import PROCEDURES

GOAL = 0.9
KILLED = ("killed", "timeout")
TABLES = {"nonconformity": nonconformity, "committee_review": committee}
CHAPTERS = {kind: chapter_of(kind, PROCEDURES[kind]) for kind in TABLES}


def variants(row: Row, states: Iterable[str]) -> Iterator[tuple[str, Row]]:
    """The row with one fact changed, and which. Roles of internal rows are left out: nobody's role counts there."""
    for guard in row.guards:
        yield f"without {guard.test.__name__}", replace(row, guards=tuple(g for g in row.guards if g is not guard))
    for state in states:
        yield f"from {state or '(new)'} or not", replace(row, states=row.states ^ {state})
    for state in row.to:
        yield f"never to {state}", replace(row, to=tuple(other for other in row.to if other != state))
    for role in () if row.internal else Role:
        yield f"{role} or not", replace(row, who=row.who ^ {role})
    if row.signs is not None:
        yield "unsigned", replace(row, signs=None)
        yield "over other content", replace(row, signs=lambda _: {"other": "content"})
        yield "meant otherwise", replace(row, meaning=f"Not so: {row.meaning}")
    yield "internal or not", replace(row, internal=not row.internal)


def ends_otherwise(story: Story) -> bool:
    """Whether a story does not end as it is told."""
    world = test_stories.world(story)
    try:
        world.do(story.actor, story.command, story.body, story.kind)
    except Refusal as refusal:
        return refusal.code != story.code
    except (AttributeError, LookupError, TypeError, ValueError):
        return True
    return story.code is not None


def survives(kind: str, row: Row, changed: Procedure[Any]) -> bool:
    """Whether neither the page nor a story of the row's command tells a changed table from the right one."""
    if chapter_of(kind, changed) != CHAPTERS[kind]:
        return False
    stories = [story for story in (*ACCEPTED, *REFUSED) if (story.kind, story.command) == (kind, row.command)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TABLES[kind], "PROCEDURE", changed)
        return not any(ends_otherwise(story) for story in stories)


def rows() -> dict[str, Counter[str]]:
    """Killed and surviving changes of rows, by module; says which survive."""
    found: dict[str, Counter[str]] = {}
    for kind, module in TABLES.items():
        procedure: Procedure[Any] = PROCEDURES[kind]
        states = sorted({state for row in procedure.rows for state in row.states})
        count: Counter[str] = Counter()
        for row in procedure.rows:
            for what, variant in variants(row, states):
                changed = replace(procedure, rows=tuple(variant if other is row else other for other in procedure.rows))
                left = survives(kind, row, changed)
                count["survived" if left else "killed"] += 1
                if left:
                    print(f"survived: {kind}, the row {row.command}: {what}")
        found[f"{module.__name__} (its table)"] = count
    return found


def functions(lines: Iterable[str]) -> dict[str, Counter[str]]:
    """mutmut's results by module; says which are not killed."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        name, _, status = line.strip().rpartition(": ")
        module = name.rpartition(".")[0]
        if not module:
            continue
        found[module]["killed" if status in KILLED else "survived"] += 1
        if status not in KILLED:
            print(f"{status}: {name}")
    return found


def account(found: Mapping[str, Counter[str]]) -> bool:
    """Says what was killed of how many, and whether that is enough everywhere."""
    reached = bool(found)
    for module, count in sorted(found.items()):
        share = count["killed"] / count.total()
        reached = reached and share >= GOAL
        print(f"{module}: {count['killed']} of {count.total()} killed, {share:.1%}")
    return reached


if __name__ == "__main__":
    of_functions = functions(sys.stdin)
    sys.exit(0 if account({**of_functions, **rows()}) and of_functions else 1)
