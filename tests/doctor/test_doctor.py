"""`closeout doctor` on the real servers: all well, then each part broken, and the line that says so with its remedy."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from services.doctor.checks import PATIENCE, Answer, Check, Result, examine, ok
from services.doctor.report import text, well
from tests.doctor.conftest import Elsewhere, Place, Report
from tests.mail.server import serving

CLOSEOUT = str(Path(sys.executable).with_name("closeout"))
OF_POSTGRES = {"postgres version", "postgres role", "migrations", "durability", "connections", "clock"}
OF_THE_LEDGER = {"wake-ups", "reactions", "chains"}
OF_THE_ENGINE = {"namespace", "workflow pollers", "activity pollers", "pollers beside", "sweep", "worker"}


def doctor(*asked: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The command, as an operator runs it."""
    env = {"PATH": os.environ.get("PATH", os.defpath), **environ}
    command = [CLOSEOUT, "doctor", *asked]
    return subprocess.run(command, capture_output=True, text=True, timeout=90, env=env, check=False)  # noqa: S603


def broken(report: Report, name: str, found: str, mend: str) -> None:
    """That this check failed, so, with this remedy."""
    finding = report[name]
    assert finding.result is Result.FAIL, finding
    assert found in finding.found
    assert mend in finding.mend
    assert not well(report.findings)


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
    ("change", "found"),
    [
        (lambda dsn: dsn.replace("@", "wrong@"), "password authentication failed"),
        (lambda dsn: f"{dsn}_gone", "does not exist"),
        (lambda _: "postgresql://nobody@127.0.0.1:1/none", "the ledger cannot answer now"),
    ],
    ids=["password", "database", "address"],
)
async def test_a_database_that_cannot_be_reached(
    elsewhere: Elsewhere, change: Callable[[str], str], found: str
) -> None:
    report = await elsewhere.examined(CLOSEOUT_DSN=change(elsewhere.dsn))
    broken(report, "postgres", found, "mend the address, login, password")
    assert report["postgres"].found.startswith("CLOSEOUT_DSN: ")
    assert report.results(Result.SKIPPED) >= OF_POSTGRES | OF_THE_LEDGER
    assert report["chains"].found == "needs postgres"
    assert report.results(Result.OK) >= OF_THE_ENGINE


async def test_a_login_that_is_a_superuser(elsewhere: Elsewhere) -> None:
    report = await elsewhere.examined(CLOSEOUT_DSN=elsewhere.owner)
    broken(report, "postgres role", "is a superuser", "deploy/postgres/roles.sql")


@pytest.mark.parametrize(
    ("store", "found"),
    [
        ("file:///etc/passwd/evidence", "/etc/passwd is no folder that can be written"),
        ("az://container", "Account must be specified"),
        ("s3://bucket/evidence", "the store of evidence at s3://bucket/evidence cannot answer now"),
    ],
)
async def test_a_store_of_evidence_that_cannot_be_used(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch, store: str, found: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    broken(await elsewhere.examined(CLOSEOUT_EVIDENCE_STORE=store), "evidence", found, "CLOSEOUT_EVIDENCE_STORE")


class Bucket(BaseHTTPRequestHandler):
    """A bucket of S3 by what `doctor` asks of it; what is `refused` its keys may not do."""

    refused = ""
    held: ClassVar[set[str]] = set()

    def _answer(self, code: int, body: str = "") -> None:
        self.send_response(HTTPStatus.FORBIDDEN if self.command == self.refused else code)
        self.send_header("ETag", '"0"')
        self.send_header("Last-Modified", "Sun, 01 Mar 2026 12:00:00 GMT")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.held.add(self.path.partition("/evidence/")[2])
        self._answer(200)

    def do_HEAD(self) -> None:
        self._answer(200 if self.path.partition("/evidence/")[2] in self.held else 404)

    def do_POST(self) -> None:
        """Deletes objects, the one thing that is posted (S3's DeleteObjects)."""
        asked = self.rfile.read(int(self.headers["Content-Length"])).decode()
        keys = re.findall("<Key>(.*?)</Key>", asked)
        self.held.difference_update(keys)
        told = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
        self._answer(200, f"<DeleteResult>{told}</DeleteResult>")

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Bucket]]:
    """A bucket of this test's own, with the environment that leads there."""
    kind = type("Own", (Bucket,), {"held": set()})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        own = {"ENDPOINT": f"http://127.0.0.1:{server.server_port}", "ALLOW_HTTP": "true", "REGION": "local"}
        for name, value in (own | {"ACCESS_KEY_ID": "k", "SECRET_ACCESS_KEY": "s"}).items():
            monkeypatch.setenv(f"AWS_{name}", value)
        yield kind
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("refused", ["PUT", "HEAD", "POST"], ids=["written", "found", "deleted"])
async def test_a_bucket_whose_objects_may_not_be_written_or_deleted(
    elsewhere: Elsewhere, bucket: type[Bucket], refused: str
) -> None:
    assert (await elsewhere.examined(CLOSEOUT_EVIDENCE_STORE="s3://evidence"))["evidence"].result is Result.OK
    assert bucket.held == set()
    bucket.refused = refused
    report = await elsewhere.examined(CLOSEOUT_EVIDENCE_STORE="s3://evidence")
    broken(report, "evidence", "403", "the bucket must let its objects be listed, read, written and deleted")


