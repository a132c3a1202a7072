"""`import`: 10,000 findings in one document, from the request until all are in the list, against a bare bulk insert.

`import_again` sends the same document once more. `import_started` sends one with a key that states grades, until every
workflow is started, against a bare `start_workflow`, 50 at once. `import_memory` is the most that the worker and the
process that reads for it held meanwhile, both together.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench import cases
from bench.baselines import bulk
from bench.baselines import client as bare
from bench.harness import Result, crowd, resident, result
from bench.site import BARE, Site
from bench.start import AT_ONCE
from services.client import Closeout, Import

JSON = "application/json"

GLANCE = 0.2
"""Seconds between two looks at a process's memory."""


async def measure(site: Site) -> list[Result]:
    """Findings a second; of the starts, workflows a second."""
    n, peaks = site.size.imported, [0.0]
    grading, plain = (key.key for key in site.ready.keys)
    await site.owner.execute(bulk.TABLE)
    async with Closeout(site.ready.api, plain) as reporter, Closeout(site.ready.api, grading) as grader:

        async def ours() -> Mapping[str, float]:
            document = _document(n)
            async with _peaking(site.ready.pids["worker"], peaks):
                first = await _imported(reporter, document, n)
            again = await _imported(reporter, document, 0)
            return {"rate": n / first, "again": n / again}

        async def inserts() -> Mapping[str, float]:
            findings = json.loads(_document(n))
            began = time.perf_counter()
            await bulk.insert(site.owner, findings)
            return {"rate": n / (time.perf_counter() - began)}

        async def issues() -> Mapping[str, float]:
            began = time.perf_counter()
            one = await grader.imported(await grader.import_document(_document(n, grade="minor"), media_type=JSON))
            # It ends when all is recorded; the workflow goes on until every case has its own.
            await site.client.get_workflow_handle(f"import/{site.tenant}/{one.id}").result()
            took = time.perf_counter() - began
            _checked(one, n)
            return {"rate": n / took}

        async def starts() -> Mapping[str, float]:
            ids = [f"bare/{site.tenant}/{uuid4().hex}" for _ in range(n)]
            return {"rate": (await crowd(n, AT_ONCE, lambda i: bare.start(site.client, "bare", ids[i], BARE))).rate}

        imported, inserted = await site.rounds.turns(ours, inserts)
        issued, started = await site.rounds.turns(issues, starts, rounds=1, warm=False)
    return [
        result("import", imported["rate"], inserted["rate"]),
        result("import_again", imported["again"], inserted["rate"]),
        result("import_started", issued["rate"], started["rate"]),
        result("import_memory", max(peaks) / 1024, resident(site.ready.pids["worker"]) / 1024),
    ]


def _document(n: int, **more: Any) -> bytes:
    """n findings that nobody reported before."""
    source = uuid4().hex
    findings: Sequence[dict[str, Any]] = [
        cases.FINDING | more | {"source": {"system": "bench", "external_id": f"{source}-{i}"}} for i in range(n)
    ]
    return json.dumps(findings).encode()


async def _imported(client: Closeout, document: bytes, new: int) -> float:
    """Seconds from the request until every finding has its receipt; RuntimeError where not so many were new.

    Watched as `closeout import` does it; when it ended is what the import says, on the clock of this machine.
    """
    began = datetime.now(UTC)
    one = await client.imported(await client.import_document(document, media_type=JSON))
    _checked(one, new)
    if one.ended_at is None:
        raise RuntimeError(f"an import that ended says when: {one}")
    return (one.ended_at - began).total_seconds()


def _checked(one: Import, new: int) -> None:
    if one.state != "done" or one.created != new:
        raise RuntimeError(f"an import came to something else: {one}")


@asynccontextmanager
async def _peaking(pid: int, peaks: list[float]) -> AsyncIterator[None]:
    """Notes the resident memory, in KiB, of a process with its children, again and again."""

    async def look() -> None:
        while True:
            peaks.append(sum(map(_held, [pid, *_children(pid)])))
            await asyncio.sleep(GLANCE)

    looking = asyncio.create_task(look())
    try:
        yield
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


def _children(pid: int) -> list[int]:
    said = (path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children"))
    return [int(child) for line in said for child in line.split()]


def _held(pid: int) -> float:
    try:
        return resident(pid)
    except OSError:  # it has ended meanwhile
        return 0.0
