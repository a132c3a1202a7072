"""The embedded mail server: it keeps the mails to sample people in the data folder, and sends none on."""

import asyncio
import sys
from pathlib import Path
from typing import Final

from services.embedded.children import Service, bare_environment
from services.embedded.ports import HOST
from services.embedded.wheels import require_mail_server

SENDER: Final = "closeout@body.example"
"""Whom these mails come from, unless another address is given: the sample people's body (RFC 2606, 2)."""


class Mailbox:
    """One mail server with its folder under `folder`."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder.absolute()
        self._port = port

    @property
    def url(self) -> str:
        """Where mails are taken."""
        return f"smtp+clear://{HOST}:{self._port}"

    def service(self) -> Service:
        """How to run it."""
        require_mail_server()
        return Service(
            name="mailbox",
            argv=[sys.executable, "-P", "-m", "services.mailbox", str(self._port), str(mails(self._folder))],
            env=bare_environment(),
            ready=self._is_ready,
            log=self._folder / "logs" / "mailbox.log",
        )

    async def _is_ready(self) -> bool:
        reader, writer = await asyncio.open_connection(HOST, self._port)
        try:
            async with asyncio.timeout(5):
                return (await reader.readline()).startswith(b"220 ")
        except TimeoutError:
            return False
        finally:
            writer.close()


def mails(data: Path) -> Path:
    """Where the mails are in a data folder."""
    return data / "mail"
