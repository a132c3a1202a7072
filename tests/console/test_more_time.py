"""More time: before one asks or grants, the form says which dates run, when they are, and how far they may go."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest

from services.console.frame.words import lasting
from tests.console.conftest import Console
from tests.console.forms import carried
from workflows.durations import Duration


async def test_a_client_sees_its_dates_and_the_limit_before_it_asks(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    told = await console.desk.get("owner", f"/v1/nonconformities/{case}")
    page = unescape((await console.get("owner", f"/cases/{case}/request-extension")).text)
    offered = re.findall(r'type="radio" name="deadline" value="(\w+)"', page)
    running = [one["kind"] for one in told["deadlines"] if one["state"] == "running"]
    assert offered == [kind for kind in running if kind != "review"]
    assert "correction" not in offered
    dated = r"\d+ \w+ \d{4} \([\w/]+\)"
    assert len(re.findall(rf"Due {dated}; at the latest {dated}", page)) == len(offered)
    assert "The policy allows 30 days more in all, counted from the first date." in page


async def test_who_grants_sees_what_is_asked_and_begins_with_it_by_the_clients_clock(console: Console) -> None:
    case = (await console.desk.reports("auditor"))["id"]
    told = await console.desk.get("owner", f"/v1/nonconformities/{case}")
    [due] = [one["due_at"] for one in told["deadlines"] if one["kind"] == "plan"]
    zone = ZoneInfo(told["zone"])
    until = (datetime.fromisoformat(due) + timedelta(days=5)).astimezone(UTC).replace(hour=9, minute=30, second=0)
    asked = {"deadline": "plan", "reason": "The <vendor> is closed.", "containment": "Accounts are locked."}
    await console.desk.does("owner", case, "request-extension", until=until.isoformat(), **asked)
    for command in ("grant-extension", "deny-extension"):
        page = await console.get("reviewer", f"/cases/{case}/{command}")
        card = page.text.partition('id="asked"')[2].partition("</section>")[0]
        shown = ("Plan", "The &lt;vendor&gt; is closed.", "Accounts are locked.", "Owner", until.isoformat())
        assert [one for one in shown if one not in card] == []
    path = f"/cases/{case}/grant-extension"
    page = await console.get("reviewer", path)
    begun = re.search(r'name="until" type="datetime-local" value="([^"]+)"', page.text)
    assert begun is not None
    assert begun[1] == until.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
    assert "What was asked for, " in page.text
    assert "at the latest" in page.text
    answer = await console.post("reviewer", path, {**carried(page), "until": begun[1], "reason": "Once."})
    assert answer.status_code == 303, answer.text
    told = await console.desk.get("owner", f"/v1/nonconformities/{case}")
    [moved] = [one["due_at"] for one in told["deadlines"] if one["kind"] == "plan"]
    assert datetime.fromisoformat(moved) == until


@pytest.mark.parametrize(
    ("span", "said"),
    [("P1M", "1 month"), ("P6M1D", "6 months, 1 day"), ("PT36H", "36 hours"), ("PT90S", "1 minute, 30 seconds")],
)
def test_a_span_is_written_out(span: str, said: str) -> None:
    assert lasting(Duration.parse(span)) == said
