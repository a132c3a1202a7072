"""The recipe of docs/ledger.md, run as it stands there, on what the API and the export show."""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from activities.ledger.postgres import PostgresLedger
from activities.ledger.protocol import Scope
from services import runs
from services.settings import Settings
from services.telling import event_view
from tests.ledger.conftest import NOW, Connection, Server, command
from workflows.canonical import instant

PAGE = Path(__file__).parents[2] / "docs" / "ledger.md"
Events = list[dict[str, Any]]


@pytest.fixture(scope="module")
def check() -> Callable[[Events], None]:
    [recipe] = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    found: dict[str, Any] = {}
    exec(recipe, found)  # noqa: S102 - our own page
    checked: Callable[[Events], None] = found["check"]
    return checked


@pytest.fixture
async def events(postgres: PostgresLedger, tenant: str) -> Events:
    """Three events as JSON: one that the API took, one with text beyond ASCII, one of the clock."""
    first = command("open", note="Befund: »Schlüssel« €").model_copy(update={"received_at": NOW - timedelta(seconds=1)})
    await postgres.transact(tenant, "tally/1", first, NOW)
    await postgres.transact(tenant, "tally/1", command("remind", at=instant(NOW)), NOW)
    await postgres.wake(tenant, "tally/1", NOW, NOW)
    return await shown(postgres, tenant)


async def shown(ledger: PostgresLedger, tenant: str) -> Events:
    history = await ledger.history(Scope(tenant), "tally/1")
    read: Events = json.loads(json.dumps([event_view(event) for event in history]))
    return read


async def test_the_recipe_checks_what_is_shown(check: Callable[[Events], None], events: Events) -> None:
    assert len(events) == 3
    assert events[0]["received_at"] == "2026-03-01T11:59:59.000000Z"
    check(events)


@pytest.mark.parametrize(
    "name", ["actor", "at", "recorded_at", "hash", "received_at", "request_sha256", "salt", "data"]
)
async def test_the_recipe_finds_each_change(check: Callable[[Events], None], events: Events, name: str) -> None:
    changed = deepcopy(events)
    changed[1][name] = changed[0][name]
    if changed == events:
        changed[1][name] = "2026-03-01T12:00:00.000001Z"
    with pytest.raises(AssertionError):
        check(changed)


async def test_the_recipe_bears_an_erasure(
    check: Callable[[Events], None], postgres: PostgresLedger, owner: Connection, tenant: str, events: Events
) -> None:
    await owner.execute("SELECT closeout.erase($1, 'tally/1', 2, 'dpo', 'asked to')", tenant)
    left = await shown(postgres, tenant)
    assert left[1]["salt"] is None
    assert left[1]["hash"] == events[1]["hash"]
    check(left)


async def test_the_export_is_enough(
    check: Callable[[Events], None], events: Events, server: Server, tenant: str
) -> None:
    settings = Settings(dsn=server.app)
    for stream in ("tally/1", None):
        written = StringIO()
        await runs.export(settings, tenant, stream, written)
        exported = [json.loads(line) for line in written.getvalue().splitlines()]
        assert [
            {**event, "position": line["position"]} for event, line in zip(events, exported, strict=True)
        ] == exported
        check(exported)
