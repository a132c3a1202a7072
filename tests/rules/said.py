"""What a rule says when it refuses, word for word, and at which field: `python -m tests.rules.said` writes it anew.

People read what is written there, as they read docs/procedure.md: a name, a date or a field that is wrong in a sentence
breaks no rule, and nobody but its reader would notice.
"""

import json
from pathlib import Path

from tests.rules import test_stories
from tests.rules.stories import REFUSED, Story
from workflows.decider import Refusal
from workflows.procedure import COMMON, SIGNING

FILE = Path(__file__).parent / "said.json"
EVERYWHERE = {refusal.code for refusal in (*COMMON, *SIGNING)}


def _by_name() -> dict[str, list[Story]]:
    found: dict[str, list[Story]] = {}
    for story in REFUSED:
        if story.code not in EVERYWHERE:
            found.setdefault(story.name, []).append(story)
    return found


RULES = _by_name()
"""The stories of what a row's own guards refuse; several may bear one name."""


def said(story: Story) -> list[str | None]:
    """The field and the sentence with which a story is refused."""
    world = test_stories.world(story)
    try:
        world.do(story.actor, story.command, story.body, story.kind)
    except Refusal as refusal:
        return [refusal.pointer, str(refusal)]
    raise AssertionError(f"{story.name} is not refused")


def main() -> None:
    """Writes all of it, a line a story."""
    found = [(name, said(story)) for name, stories in sorted(RULES.items()) for story in stories]
    lines = [json.dumps([name, *what], ensure_ascii=False) for name, what in found]
    FILE.write_text("[\n" + ",\n".join(dict.fromkeys(lines)) + "\n]\n", "utf-8")


if __name__ == "__main__":
    main()
