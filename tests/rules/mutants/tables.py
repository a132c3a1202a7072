"""The rows of the procedures, one fact changed at a time: a guard less, a state or role more, another signature.

The law is a table, and no change of a function changes it. A change of a row is killed where a story ends otherwise, or
where docs/procedure.md, which people read and agree to, would say otherwise.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from services.handbook import chapter_of
from tests.rules import test_stories
from tests.rules.stories import ACCEPTED, REFUSED, Story
from workflows.audit import rules as audit
from workflows.certificate import rules as certificate
from workflows.client import rules as client
from workflows.committee import rules as committee
from workflows.decider import Refusal
from workflows.nonconformity import rules as nonconformity
from workflows.people import Role
from workflows.procedure import Procedure, Row
from workflows.registry import PROCEDURES

TABLES = {
    "nonconformity": nonconformity,
    "committee_review": committee,
    "client": client,
    "certificate": certificate,
    "audit": audit,
}
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
