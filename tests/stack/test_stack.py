import asyncio
import json
import os
import signal
import socket
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from services.embedded import children, ports
from services.embedded.children import LAUNCHER, Child, Identity, NotReady, Service
from services.embedded.files import DataInUse, locked
from services.embedded.postgres import Postgres
from services.ready import Ready
from services.settings import Settings
from services.stack import Stack

SUPERVISOR = Path(__file__).with_name("supervisor.py")
ROOT = os.geteuid() == 0
AS_ORDINARY_USER = [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), str(int(signal.SIGKILL)), "namespace"]
"""As root, a namespace makes an ordinary user of us: another id, no capability, the same files."""

USERS = [
    pytest.param([], id="root" if ROOT else "ordinary"),
    pytest.param(AS_ORDINARY_USER, id="ordinary-in-namespace", marks=pytest.mark.skipif(not ROOT, reason="not root")),
]


@asynccontextmanager
async def running(prefix: list[str], data: Path) -> AsyncIterator[tuple[Process, Ready]]:
    process = await asyncio.create_subprocess_exec(
        *prefix,
        sys.executable,
        str(SUPERVISOR),
        str(data),
        stdout=PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(30):
            line = await process.stdout.readline()
        yield process, Ready.model_validate_json(line)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def until(holds: Callable[[], bool], within: float = 5.0) -> float:
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < within
        await asyncio.sleep(0.01)
    return time.monotonic() - began


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def descendants(pid: int) -> set[int]:
    children: set[int] = set()
    with suppress(FileNotFoundError, ProcessLookupError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            children.update(int(child) for child in (thread / "children").read_text().split())
    return children.union(*(descendants(child) for child in children))


async def fetch(dsn: str, query: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


@pytest.mark.parametrize("prefix", USERS)
async def test_a_killed_supervisor_leaves_no_orphan_and_loses_no_row(prefix: list[str], tmp_path: Path) -> None:
    data = tmp_path / "private" / "data"
    (tmp_path / "private").mkdir(mode=0o700)
    async with running(prefix, data) as (supervisor, first):
        assert set(first.pids) == {"postgres", "temporal", "api"}
        await fetch(first.dsn, "CREATE TABLE kept AS SELECT 42 AS n")
        family = descendants(supervisor.pid)
        assert family > set(first.pids.values())
        supervisor.kill()
        await until(lambda: not any(alive(pid) for pid in family))

    async with running(prefix, data) as (supervisor, second):
        assert second.model_dump(exclude={"pids"}) == first.model_dump(exclude={"pids"})
        assert await fetch(second.dsn, "SELECT n FROM kept") == 42
        ready_file = data / "ready.json"
        for file in (ready_file, *data.glob("temporal.sqlite*")):
            assert file.stat().st_mode & 0o777 == 0o600, file
        assert (data / "temporal.sqlite").exists()
        for name in ("api", "postgres"):
            os.kill(second.pids[name], signal.SIGKILL)
        await until(
            lambda: all(
                json.loads(ready_file.read_text())["pids"][name] != second.pids[name] for name in ("api", "postgres")
            )
        )
        family = descendants(supervisor.pid)
        supervisor.send_signal(signal.SIGINT)
        assert await supervisor.wait() == 0
        assert not any(alive(pid) for pid in family)
        assert not ready_file.exists()


async def test_a_ready_file_elsewhere_does_not_hide_the_stack_from_the_commands_on_its_folder(tmp_path: Path) -> None:
    own, elsewhere = tmp_path / "data" / "ready.json", tmp_path / "ready.json"
    settings = Settings.load({"data": tmp_path / "data"}, {})
    async with Stack(settings, ready_file=elsewhere, services=lambda *_: []) as ready:
        assert json.loads(own.read_text()) == json.loads(elsewhere.read_text()) == ready.model_dump(mode="json")
    assert not own.exists()
    assert not elsewhere.exists()


async def test_given_servers_are_used_instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Stack(Settings.load({"data": tmp_path / "others"}, {}), services=lambda *_: []) as others:
        monkeypatch.setenv("TEMPORAL_ADDRESS", others.temporal)
        settings = Settings.load({"data": tmp_path / "ours", "dsn": others.dsn})
        async with Stack(settings, services=lambda *_: []) as ready:
            assert ready.pids == {}
            assert (ready.dsn, ready.temporal, ready.temporal_ui) == (others.dsn, others.temporal, None)


@pytest.mark.skipif(not ROOT, reason="only root can become nobody")
async def test_postgres_runs_for_root_as_either_identity_in_folders_that_are_roots_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    [port] = (await ports.remembered(tmp_path / "ports.json", ["postgres"], {})).values()
    stranger = await asyncio.create_subprocess_exec("sleep", "60")
    try:
        for identity, uid in ((Identity.NOBODY, 65534), (Identity.NAMESPACE, 0)):
            postgres = Postgres(home, port, identity)
            child = Child(await postgres.prepare(), lambda *_: None)
            try:
                await child.start()
                await postgres.furnish()
                assert await fetch(postgres.dsn, "SELECT current_user::text") == "closeout_login"
                assert (home / "postgres").stat().st_uid == uid
            finally:
                await child.stop()
            # As after a power cut: the file is still there, and its pid is a stranger's now.
            (home / "postgres" / "postmaster.pid").write_text(f"{stranger.pid}\n")
    finally:
        stranger.kill()
        await stranger.wait()


def test_a_folder_in_use_names_the_process_that_holds_it(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(DataInUse, match=f"process {os.getpid()}"), locked(tmp_path):
        pass
    with locked(tmp_path):
        pass


async def test_a_port_that_another_stack_has_chosen_is_left_to_it(tmp_path: Path) -> None:
    [port] = (await ports.remembered(tmp_path / "mine.json", ["api"], {"api": 29_100})).values()
    script = f"""
import asyncio, pathlib, sys
from services.embedded import children, ports
print(asyncio.run(ports.remembered(pathlib.Path(sys.argv[1]), ["api"], {{"api": {port}}}))["api"])
"""
    argv = [sys.executable, "-c", script, str(tmp_path / "other.json")]

    other = await asyncio.create_subprocess_exec(*argv, stdout=PIPE)
    told, _ = await other.communicate()

    assert ports.is_free(port)
    assert port < int(told) < port + 20


async def test_a_port_is_remembered_until_somebody_else_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "PATIENCE", 0.1)
    file = tmp_path / "ports.json"
    first = await ports.remembered(file, ["postgres", "temporal"], {})
    assert all(port < 32768 for port in first.values())
    assert await ports.remembered(file, ["postgres", "temporal"], {}) == first
    with socket.create_server(("127.0.0.1", first["postgres"])):
        second = await ports.remembered(file, ["postgres", "temporal"], {})
        assert second["temporal"] == first["temporal"]
        assert second["postgres"] != first["postgres"]
        with pytest.raises(ports.PortTaken, match=str(first["postgres"])):
            await ports.exactly(first["postgres"])


async def test_a_child_that_does_not_start_says_the_end_of_its_log(tmp_path: Path) -> None:
    service = shell("echo no such luck; exit 3", tmp_path)
    child = Child(service, lambda *_: None)
    with pytest.raises(NotReady, match="no such luck"):
        await child.start()
    await child.stop()


async def test_a_child_that_does_not_stop_is_killed(tmp_path: Path) -> None:
    pids: list[int] = []
    child = Child(
        shell("trap '' TERM; echo up; while :; do sleep 0.05; done", tmp_path, grace=0.2),
        lambda _, pid: pids.append(pid),
    )
    await child.start()
    await child.stop()
    assert not alive(pids[0])


async def test_a_child_that_hangs_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "ASKED_EVERY", 0.01)
    log = tmp_path / "log"
    pids: list[int] = []
    answers: list[bool] = []

    async def turns() -> bool:
        before = log.stat().st_size
        with suppress(AssertionError):
            await until(lambda: log.stat().st_size > before, within=0.5)
        answers.append(log.stat().st_size > before)
        return answers[-1]

    service = replace(shell("while :; do echo up; sleep 0.02; done", tmp_path, patience=3.0), alive=turns)
    child = Child(service, lambda _, pid: pids.append(pid))
    await child.start()
    try:
        await until(lambda: len(answers) > children.UNANSWERED)
        assert len(pids) == 1
        os.kill(pids[0], signal.SIGSTOP)
        await until(lambda: len(pids) == 2, within=20)
        assert not alive(pids[0])
        assert answers[-children.UNANSWERED :] == [False] * children.UNANSWERED
        assert await turns()
    finally:
        await child.stop()
    assert len(pids) == 2


def shell(script: str, folder: Path, *, patience: float = 5.0, grace: float = 5.0) -> Service:
    async def said_up() -> bool:
        return "up" in (folder / "log").read_text()

    argv = ["/bin/sh", "-c", script]
    return Service("child", argv, dict(os.environ), said_up, folder / "log", patience=patience, grace=grace)
