"""`closeout oscal poam` and `closeout report` as users run them, against the API on 127.0.0.1."""

import asyncio
import json
import os
import sys
from pathlib import Path

from services.intake import Context, Found, oscal
from tests.api.conftest import FINDING
from tests.client.conftest import Clients


async def ended(clients: Clients, bearer: str, *asked: str | Path) -> tuple[int | None, bytes, str]:
    """Exit code of `oscal poam`, and what it said on both of its outputs."""
    return await ran(clients, bearer, "oscal", "poam", *asked)


async def ran(clients: Clients, bearer: str, *asked: str | Path) -> tuple[int | None, bytes, str]:
    """Exit code of a command that asks the API, and what it said on both of its outputs."""
    argv = [sys.executable, "-m", "services.cli", *asked, "--api", clients.address]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *argv, env=os.environ | {"CLOSEOUT_KEY": bearer}, stdout=pipe, stderr=pipe
    )
    out, err = await process.communicate()
    return process.returncode, out, err.decode()


async def test_a_plan_goes_to_a_file_or_to_the_output_and_is_read_back(clients: Clients, tmp_path: Path) -> None:
    auditor = clients.desk.token("auditor")
    await clients.of("auditor").report(FINDING)
    code, out, err = await ended(clients, auditor, "--client", "acme")
    assert (code, err) == (0, "")
    [item] = oscal.read(out, Context(client="acme"))
    assert isinstance(item, Found) and item.finding.title == FINDING["title"]
    file = tmp_path / "poam.json"
    assert await ended(clients, auditor, "--client", "acme", "--out", file) == (0, b"", "")
    plan = "plan-of-action-and-milestones"
    assert json.loads(file.read_bytes())[plan]["poam-items"] == json.loads(out)[plan]["poam-items"]
    for asked, code_of in (
        (("--client", "globex"), "nothing_open"),
        (("--client", "nobody"), "not_found"),
        (("--client", "acme", "--out", tmp_path / "none" / "poam.json"), "No such file"),
    ):
        code, out, err = await ended(clients, auditor, *asked)
        assert (code, out) == (2, b"") and code_of in err
    free = await clients.desk.key("scanner")
    code, _, err = await ended(clients, free, "--client", "acme")
    assert code == 2 and "role" in err


async def test_a_report_goes_to_a_file(clients: Clients, tmp_path: Path) -> None:
    auditor, file = clients.desk.token("auditor"), tmp_path / "report"
    receipt = await clients.of("auditor").report(FINDING)
    case = receipt.id
    assert case is not None
    assert await ran(clients, auditor, "report", case, "--out", file) == (0, b"", "")
    assert file.read_bytes().startswith(b"%PDF")
    word = ("report", case, "--format", "docx", "--zone", "Europe/Vienna", "--out", file)
    assert await ran(clients, auditor, *word) == (0, b"", "")
    assert file.read_bytes().startswith(b"PK")
    code, out, err = await ran(clients, auditor, "report", "nobody", "--out", file)
    assert (code, out) == (2, b"") and "not_found" in err
