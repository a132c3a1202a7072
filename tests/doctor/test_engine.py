"""The engine broken, or whoever works for it: the line of `closeout doctor` that says so, and its remedy."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.doctor.checks import PATIENCE, Result
from tests.doctor.conftest import OF_POSTGRES, OF_THE_ENGINE, OF_THE_LEDGER, Elsewhere, Place, broken


async def test_an_engine_that_is_away(elsewhere: Elsewhere) -> None:
    report = await elsewhere.examined(CLOSEOUT_TEMPORAL_ADDRESS="127.0.0.1:1")
    broken(
        report,
        "temporal",
        "CLOSEOUT_TEMPORAL_ADDRESS: the engine does not answer at 127.0.0.1:1: Connection refused",
        "mend the address",
    )
    assert report.results(Result.SKIPPED) == OF_THE_ENGINE | {"data folder"}
    assert report.results(Result.OK) >= OF_POSTGRES | OF_THE_LEDGER


async def test_a_namespace_that_is_not_there(elsewhere: Elsewhere) -> None:
    report = await elsewhere.examined(CLOSEOUT_TEMPORAL_NAMESPACE="nowhere")
    broken(report, "namespace", "nowhere is not there", "run `closeout bootstrap`")
    assert {name for name in OF_THE_ENGINE if report[name].found == "needs namespace"} == OF_THE_ENGINE - {"namespace"}


async def test_a_retention_that_is_shorter_than_the_setting(elsewhere: Elsewhere) -> None:
    namespace = (await elsewhere.examined(CLOSEOUT_TEMPORAL_RETENTION="P30D"))["namespace"]
    assert namespace.result is Result.WARN
    assert "the setting is 30 days" in namespace.found


async def test_a_queue_that_nobody_polls(elsewhere: Elsewhere) -> None:
    report = await elsewhere.examined(CLOSEOUT_TASK_QUEUE="another")
    for kind in ("workflow", "activity"):
        broken(report, f"{kind} pollers", f"nobody polls another for {kind} tasks", "start `closeout worker`")
    beside = "nobody polls for imports (another-imports) and events and mail (another-deliveries)"
    broken(report, "pollers beside", beside, "start `closeout worker`")


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def test_a_worker_that_hangs(place: Place) -> None:
    with frozen(place.ready.pids["worker"]):
        report = await place.examined()
    broken(report, "worker", f"no answer in {PATIENCE:g} seconds", "start `closeout worker`")


async def test_an_engine_that_hangs(place: Place) -> None:
    with frozen(place.ready.pids["temporal"]):
        report = await place.examined()
    broken(report, "temporal", "no answer", "start it")
    broken(report, "api ready", "not ready (503)", "must reach the database and the engine")
    assert report.results(Result.SKIPPED) == OF_THE_ENGINE


async def test_a_configuration_of_temporal_that_cannot_be_read_is_not_quoted(
    elsewhere: Elsewhere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "temporal.toml"
    file.write_text('[profile.default]\naddress = "a:1"\napi_key = correct horse\n')
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(file))
    report = await elsewhere.examined()
    broken(report, "temporal", "Temporal's own environment or file cannot be used", "settings")
    assert "horse" not in report["temporal"].found
