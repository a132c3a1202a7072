"""From a request to its events and what they cause, and back, by the logs of the real stack."""

import asyncio
from collections import Counter
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.conftest import events_of, finding
from tests.observe.conftest import Watched

NC = "/v1/nonconformities"


async def until(watched: Watched, process: str, **wanted: str) -> list[dict[str, Any]]:
    """Waits for log lines that hold all of this."""
    async with asyncio.timeout(60):
        while not (found := watched.lines(process, lambda line: wanted.items() <= line.items())):
            await asyncio.sleep(0.1)
    return found


async def test_one_id_leads_from_a_request_to_its_event_and_back(watched: Watched) -> None:
    auditor = watched.cast.one("auditor").http
    case = (await watched.cast.one("integration").api.post("/v1/findings", finding(1, grade="ofi")))["id"]
    answer = await auditor.post(
        f"{NC}/{case}/comment", json={"text": "Seen."}, headers={"X-Request-Id": "mine-1", "Idempotency-Key": "k-1"}
    )
    assert (answer.status_code, answer.headers["x-request-id"]) == (200, "mine-1")

    [asked] = await until(watched, "api", event="request", correlation_id="mine-1")
    assert (asked["route"], asked["status"]) == ("/v1/nonconformities/{id}/comment", 200)
    [line] = await until(watched, "worker", event="command", correlation_id="mine-1")
    assert (line["command_id"], line["result"], line["stream"]) == ("k-1", "accepted", f"nonconformity/{case}")

    events = await events_of(auditor, case)
    assert [f"{e['seq']} {e['type']}" for e in events if e["command_id"] == line["command_id"]] == line["events"]

    # The event alone leads back: its command id stands in the same line.
    found = watched.lines("worker", lambda told: told.get("command_id") == events[-1]["command_id"])
    assert {told["correlation_id"] for told in found} == {"mine-1"}


async def test_a_request_that_brings_no_id_has_one_for_everything(watched: Watched) -> None:
    auditor = watched.cast.one("auditor").http
    reported = await watched.cast.one("integration").http.post("/v1/findings", json=finding(2, grade="ofi"))
    case = reported.json()["id"]
    answer = await auditor.post(f"{NC}/{case}/comment", json={"text": "Seen."})
    events = await events_of(auditor, case)
    assert events[0]["command_id"] == reported.headers["x-request-id"]
    assert events[-1]["command_id"] == answer.headers["x-request-id"]
    await until(watched, "api", event="command", correlation_id=events[0]["command_id"])
    await until(watched, "worker", event="command", correlation_id=events[-1]["command_id"])


async def test_an_id_that_a_caller_gives_twice_is_no_key(watched: Watched) -> None:
    auditor = watched.cast.one("auditor").http
    case = (await watched.cast.one("integration").api.post("/v1/findings", finding(3, grade="ofi")))["id"]
    for text in ("One.", "Two."):
        answer = await auditor.post(f"{NC}/{case}/comment", json={"text": text}, headers={"X-Request-Id": "again"})
        assert answer.status_code == 200, answer.text
    assert len(await events_of(auditor, case)) == 4


async def test_a_callers_trace_is_the_id_where_it_names_none(watched: Watched) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    header = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    auditor = watched.cast.one("auditor").http
    assert (await auditor.get("/v1/me", headers=header)).headers["x-request-id"] == trace
    both = await auditor.get("/v1/me", headers=header | {"X-Request-Id": "own"})
    assert both.headers["x-request-id"] == "own"
    void = await auditor.get("/v1/me", headers={"traceparent": f"00-{'0' * 32}-00f067aa0ba902b7-01"})
    assert void.headers["x-request-id"] not in ("0" * 32, trace)


async def test_a_refusal_names_its_id_in_answer_and_log(watched: Watched) -> None:
    case = (await watched.cast.one("integration").api.post("/v1/findings", finding(4, grade="minor")))["id"]
    auditor = watched.cast.one("auditor").http
    answer = await auditor.post(f"{NC}/{case}/submit-plan", json={}, headers={"X-Request-Id": "no-1"})
    problem = answer.json()
    assert problem["correlation_id"] == "no-1"
    [line] = await until(watched, "api", event="command", correlation_id="no-1")
    assert (line["result"], line["rule"], line["events"]) == ("refused", problem["code"], [])


async def test_what_the_clock_and_events_cause_can_be_followed(watched: Watched) -> None:
    case = (await watched.cast.one("integration").api.post("/v1/findings", finding(5, grade="major")))["id"]
    stream = f"nonconformity/{case}"
    [sent, *_] = await until(watched, "worker", event="reaction sent", source=stream)
    [woken] = await until(watched, "worker", event="woken", command_id=sent["correlation_id"])
    assert sent["cause"] in woken["events"]
    [arrived, *_] = await until(watched, "worker", event="command", correlation_id=woken["command_id"])
    assert (arrived["command_id"], arrived["stream"]) == (sent["command_id"], sent["target"])
    events = await events_of(watched.cast.one("auditor").http, case)
    recorded = [f"{e['seq']} {e['type']}" for e in events if e["command_id"] == woken["command_id"]]
    assert recorded == woken["events"]


async def counted(watched: Watched) -> Counter[tuple[str, str, str]]:
    """Commands by command, result and rule, over API and worker."""
    sums: Counter[tuple[str, str, str]] = Counter()
    for process in ("api", "worker"):
        for family in text_string_to_metric_families((await watched.get(process, "/metrics")).text):
            for sample in family.samples if family.name == "closeout_commands" else ():
                sums[sample.labels["command"], sample.labels["result"], sample.labels["rule"]] += int(sample.value)
    return sums


async def test_every_command_is_counted_once_wherever_its_outcome_was_known(watched: Watched) -> None:
    case = (await watched.cast.one("integration").api.post("/v1/findings", finding(6, grade="minor")))["id"]
    auditor = watched.cast.one("auditor").http
    before = await counted(watched)
    for body in ({"text": "One."}, {"text": "One."}, {"text": "Two."}):
        await auditor.post(f"{NC}/{case}/comment", json=body, headers={"Idempotency-Key": "k-6"})
    more = await counted(watched) - before
    assert more["comment", "accepted", ""] == 1
    assert more["comment", "repeated", ""] == 1
    assert more["comment", "refused", "key_reused"] == 1
    assert sum(n for (command, _, _), n in more.items() if command == "comment") == 3


async def test_the_numbers_of_all_that_are_served(watched: Watched) -> None:
    worker, api = [(await watched.get(process, "/metrics")).text for process in ("worker", "api")]
    assert 'closeout_build_info{component="worker"' in worker
    assert 'closeout_build_info{component="api"' in api
    assert 'closeout_commands_total{command="comment",kind="nonconformity",result="accepted",rule=""}' in worker
    assert 'closeout_commands_total{command="report",kind="nonconformity",result="accepted",rule=""}' in api
    for name in ("wakeup_lag_seconds", "reaction_lag_seconds"):
        [count] = [line for line in worker.splitlines() if line.startswith(f"closeout_{name}_count")]
        assert float(count.split()[1]) > 0
    assert "temporal_workflow_task_schedule_to_start_latency_seconds_bucket" in worker
    assert "temporal_request_total" in api
