"""What aggregations cause on other streams, carried out by workflows."""

import asyncio
from uuid import uuid4

from activities.ledger.protocol import Scope
from tests.workflows.conftest import AUDITOR, Town
from workflows.decider import Command
from workflows.nonconformity.case import Case


async def case(town: Town, stream: str) -> Case:
    loaded = await town.ledger.load(Scope(town.tenant), stream)
    assert loaded is not None and isinstance(loaded.state, Case)
    return loaded.state


async def test_an_aggregation_that_comes_second_lapses_and_its_leader_leads_again(town: Town) -> None:
    first, shared, second, fourth = [await town.report(f"F-{n}", grade="minor") for n in range(4)]
    said = {"title": "Access", "statement": "Two.", "reason": "One cause"}
    for leader in (first, second):
        body = {"others": [shared.partition("/")[2]], **said}
        command = Command(id=str(uuid4()), name="aggregate", body=body, actor=AUDITOR)
        # Past the workflows, so that both are recorded before either has caused anything.
        answer = await town.ledger.transact(town.tenant, leader, command, await town.now())
        assert answer.refusal is None
    for leader in (first, second):
        await town.engine.nudge(town.tenant, leader)
    async with asyncio.timeout(20):
        while [(await case(town, one)).aggregating for one in (first, second)] != [None, None]:
            await asyncio.sleep(0.02)
        while (await case(town, shared)).status != "superseded":
            await asyncio.sleep(0.02)
    [lost] = [one for one in (first, second) if "aggregation_lapsed" in await town.types(one)]
    [lapsed] = [event for event in await town.history(lost) if event.type == "nonconformity.aggregation_lapsed"]
    assert lapsed.data is not None
    assert (lapsed.data["code"], (await case(town, lost)).status) == ("minors_taken", "open")
    await town.does(lost, AUDITOR, "aggregate", others=[fourth.partition("/")[2]], **said)
    async with asyncio.timeout(20):
        while (await case(town, lost)).status != "superseded":
            await asyncio.sleep(0.02)
