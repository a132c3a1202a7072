"""Records the histories that `test_replay.py` replays: `python -m tests.replay.record`, after a change of the shell.

Histories already recorded stay: they are what runs in production while the change is rolled out. A new one gets a
new name.
"""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from services import entry
from tests.workflows.conftest import APPROVER, COMMITTEE, OWNER, REVIEWER, Town, opened_town
from workflows.stubs import Address

HISTORIES = Path(__file__).parent / "histories"


async def _save(town: Town, name: str, stream: str) -> None:
    handle = town.env.client.get_workflow_handle(Address(tenant=town.tenant, stream=stream).workflow_id)
    history = await handle.fetch_history()
    saved = {"workflow_id": history.workflow_id, "history": _nameless(json.loads(history.to_json()))}
    (HISTORIES / f"{name}.json").write_text(json.dumps(saved, indent=1) + "\n")


def _nameless(value: Any) -> Any:
    """Without the identities of clients and workers: they name the machine, and replay does not ask for them."""
    match value:
        case dict():
            return {key: _nameless(item) for key, item in value.items() if key != "identity"}
        case list():
            return [_nameless(item) for item in value]
        case _:
            return value


async def record() -> None:
    """One history of each path through the shell: commands and a refusal, reminders and reactions, a vote."""
    async with opened_town() as town:
        stream = await town.report()
        await town.does(stream, OWNER, "comment", text="Seen.")
        await town.send(stream, OWNER, "propose_plan")
        await town.does(stream, APPROVER, "acknowledge")
        await _save(town, "commands-and-a-refusal", stream)
        await town.env.sleep(timedelta(days=100))
        [escalated] = [event for event in await town.history(stream) if event.type == "nonconformity.escalated"]
        review = f"committee_review/{(escalated.data or {})['review']}"
        for member in COMMITTEE:
            await town.signs(review, member, "vote", choice="dismiss", reason="Not upheld.")
        await town.signs(review, COMMITTEE[0], "decide", reason="Not upheld.")
        await town.env.sleep(timedelta(seconds=1))
        await _save(town, "ninety-days-to-the-committee", stream)
        await _save(town, "a-review-that-decides", review)
        short = await town.report("F-2", grade="ofi")
        await town.signs(short, REVIEWER, "close", statement="Noted.")
        await town.env.sleep(timedelta(seconds=1))
        await _save(town, "closed-at-once", short)


if __name__ == "__main__":
    entry.run(lambda: asyncio.run(record()))
