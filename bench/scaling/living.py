"""What one case costs over its life: events of the ledger, and events, bytes and billable actions of the engine.

Billable actions are counted from histories by Temporal Cloud's published rules (docs.temporal.io/cloud/actions): a
start, a signal, an update, a timer, each try of an activity, and the local activities of one workflow task together. A
start with a signal is one action; a refused command is an update like any other. Nothing here was billed by anyone.
"""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from activities.ledger.histories import whole_history
from activities.ledger.protocol import Scope
from bench import cases, fire, lifecycle
from bench.cases import FINDING
from bench.site import Site
from services.demo.cast import Cast
from services.demo.story import carry_to_close
from workflows.nonconformity.events import DeadlineMissed
from workflows.stubs import Address

SOON = timedelta(seconds=2)
PATIENCE = 60.0

BYTES = """
SELECT sum(pg_column_size(e.*)) AS events FROM closeout.events AS e WHERE e.tenant = $1 AND e.stream = $2
"""


async def lives(site: Site, cast: Cast) -> dict[str, dict[str, Any]]:
    """Three lives: five commands to a withdrawal; a whole one with one return of the plan; one whose plan is late."""
    [short] = await cases.report(site.ledger, site.tenant, 1)
    await lifecycle.live(site, short)
    return {
        "short": await _life(site, short),
        "whole": await _life(site, await _closed(cast)),
        "overdue": await _life(site, await _overdue(site)),
    }


async def opened(site: Site, streams: list[str]) -> dict[str, float]:
    """The mean over cases that were opened and left alone since."""
    each = [await _life(site, stream) for stream in streams]
    return {name: round(sum(one[name] for one in each) / len(each), 1) for name in each[0]}


def actions(history: list[HistoryEvent]) -> int:
    """Billable actions of a run, by the rules above."""
    kinds = Counter(event.event_type for event in history)
    tries = sum(
        event.activity_task_started_event_attributes.attempt
        for event in history
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED
    )
    local = {
        event.marker_recorded_event_attributes.workflow_task_completed_event_id
        for event in history
        if event.event_type == EventType.EVENT_TYPE_MARKER_RECORDED
    }
    started_by_signal = len(history) > 1 and history[1].event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
    return (
        kinds[EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED]
        + kinds[EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED]
        - started_by_signal
        + kinds[EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED]
        + kinds[EventType.EVENT_TYPE_TIMER_STARTED]
        + tries
        + len(local)
    )


async def _life(site: Site, stream: str) -> dict[str, Any]:
    recorded = await whole_history(site.ledger, Scope(site.tenant), stream)
    handle = site.client.get_workflow_handle(Address(tenant=site.tenant, stream=stream).workflow_id)
    history = await handle.fetch_history()
    return {
        "commands": len({event.command_id for event in recorded}),
        "events": len(recorded),
        "event_bytes": await site.owner.fetchval(BYTES, site.tenant, stream),
        "engine_events": len(history.events),
        "engine_bytes": sum(event.ByteSize() for event in history.events),
        "actions": actions(list(history.events)),
    }


async def _closed(cast: Cast) -> str:
    finding = FINDING | {"source": {"system": "scale", "external_id": f"whole-{datetime.now(UTC).isoformat()}"}}
    case: str = (await cast.one("auditor").api.post("/v1/findings", finding))["id"]
    await cast.one("auditor").api.command(case, "issue", grade="major")
    await carry_to_close(cast, case)
    return f"nonconformity/{case}"


async def _overdue(site: Site) -> str:
    due = datetime.now(UTC).replace(microsecond=0) + SOON
    [stream] = await fire.issue(replace(site, size=replace(site.size, timers=1)), due, 1)
    await site.engine.start(site.tenant, stream)
    async with asyncio.timeout(PATIENCE):
        while True:
            told = await whole_history(site.ledger, Scope(site.tenant), stream)
            if any(event.type == DeadlineMissed.type for event in told):
                await site.rounds.quiet()
                return stream
            await asyncio.sleep(0.2)
