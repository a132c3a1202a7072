import json

import pytest

from tests.rules.said import FILE, RULES, said

SAID: dict[str, list[list[str | None]]] = {}
for name, *what in json.loads(FILE.read_text("utf-8")):
    SAID.setdefault(name, []).append(what)


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_rule_says_what_stands_against_a_command_and_at_which_field(name: str) -> None:
    # Written anew by `python -m tests.rules.said`, to be read before it is kept.
    found = [said(story) for story in RULES[name]]
    assert all(what in SAID[name] for what in found)
    assert all(what in found for what in SAID[name])
    assert not any("None" in str(sentence) for _, sentence in found)


def test_nothing_is_told_that_no_rule_says() -> None:
    assert set(SAID) == set(RULES)
