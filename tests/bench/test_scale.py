"""The measurement of scale runs at a tiny size, opens what it claims, and counts actions as it says."""

import json
import math
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import (
    ActivityTaskStartedEventAttributes,
    HistoryEvent,
    MarkerRecordedEventAttributes,
)

from bench import scale
from bench.scaling import living, report
from bench.scaling.filling import Fill
from bench.site import Site, open_site
from services.demo.cast import Cast
from tests.bench.conftest import TINY


def event(kind: str, **attributes: Any) -> HistoryEvent:
    return HistoryEvent(event_type=EventType.Value(f"EVENT_TYPE_{kind}"), **attributes)


def tried(attempt: int) -> HistoryEvent:
    attributes = ActivityTaskStartedEventAttributes(attempt=attempt)
    return event("ACTIVITY_TASK_STARTED", activity_task_started_event_attributes=attributes)


def marked(task: int) -> HistoryEvent:
    attributes = MarkerRecordedEventAttributes(workflow_task_completed_event_id=task)
    return event("MARKER_RECORDED", marker_recorded_event_attributes=attributes)


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """Servers of its own, as the real run has them: cases of other tests would be counted, too."""
    async with open_site(tmp_path_factory.mktemp("scale"), TINY, sweep_every="PT1H") as site:
        yield site


STARTED, SIGNALED = event("WORKFLOW_EXECUTION_STARTED"), event("WORKFLOW_EXECUTION_SIGNALED")
UPDATED, TASK = event("WORKFLOW_EXECUTION_UPDATE_ACCEPTED"), event("WORKFLOW_TASK_COMPLETED")


@pytest.mark.parametrize(
    ("history", "actions"),
    [
        ([STARTED, TASK], 1),
        ([STARTED, SIGNALED, TASK], 1),
        ([STARTED, TASK, SIGNALED], 2),
        ([STARTED, TASK, UPDATED, event("TIMER_STARTED"), event("TIMER_FIRED")], 3),
        ([STARTED, event("ACTIVITY_TASK_SCHEDULED"), tried(3)], 4),
        ([STARTED, marked(4), marked(4), marked(9)], 3),
    ],
    ids=["start", "start with signal", "later signal", "update and timer", "tries", "local activities by task"],
)
def test_actions_are_counted_by_the_published_rules(history: list[HistoryEvent], actions: int) -> None:
    assert living.actions(history) == actions


async def test_it_measures_level_by_level(site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(scale, "LEVELS", (3,))
    kept: list[str] = []

    await scale.measured(site, 6, 1, math.inf, lambda known: kept.append(json.dumps(known)))

    levels = [[level["cases"] for level in json.loads(known)["levels"]] for known in kept]
    assert levels == [[3], [3, 6], [3, 6]]
    known = json.loads(kept[-1])
    counted = [(level["open_workflows"], level["living"], level["cases"]) for level in known["levels"]]
    assert all(workflows == living > wanted for workflows, living, wanted in counted), counted
    assert all(level["tables"]["nonconformities"]["rows"] >= level["living"] for level in known["levels"])
    assert known["proof"]["streams"] > 6
    assert list(known["lives"]) == ["short", "whole", "overdue", "opened"]
    assert known["lives"]["short"]["commands"] == 6
    assert known["lives"]["overdue"]["events"] == 3
    report.write(known, tmp_path / "scale.json")
    assert json.loads((tmp_path / "scale.json").read_text()) == known
    console = Console(width=120)
    with console.capture() as shown:
        report.show(known, console)
    assert "p99 ms, warm" in shown.get()


async def test_the_same_seed_opens_the_same_cases_and_no_more_than_there_is_time_for(site: Site) -> None:
    cast = await Cast.of(site.ready)
    try:
        fill = Fill(site, cast.one("integration"), 7)
        assert fill.finding(5) == Fill(site, cast.one("integration"), 7).finding(5) != fill.finding(6)
        assert (await fill.up_to(1000, 0.0, site.rounds.say))["opened"] == 0
    finally:
        await cast.leave()
