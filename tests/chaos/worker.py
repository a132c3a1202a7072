"""The product's worker with fault points: it dies between a commit and whatever would have made that known.

A file named after the point, in the folder named by CHAOS_ARMED, arms it. Whoever takes the file away dies, once; what
had been committed by then stands in `crashes.jsonl` beside it. The command's own transaction is over, the workflow
task (or the activity) that it belongs to is not.
"""

import json
import os
import signal
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

from activities.ledger.postgres import PostgresLedger
from services import connections, worker
from services.settings import Settings
from workflows.decider import Answer, Command

ARMED = "CHAOS_ARMED"
COMMAND, WAKE, REACTION = "command", "wake", "reaction"
POINTS = (COMMAND, WAKE, REACTION)
CRASHES = "crashes.jsonl"
REACTING = ("nonconformity.escalated", "committee_review.decided")
"""Events that cause commands elsewhere."""


def passed(point: str, tenant: str, stream: str, seq: int) -> None:
    """Dies here if the point is armed, with no time to say goodbye."""
    folder = Path(os.environ[ARMED])
    try:
        (folder / point).unlink()
    except FileNotFoundError:
        return
    with (folder / CRASHES).open("a", encoding="utf-8") as out:
        out.write(json.dumps({"point": point, "tenant": tenant, "stream": stream, "seq": seq}) + "\n")
    os.kill(os.getpid(), signal.SIGKILL)


class Fragile(PostgresLedger):
    """The ledger with a fault point behind each commit of a command, of a wake-up, and before a debt is settled."""

    async def transact(self, tenant: str, stream: str, command: Command, now: datetime) -> Answer:
        answer = await super().transact(tenant, stream, command, now)
        if answer.events and not answer.repeated and not command.id.startswith("r:"):
            passed(COMMAND, tenant, stream, answer.seq)
        return answer

    async def wake(self, tenant: str, stream: str, due: datetime, now: datetime) -> Answer:
        answer = await super().wake(tenant, stream, due, now)
        if answer.events and not answer.repeated:
            passed(WAKE, tenant, stream, answer.seq)
        return answer

    async def settle(self, tenant: str, stream: str, seqs: Sequence[int]) -> Answer:
        owed = {recorded.seq: recorded.type for recorded in await self.owed(tenant, stream)} if seqs else {}
        for seq in seqs:
            if owed.get(seq) in REACTING:
                passed(REACTION, tenant, stream, seq)
        return await super().settle(tenant, stream, seqs)


if __name__ == "__main__":
    with patch.object(connections, "PostgresLedger", Fragile):
        worker.main(Settings.load())
