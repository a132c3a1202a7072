"""The mails of a trial: `closeout up` takes them, shows them, and goes on when their server is killed."""

import asyncio
import json
import os
import re
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from aiosmtplib import SMTP

from services.bootstrap import PEOPLE, sample_address
from services.demo.cast import Cast
from tests.e2e.conftest import PATIENCE, Site, finding, policies
from workflows.people import CLIENT_SIDE


async def until(holds: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await holds():
            await asyncio.sleep(0.1)


async def issued(cast: Cast, n: int) -> str:
    """The number of a new case."""
    answer = await cast.one("integration").http.post("/v1/findings", json=finding(n))
    case = answer.raise_for_status().json()["id"]
    await cast.one("auditor").api.command(case, "issue", grade="major")
    return str((await cast.one("auditor").api.nonconformity(case)).raw["number"])


async def test_whom_a_case_concerns_is_written_to_and_the_mail_is_read(tmp_path: Path) -> None:
    site = Site(tmp_path / "data", policies(tmp_path / "policies"))
    folder = site.data / "mail"
    clients = {name for name, role in PEOPLE if role in CLIENT_SIDE}
    async with site.running() as (up, cast), httpx.AsyncClient(timeout=30) as browser:
        assert up.ready.mailbox == f"{up.ready.api}/issuer/mailbox"
        smtp = urlsplit(str(up.ready.smtp))

        async def told(number: str) -> set[str]:
            page = (await browser.get(str(up.ready.mailbox))).raise_for_status().text
            return {to for to in re.findall(rf"\[{number}\].*?<span>to (.*?)</span>", page) if to in clients}

        first = await issued(cast, 1)

        async def all_told() -> bool:
            return await told(first) == clients

        await until(all_told)
        page = (await browser.get(f"{up.ready.mailbox}?to={sample_address('Elif Aydin', 'acme')}")).text
        href = up.ready.api + re.findall(r'class="mail" href="(.*?)"', page)[0]
        assert "Confirm that you received it." in (await browser.get(href)).text
        shown = (await browser.get(f"{href}/html")).text
        link = re.findall(r'href="(.*?)"[^>]*>Act on it', shown)[0]
        assert link.startswith(f"{up.ready.api}/console/cases/")
        assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}

        os.kill(up.ready.pids["mailbox"], signal.SIGKILL)

        async def is_back() -> bool:
            if json.loads((site.data / "ready.json").read_text())["pids"]["mailbox"] == up.ready.pids["mailbox"]:
                return False
            try:
                async with SMTP(hostname=str(smtp.hostname), port=smtp.port, use_tls=False, start_tls=False) as server:
                    await server.sendmail("a@body.example", ["b@body.example"], b"Subject: Again\r\n\r\n")
            except OSError:
                return False
            return True

        await until(is_back)
        assert "Again" in (await browser.get(f"{up.ready.mailbox}?to=b@body.example")).text
        assert await told(first) == clients
