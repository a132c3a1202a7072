"""What a start takes for its own, what it hands to its children, and what it says where it cannot go on."""

import asyncio
import os
import subprocess
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from services.bootstrap import NameTaken, introduce
from services.connections import open_ledger
from services.embedded.ports import PortTaken, is_free
from services.processes import answered, own_services
from services.ready import Ready
from services.settings import Settings
from services.stack import Stack
from workflows.decider import Command
from workflows.people import Actor, Role

NOWHERE = "postgresql://nobody@127.0.0.1:1/none"


def ended(*argv: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """A program with this environment alone, as a user runs it."""
    env = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": os.pathsep.join(sys.path), **environ}
    return subprocess.run(  # noqa: S603
        [sys.executable, *argv], capture_output=True, text=True, timeout=90, env=env, check=False
    )


def said(run: subprocess.CompletedProcess[str]) -> str:
    """The one line on standard error of a program that could not start."""
    assert (run.returncode, run.stdout) == (2, ""), run.stderr
    [line] = run.stderr.splitlines()
    return line


def environment(pid: int) -> str:
    return Path(f"/proc/{pid}/environ").read_text()


async def test_of_two_stacks_that_start_on_one_port_one_has_it_and_the_other_says_so(tmp_path: Path) -> None:
    port = next(port for port in range(15_200, 16_000) if is_free(port))
    stacks = [Stack(Settings.load({"data": tmp_path / name}, {}), port=port) for name in ("one", "other")]
    async with AsyncExitStack() as exits:
        came = await asyncio.gather(*(exits.enter_async_context(stack) for stack in stacks), return_exceptions=True)
        [ready] = [each for each in came if isinstance(each, Ready)]
        [loser] = [each for each in came if not isinstance(each, Ready)]
        assert isinstance(loser, PortTaken), loser
        assert f"port {port} is taken" in str(loser)
        assert "--port or CLOSEOUT_LISTEN_PORT" in str(loser)
        winner = stacks[came.index(ready)].settings

        assert await answered(f"{ready.api}/readyz")
        assert not await answered(f"{ready.api}/readyz", "the other's")

        for service in own_services(winner, tmp_path):
            assert service.alive is not None
            assert await service.alive(), f"{service.name} is never asked whether it hangs"

        assert str(port) in environment(ready.pids["api"])
        for name in ("api", "worker", "temporal"):
            assert winner.owner_dsn not in environment(ready.pids[name])
        assert "CLOSEOUT_" not in environment(ready.pids["temporal"])


@pytest.mark.parametrize(
    "argv",
    [
        ["-m", "services.cli", "up", "--data", "{}"],
        ["-m", "services.cli", "demo", "--data", "{}"],
        ["-m", "services.cli", "api"],
        ["-m", "services.cli", "worker"],
        ["-m", "services.cli", "migrate"],
        ["-m", "services.cli", "ledger", "verify"],
        ["-m", "services.api"],
        ["-m", "services.worker"],
    ],
    ids=lambda argv: " ".join(argv[1:]),
)
async def test_a_wrong_password_is_one_line_that_names_the_setting(
    servers: Settings, tmp_path: Path, argv: list[str]
) -> None:
    asked = [part.format(tmp_path / "data") for part in argv]
    engine = {"CLOSEOUT_TEMPORAL_ADDRESS": servers.temporal_address}
    wrong = servers.dsn.replace("@", "hunter2@")
    line = said(await asyncio.to_thread(ended, *asked, CLOSEOUT_DSN=wrong, **engine))
    assert line.startswith("CLOSEOUT_DSN: the database lets nobody in so: password authentication failed")
    assert "hunter2" not in line


@pytest.mark.parametrize("command", ["up", "worker"])
async def test_a_server_that_is_away_is_one_line_that_names_the_setting(
    servers: Settings, tmp_path: Path, command: str
) -> None:
    asked = ["-m", "services.cli", command, *(["--data", str(tmp_path / "data")] if command == "up" else [])]
    engine = {"CLOSEOUT_TEMPORAL_ADDRESS": servers.temporal_address}
    line = said(await asyncio.to_thread(ended, *asked, CLOSEOUT_DSN=NOWHERE, **engine))
    assert "CLOSEOUT_DSN: the ledger cannot answer now: ConnectionRefusedError" in line
    base = {"CLOSEOUT_DSN": servers.dsn, "CLOSEOUT_OWNER_DSN": servers.owner_dsn}
    line = said(await asyncio.to_thread(ended, *asked, **base, CLOSEOUT_TEMPORAL_ADDRESS="127.0.0.1:1"))
    assert "CLOSEOUT_TEMPORAL_ADDRESS: the engine does not answer at 127.0.0.1:1" in line


async def test_the_owners_wrong_password_names_the_owners_setting(servers: Settings) -> None:
    line = said(
        await asyncio.to_thread(
            ended,
            *("-m", "services.cli", "migrate"),
            CLOSEOUT_DSN=servers.dsn,
            CLOSEOUT_OWNER_DSN=servers.owner.replace("@", "wrong@"),
        )
    )
    assert line.startswith("CLOSEOUT_OWNER_DSN: ")


@pytest.mark.parametrize("dsn", ["postgresql://u:hunter2/x@host/d", "postgresql://u:p@host:hunter2/d"])
def test_an_address_that_cannot_be_read_is_not_quoted(dsn: str) -> None:
    line = said(ended("-m", "services.worker", CLOSEOUT_DSN=dsn))
    assert line.startswith("CLOSEOUT_DSN: ")
    assert "hunter2" not in line


def test_no_server_at_all() -> None:
    assert said(ended("-m", "services.worker")) == "no database: set CLOSEOUT_DSN"


async def test_a_name_of_the_sample_client_that_another_has(servers: Settings, tmp_path: Path) -> None:
    tenant = f"t{uuid4().hex[:12]}"
    settings = servers.model_copy(update={"tenant": tenant, "token_key": tmp_path / "token.key"})
    ledger = await open_ledger(settings)
    try:
        entry = {"key": "elsewhere", "name": "ACME manufacturing ", "zone": "Europe/Amsterdam"}
        admin = Actor(id="admin", roles=frozenset({Role.ADMIN}))
        register = Command(id="1", name="register", body=entry, actor=admin)
        answer = await ledger.transact(tenant, "client/elsewhere", register, datetime.now(UTC))
        assert answer.refusal is None
    finally:
        await ledger.close()
    with pytest.raises(NameTaken, match=f"in the tenant {tenant}: its name .* is that of the client elsewhere"):
        await introduce(settings)


PROGRAM = "import sys; from services import entry; entry.run(lambda: {}, KeyError)"


@pytest.mark.parametrize(
    ("does", "code", "output", "errors"),
    [
        ("print('done')", 0, "done\n", ""),
        ("sys.exit(3)", 3, "", ""),
        ("sys.exit('no')", 1, "", "no\n"),
        ("{}['which']", 2, "", "'which'\n"),
        ("(_ for _ in ()).throw(KeyboardInterrupt)", 130, "", ""),
    ],
)
def test_a_program_ends_with_what_became_of_it(does: str, code: int, output: str, errors: str) -> None:
    run = ended("-c", PROGRAM.replace("{}", does, 1))
    assert (run.returncode, run.stdout, run.stderr) == (code, output, errors)


def test_an_error_that_nobody_foresaw_is_traced() -> None:
    run = ended("-c", PROGRAM.replace("{}", "1 / 0"))
    assert run.returncode == 1
    assert run.stderr.splitlines()[-1] == "ZeroDivisionError: division by zero"
