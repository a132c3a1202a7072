"""Open cases by the product's own intake: documents of findings posted by a machine that may state grades.

The API records and issues them, then nudges the engine behind its answer. No more is posted than is started: a case
counts once its workflow has asked the ledger where it stands, which settles what the case owes.
"""

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import Any

from bench.cases import FINDING
from bench.harness import Say
from bench.scaling import gauges
from bench.site import Site
from services.demo.cast import Player

BATCH, BACKLOG = 500, 500
"""Findings in a document; cases that wait for their workflow at most before the next document is posted."""

TELL = 15.0
"""Seconds between two lines of progress."""

CLAUSES = ("5.2", "6.1.3", "7.2", "8.1", "9.2", "A.5.9", "A.5.15", "A.5.18", "A.8.8", "A.8.13", "A.8.15", "A.8.32")
SITES = ("Head office, Utrecht", "Plant, Nijmegen")
SUBJECTS = ("access rights", "backups", "suppliers", "logging", "changes", "training", "assets", "internal audits")

OWING = "SELECT count(*) FROM closeout.streams WHERE owed <> '{}'"


@dataclass(slots=True)
class Fill:
    """The open cases so far, in the order in which they were reported. The seed decides what they say."""

    site: Site
    machine: Player
    seed: int
    streams: list[str] = field(default_factory=list)

    async def up_to(self, cases: int, until: float, say: Say) -> dict[str, Any]:
        """Opens as many as are missing, or fewer where the time is up (`until`, on the monotonic clock).

        Answers how many a second, and the CPU milliseconds that one took of each part.
        """
        await self.site.rounds.quiet()
        began = told = time.monotonic()
        before, had = gauges.spent(self.site), len(self.streams)
        while len(self.streams) < cases and time.monotonic() < until:
            if await self.site.owner.fetchval(OWING) < BACKLOG:
                await self._post(min(BATCH, cases - len(self.streams)))
            else:
                await asyncio.sleep(0.1)
            if time.monotonic() > told + TELL:
                told = time.monotonic()
                say(f"{len(self.streams)} of {cases} reported")
        while await self.site.owner.fetchval(OWING):  # noqa: ASYNC110 - the workflows are in another process
            await asyncio.sleep(0.1)
        opened, seconds = len(self.streams) - had, time.monotonic() - began
        return {
            "opened": opened,
            "opened_per_s": round(opened / seconds, 1),
            "cpu_ms_per_opened": gauges.each(before, gauges.spent(self.site), opened),
        }

    async def _post(self, n: int) -> None:
        receipts = await self.machine.api.report_all([self.finding(len(self.streams) + i) for i in range(n)])
        if receipts.accepted != n:
            raise RuntimeError(f"findings were not taken: {receipts.items[0]}")
        self.streams += [f"nonconformity/{item.id}" for item in receipts.items]

    def finding(self, n: int) -> dict[str, Any]:
        """The n-th one that is posted."""
        chance = random.Random(self.seed * 1_000_003 + n)  # noqa: S311 - no secret
        subject = chance.choice(SUBJECTS)
        return FINDING | {
            "source": {"system": self.machine.name, "external_id": f"scale-{self.seed}-{n}"},
            "grade": "minor",
            "requirements": [{"standard": "ISO/IEC 27001", "edition": "2022", "clause": chance.choice(CLAUSES)}],
            "title": f"The procedure for {subject} is not followed",
            "sites": [chance.choice(SITES)],
            "department": subject,
        }
