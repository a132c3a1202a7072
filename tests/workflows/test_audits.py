"""Audits on the time-skipping server: their windows close by the engine's timer, and what was deferred comes due."""

from datetime import datetime, timedelta
from typing import Any

from tests.workflows.conftest import AUDITOR, MANAGER, OWNER, Town

AUDIT = "audit/A-1"


async def begun(town: Town, stage: str) -> datetime:
    """An audit under way; answers when it was planned."""
    now = await town.now()
    today = now.date().isoformat()
    plan: dict[str, Any] = {"key": "A-1", "client": "acme", "stage": stage, "standards": ["ISO/IEC 27001"]}
    plan |= {"starts_on": today, "ends_on": today, "team": [{"person": "Auditor", "role": "lead"}]}
    await town.does(AUDIT, MANAGER, "plan", **plan)
    await town.does(AUDIT, AUDITOR, "start")
    return now


async def test_a_stage_2_without_a_recommendation_lapses_after_six_months(town: Town) -> None:
    start = await begun(town, "stage2")
    await town.does(AUDIT, AUDITOR, "end", on=start.date().isoformat())
    await town.env.sleep(timedelta(days=170))
    assert (await town.types(AUDIT))[-1] == "ended"
    await town.env.sleep(timedelta(days=20))
    lapsed = (await town.history(AUDIT))[-1]
    assert (lapsed.type, lapsed.actor) == ("audit.lapsed", "clock")
    assert timedelta(days=180) <= lapsed.at - start <= timedelta(days=185)
    assert lapsed.data is not None
    assert "stage 2 has to be repeated" in lapsed.data["because"]


async def test_the_repair_window_stands_still_while_the_body_looks(town: Town) -> None:
    start = await begun(town, "stage1")
    await town.does(AUDIT, AUDITOR, "raise_concern", key="k1", text="No internal audit")
    await town.does(AUDIT, AUDITOR, "end", on=start.date().isoformat())
    await town.does(AUDIT, OWNER, "repair_concern", key="k1", text="Held")
    await town.env.sleep(timedelta(days=200))
    assert (await town.types(AUDIT))[-1] == "concern_repaired"
    await town.does(AUDIT, AUDITOR, "return_concern", key="k1", reason="By whom?")
    await town.env.sleep(timedelta(days=80))
    assert (await town.types(AUDIT))[-1] == "concern_returned"
    await town.env.sleep(timedelta(days=15))
    assert (await town.types(AUDIT))[-1] == "lapsed"
