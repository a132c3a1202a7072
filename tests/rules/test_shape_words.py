"""What has not the form that is asked for is told so in words: nobody reads patterns."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import StringConstraints, TypeAdapter, ValidationError

from workflows import shapes

PARSED = {"^-?P"}
"""Patterns of what is read by code that says what is wrong."""


def patterns() -> Iterator[str]:
    """The patterns that texts are checked against, anywhere."""
    root = Path(__file__).parents[2]
    for file in (file for part in ("workflows", "activities", "services") for file in (root / part).rglob("*.py")):
        tree = ast.parse(file.read_text())
        named = {
            one.targets[0].id: one.value
            for one in tree.body
            if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name)
        }
        for one in ast.walk(tree):
            if isinstance(one, ast.keyword) and one.arg == "pattern":
                said = named.get(one.value.id) if isinstance(one.value, ast.Name) else one.value
                assert isinstance(said, ast.Constant), f"{file.name}:{one.value.lineno}: a pattern that is no text"
                yield str(said.value)


PATTERNS = sorted({*patterns()} - PARSED)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_text_of_another_form_is_told_what_is_wrong_in_words(pattern: str) -> None:
    adapter: TypeAdapter[str] = TypeAdapter(Annotated[str, StringConstraints(pattern=pattern)])
    with pytest.raises(ValidationError) as refused:
        adapter.validate_python("\n\x00")
    [fault] = shapes.faults(refused.value)
    assert "expected here" in fault.detail or "Postgres cannot keep" in fault.detail
    assert pattern not in fault.detail
