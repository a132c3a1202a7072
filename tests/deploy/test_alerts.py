"""The alerts: promtool reads them, they fire when they should, and each says what to do."""

import os
import re
from typing import Any

import pytest
import yaml

from activities.metrics import Metrics
from tests.deploy.material import DEPLOY, found, tool

FOLDER = DEPLOY / "prometheus"
OBSERVE = DEPLOY.parent / "docs" / "observe.md"
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load((FOLDER / "alerts.yaml").read_text())["groups"] for rule in group["rules"]
]

promtool = pytest.mark.skipif(
    not os.environ.get("CI") and found("promtool") is None,
    reason="no promtool here: .ci/promtool puts it into .venv, out of Debian's prometheus package",
)


@promtool
def test_promtool_reads_them() -> None:
    assert f"{len(RULES)} rules found" in tool("promtool", "check", "rules", FOLDER / "alerts.yaml")


@promtool
def test_they_fire_when_they_should_and_only_then() -> None:
    tool("promtool", "test", "rules", FOLDER / "alerts_test.yaml")


def test_each_has_a_case_in_which_it_fires_and_nothing_else_expected() -> None:
    fired = set(re.findall(r'alertname="(\w+)"', (FOLDER / "alerts_test.yaml").read_text()))
    assert fired == {rule["alert"] for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_each_says_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert rule["annotations"]["runbook"] == f"docs/observe.md#{rule['alert'].lower()}"
    assert f"\n### {rule['alert']}\n" in OBSERVE.read_text()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_each_asks_for_numbers_that_there_are(rule: dict[str, Any]) -> None:
    metrics = {metric.name: metric for metric in Metrics("worker").registry.collect()}
    for name in re.findall(r"\bcloseout_\w+", rule["expr"]):
        assert re.sub(r"_(total|bucket|count|sum)$", "", name) in metrics, name
