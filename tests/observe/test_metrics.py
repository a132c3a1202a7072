"""The numbers, and the page that says what each means."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from activities.ledger.protocol import Unavailable
from activities.metrics import Metrics

OBSERVE = Path(__file__).parents[2] / "docs" / "observe.md"
ROW = re.compile(r"^\| `(closeout_\w+)` \| (\w+) \|([^|]*)\|", re.MULTILINE)
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def samples(metrics: Metrics) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    families = text_string_to_metric_families(metrics.text().decode())
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return samples(metrics).get((name, frozenset(labels.items())))


def test_the_page_tells_every_number_with_its_labels_and_no_other() -> None:
    rows = ROW.findall(OBSERVE.read_text())
    told = {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}
    collectors = vars(Metrics("worker").registry)["_collector_to_names"]
    counted = {
        family.name + ("_total" if family.type == "counter" else ""): (family.type, set(collector._labelnames))
        for collector in collectors
        if hasattr(collector, "_labelnames")
        for family in collector.describe()
    }
    assert told == counted


def test_names_follow_the_conventions_of_prometheus() -> None:
    for family in Metrics("api").registry.collect():
        assert not re.search(r"_(ms|millis|minutes|hours)\b", family.name)
        if family.type == "histogram":
            assert family.name.endswith("_seconds")


def test_what_anybody_could_invent_is_no_label() -> None:
    metrics = Metrics("api")
    for n in range(50):
        metrics.answered(f"X{n}", "unmatched", 405, 0.01)
        metrics.commanded("nonconformity", f"invented-{n}", "refused", "unknown_command")
    assert value(metrics, "closeout_http_requests_total", method="other", route="unmatched", status="405") == 50
    counted = {"kind": "nonconformity", "command": "other", "result": "refused", "rule": "unknown_command"}
    assert value(metrics, "closeout_commands_total", **counted) == 50


def test_a_failed_call_of_the_ledger_is_timed_and_counted() -> None:
    metrics = Metrics("worker")
    with pytest.raises(Unavailable), metrics.transaction("transact"):
        raise Unavailable("the database is away")
    with metrics.transaction("transact"):
        pass
    assert value(metrics, "closeout_transaction_failures_total", operation="transact") == 1
    assert value(metrics, "closeout_transaction_seconds_count", operation="transact") == 2


def test_lags_are_in_seconds_and_never_negative() -> None:
    metrics = Metrics("worker")
    metrics.woken(NOW, NOW + timedelta(seconds=90))
    metrics.woken(NOW, NOW - timedelta(seconds=1))
    metrics.arrived(NOW, NOW + timedelta(seconds=2))
    assert value(metrics, "closeout_wakeup_lag_seconds_sum") == 90
    assert value(metrics, "closeout_wakeup_lag_seconds_bucket", le="0.1") == 1
    assert value(metrics, "closeout_reaction_lag_seconds_sum") == 2


def test_sweeps_are_counted_from_the_first_on() -> None:
    metrics = Metrics("worker")
    assert value(metrics, "closeout_sweeps_total", found="none") == 0
    metrics.swept(0, 0)
    metrics.swept(3, 1)
    assert value(metrics, "closeout_sweeps_total", found="none") == 1
    assert value(metrics, "closeout_sweeps_total", found="some") == 1
    assert value(metrics, "closeout_sweep_finds_total", result="nudged") == 3
    assert value(metrics, "closeout_sweep_finds_total", result="unreached") == 1
    assert (value(metrics, "closeout_sweep_last_timestamp_seconds") or 0) > NOW.timestamp()
