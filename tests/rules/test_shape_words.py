"""What has not the form that is asked for is told so in words: nobody reads patterns."""

from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from pydantic import StringConstraints, TypeAdapter, ValidationError

from workflows import shapes
from workflows.registry import PROCEDURES

PARSED = {"^-?P"}
"""Patterns of what is read by code that says what is wrong."""


def patterns(schema: Any) -> Iterator[str]:
    """The patterns of texts in a schema."""
    match schema:
        case dict():
            if isinstance(schema.get("pattern"), str):
                yield schema["pattern"]
            for part in schema.values():
                yield from patterns(part)
        case list():
            for part in schema:
                yield from patterns(part)


BODIES = [row.body for procedure in PROCEDURES.values() for row in procedure.rows if row.body]
PATTERNS = sorted({one for body in BODIES for one in patterns(body.model_json_schema())} - PARSED)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_text_of_another_form_is_told_which_is_expected(pattern: str) -> None:
    adapter: TypeAdapter[str] = TypeAdapter(Annotated[str, StringConstraints(pattern=pattern)])
    with pytest.raises(ValidationError) as refused:
        adapter.validate_python("\n")
    [fault] = shapes.faults(refused.value)
    assert "expected here" in fault.detail
    assert pattern not in fault.detail