async def test_a_mail_server_that_is_away_or_takes_ours(elsewhere: Elsewhere) -> None:
    async with serving() as server:
        url, sender = f"smtp+clear://127.0.0.1:{server.port}", "closeout@example.org"
        report = await elsewhere.examined(CLOSEOUT_SMTP_URL=url, CLOSEOUT_MAIL_FROM=sender)
        assert report["mail server"].found.endswith(f"takes mail from {sender}")
        assert server.box.got == []
        server.box.begins = lambda _: "550 not from there"
        report = await elsewhere.examined(CLOSEOUT_SMTP_URL=url, CLOSEOUT_MAIL_FROM=sender)
        broken(report, "mail server", "550 not from there", "CLOSEOUT_MAIL_FROM")
    report = await elsewhere.examined(CLOSEOUT_SMTP_URL=url, CLOSEOUT_MAIL_FROM=sender)
    broken(report, "mail server", str(server.port), "CLOSEOUT_SMTP_URL")


async def test_a_table_without_row_level_security(elsewhere: Elsewhere) -> None:
    await elsewhere.execute("ALTER TABLE closeout.people NO FORCE ROW LEVEL SECURITY")
    broken(await elsewhere.examined(), "postgres role", "unguarded: people", "FORCE ROW LEVEL SECURITY")


async def test_a_migration_that_is_not_the_one_applied(elsewhere: Elsewhere) -> None:
    await elsewhere.execute("UPDATE closeout.migrations SET sha256 = 'another' WHERE name LIKE '0001%'")
    report = await elsewhere.examined()
    broken(report, "migrations", "0001_ledger.sql: the file is not what was applied", "the version of Closeout")
    assert report["chains"].found == "needs migrations"


async def test_a_migration_that_is_missing(elsewhere: Elsewhere) -> None:
    await elsewhere.execute("DELETE FROM closeout.migrations WHERE name LIKE '0003%'")
    broken(await elsewhere.examined(), "migrations", "0003_read_models.sql", "run `closeout bootstrap`")
    await elsewhere.execute("DROP TABLE closeout.migrations")
    broken(await elsewhere.examined(), "migrations", "none is applied", "run `closeout bootstrap`")


async def test_a_server_that_may_forget(elsewhere: Elsewhere) -> None:
    name = elsewhere.dsn.rpartition("/")[2]
    await elsewhere.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    broken(await elsewhere.examined(), "durability", "synchronous_commit off", "set synchronous_commit to on")


async def test_a_stream_that_nobody_wakes(elsewhere: Elsewhere) -> None:
    await elsewhere.execute(
        """
        INSERT INTO closeout.streams (
            tenant, stream, kind, seq, head, status, state, state_version, last_at, next_wakeup, lives, shown
        )
        SELECT
            'late', 'nonconformity/1', 'nonconformity', 1, '', 'open', '{}', 1, now(), now() - interval '1 day', true,
            true
        """
    )
    report = await elsewhere.examined()
    broken(report, "wake-ups", "1 wake-ups past, the oldest for 1 day", "closeout recover")
    broken(report, "chains", "nonconformity/1: the row is not at its last event", "closeout ledger verify")


async def test_reactions_that_nobody_carries_out(elsewhere: Elsewhere) -> None:
    await elsewhere.execute("UPDATE closeout.streams SET owed = '{1}'")
    assert (await elsewhere.examined())["reactions"].found.startswith("1 reactions owed, the oldest for 0:00:0")
    await elsewhere.execute(
        """
        ALTER TABLE closeout.events DISABLE TRIGGER append_only;
        UPDATE closeout.events SET recorded_at = recorded_at - interval '1 hour';
        """
    )
    report = await elsewhere.examined()
    broken(report, "reactions", "1 reactions owed, the oldest for 1:00:0", "closeout recover")
    broken(report, "chains", "the envelope is not what was hashed", "compare with a backup")
    broken(report, "postgres role", "unguarded: events.append_only", "ENABLE ALWAYS triggers")


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


@pytest.mark.parametrize(("seconds", "result"), [(10, Result.WARN), (-90, Result.FAIL)])
async def test_a_clock_that_is_askew(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch, seconds: int, result: Result
) -> None:
    class Askew(datetime):
        """This machine's clock, so many seconds behind."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Askew":
            return super().now(tz) - timedelta(seconds=seconds)

    monkeypatch.setattr("services.doctor.postgres.datetime", Askew)
    clock = (await elsewhere.examined())["clock"]
    assert clock.result is result
    assert re.match(rf"the server's clock is {abs(seconds)}\.\d s {'ahead' if seconds > 0 else 'behind'}", clock.found)
    assert "one time source" in clock.mend


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


async def test_a_configuration_of_temporal_that_cannot_be_read_is_not_quoted(
    elsewhere: Elsewhere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "temporal.toml"
    file.write_text('[profile.default]\naddress = "a:1"\napi_key = correct horse\n')
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(file))
    report = await elsewhere.examined()
    broken(report, "temporal", "Temporal's own environment or file cannot be used", "settings")
    assert "horse" not in report["temporal"].found


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
