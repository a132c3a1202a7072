"""`closeout doctor` on the real servers: all well, then its settings or files broken, with the line that says so."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.doctor.checks import PATIENCE, Answer, Check, Result, examine, ok
from services.doctor.report import text, well
from tests.doctor.conftest import OF_POSTGRES, OF_THE_ENGINE, OF_THE_LEDGER, Elsewhere, Place, broken

CLOSEOUT = str(Path(sys.executable).with_name("closeout"))


def doctor(*asked: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The command, as an operator runs it."""
    env = {"PATH": os.environ.get("PATH", os.defpath), **environ}
    command = [CLOSEOUT, "doctor", *asked]
    return subprocess.run(command, capture_output=True, text=True, timeout=90, env=env, check=False)  # noqa: S603


def test_a_stack_that_runs_is_well_in_every_part(place: Place) -> None:
    ran = doctor("--data", str(place.settings.data), "--json", "--verify")
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stdout
    said = json.loads(ran.stdout)
    assert said["ok"] is True
    checks = {check["name"]: check for check in said["checks"]}
    assert {check["result"] for check in checks.values()} == {"ok"}, ran.stdout
    assert set(checks) >= OF_POSTGRES | OF_THE_LEDGER | OF_THE_ENGINE | {"settings", "api", "api ready", "policies"}
    assert "closeout_login, acting as closeout_app" in checks["postgres role"]["found"]
    assert "events in" in checks["chains"]["found"]
    assert checks["mail server"]["found"].endswith("takes mail from closeout@body.example")


async def test_a_deployment_is_found_by_its_settings_too(elsewhere: Elsewhere) -> None:
    report = await elsewhere.examined()
    assert well(report.findings), text(report.findings)
    assert report.results(Result.SKIPPED) == {"data folder"}
    assert report.results(Result.WARN) == set()
    assert "dsn (environment, CLOSEOUT_DSN)" in report["settings"].found
    assert report["chains"].found.startswith("1 streams sampled")


def test_nothing_runs(tmp_path: Path) -> None:
    ran = doctor("--data", str(tmp_path))
    assert (ran.returncode, ran.stderr) == (1, "")
    assert f"nothing runs on {tmp_path}" in ran.stdout
    assert f"mend: start it with `closeout up --data {tmp_path}`, or set CLOSEOUT_DSN" in ran.stdout


def test_a_stack_that_was_killed(place: Place, tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (tmp_path / "ready.json").write_text(place.ready.model_copy(update={"pids": {"api": gone.pid}}).model_dump_json())
    ran = doctor("--data", str(tmp_path))
    assert ran.returncode == 1
    assert f"nothing runs on {tmp_path} any more" in ran.stdout
    assert "Traceback" not in ran.stderr


def test_settings_that_cannot_be_read(tmp_path: Path) -> None:
    ran = doctor("--data", str(tmp_path), CLOSEOUT_FRESH="soon")
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "fresh (environment, CLOSEOUT_FRESH)" in ran.stdout


async def test_a_variable_that_means_no_setting(place: Place) -> None:
    report = await place.examined({"CLOSEOUT_TENNANT": "x", "CLOSEOUT_API_PORT": "tcp://10.0.0.1:80"})
    broken(report, "variables", "CLOSEOUT_TENNANT", "rename CLOSEOUT_TENNANT to CLOSEOUT_TENANT")
    assert "CLOSEOUT_API_PORT" not in report["variables"].found
    assert (await place.examined({"CLOSEOUT_ELEPHANT": "x"}))["variables"].result is Result.WARN


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"CLOSEOUT_TEMPORAL_ADDRESS": "127.0.0.1:99999"}, "temporal"),
        ({"CLOSEOUT_PUBLIC_URL": "http://127.0.0.1:99999"}, "api"),
    ],
)
async def test_what_nobody_foresaw_is_a_finding(elsewhere: Elsewhere, changed: dict[str, str], name: str) -> None:
    report = await elsewhere.examined(**changed)
    assert report[name].result is Result.FAIL
    assert report.results(Result.OK) >= OF_POSTGRES - {"connections"}


async def test_an_api_that_is_away(elsewhere: Elsewhere) -> None:
    report = await elsewhere.examined(CLOSEOUT_PUBLIC_URL="http://127.0.0.1:1")
    broken(report, "api", "ConnectError", "start `closeout api`")
    assert report["api ready"].found == "needs api"


async def test_policies_that_are_not_there_or_cannot_be_used(elsewhere: Elsewhere, tmp_path: Path) -> None:
    report = await elsewhere.examined(CLOSEOUT_POLICIES=str(tmp_path / "none"))
    broken(report, "policies", "none is no folder", "CLOSEOUT_POLICIES")
    (tmp_path / "broken.toml").write_text("name = 1")
    report = await elsewhere.examined(CLOSEOUT_POLICIES=str(tmp_path))
    broken(report, "policies", "broken.toml", f"closeout policy check {tmp_path}")
    assert report["chains"].found == "needs policies"


async def test_a_key_that_others_can_read_or_nobody(elsewhere: Elsewhere, tmp_path: Path) -> None:
    key = tmp_path / "token.key"
    report = await elsewhere.examined(CLOSEOUT_TOKEN_KEY=str(key))
    broken(report, "token key", "is not there", "CLOSEOUT_TOKEN_KEY")
    assert not key.exists()
    key.write_bytes((elsewhere.place.settings.data / "token.key").read_bytes())
    key.chmod(0o644)
    broken(await elsewhere.examined(CLOSEOUT_TOKEN_KEY=str(key)), "token key", "mode 644", f"chmod 600 {key}")
    key.write_text("no key")
    broken(await elsewhere.examined(CLOSEOUT_TOKEN_KEY=str(key)), "token key", "no private key", "backup")


async def test_no_question_is_asked_after_one_that_hangs() -> None:
    asked: list[str] = []

    async def hangs(part: str) -> Answer:
        asked.append(part)
        raise TimeoutError

    async def answers(_: str) -> Answer:
        return ok("fine")

    findings = await examine([Check("first", hangs, "mend it"), Check("second", answers, "")], "part")
    assert [(each.result, each.found) for each in findings] == [
        (Result.FAIL, f"no answer in {PATIENCE:g} seconds"),
        (Result.SKIPPED, "needs an answer to first"),
    ]
    assert asked == ["part"]
