"""Writes an example of each event that has none yet, taken from the stories: `python -m tests.rules.freeze`.

An example once written never changes: it stands for what ledgers hold.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from tests.rules import certificates as held
from tests.rules import dispute_stories as disputes
from tests.rules import walks as w
from tests.rules.life import Step, Wait, World, policy
from tests.rules.stories import ACCEPTED, BY_REACTION
from workflows.decider import Event
from workflows.registry import EVENTS

FOLDER = Path(__file__).parent / "examples"
VOIDED = (*w.ACCEPTED, Step("owner", "plan_action", w.action("a2")))


def file_of(type: str, v: int) -> Path:
    """Where the example of an event is kept."""
    return FOLDER / f"{type}.v{v}.json"


def told() -> Iterator[Event]:
    """Every event of every accepted story, and of those that the clock alone tells."""
    walks = [reached.walk for reached in BY_REACTION.values()]
    walks += [
        (*disputes.DISPUTED, Wait("P91D")),
        VOIDED,
        (*w.BREACHED, Wait("P20D")),
        w.STATES["audit"]["lapsed"],
        held.EXPIRED,
        held.REFUSED,
    ]
    worlds = [World(policy()).walk(walk) for walk in walks]
    worlds.append(World(policy(committee={"quorum": 9})).walk(w.ESCALATED))
    upgrade = {**policy().model_dump(mode="json")["minor"], "closure": {"within": "P9D", "on_breach": "upgrade"}}
    worlds.append(World(policy(minor=upgrade)).walk((*disputes.MINOR_DISPUTED, Wait("P10D"))))
    worlds.append(World(policy(suspension={"then": "warn"})).walk((*held.SUSPENDED, Wait("P1Y"))))
    for story in ACCEPTED:
        made = World(policy(**story.policy)).walk(story.steps)
        made.do(story.actor, story.command, story.body, story.kind)
        worlds.append(made)
    for made in worlds:
        for stream in made.streams.values():
            yield from (happened.event for happened in stream.history)


def main() -> None:
    """Writes what is missing."""
    FOLDER.mkdir(exist_ok=True)
    for event in told():
        file = file_of(event.type, event.v)
        if EVENTS[event.type] is type(event) and not file.exists():
            file.write_text(json.dumps(event.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
