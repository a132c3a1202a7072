"""Ports of a data folder: chosen once, remembered, and chosen anew only when somebody else holds one.

All lie below 32768: a client that reconnects to a dead local port in the ephemeral range can be given that very port
as its own, so that it talks to itself and blocks the restart.
"""

import asyncio
import json
import random
import socket
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Final

from services.embedded.files import write_private

HOST: Final = "127.0.0.1"
LOWEST, HIGHEST = 15_000, 31_999
PATIENCE = 3.0
"""Seconds for which a remembered port may stay taken: after a kill -9 the old server is still dying."""

_RESERVED: dict[int, int] = {}
"""Ports that this process chose: descriptors of abstract sockets that no other stack can have, closed as it ends."""


class PortTaken(Exception):
    """The port that the API is to have is held by another process."""

    def __init__(self, port: int) -> None:
        super().__init__(
            f"port {port} is taken by another process: choose another with --port or CLOSEOUT_LISTEN_PORT, or with "
            "neither start again, and closeout takes a free one"
        )


def is_free(port: int) -> bool:
    """Whether a server can listen on the port at this moment."""
    with socket.socket() as probe:
        # Servers set it too: connections of a former server that linger in TIME_WAIT do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


async def remembered(file: Path, names: Sequence[str], preferred: dict[str, int]) -> dict[str, int]:
    """A free port for each name: the one in `file`, else the first free one from `preferred` on, else any."""
    known: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
    ports: dict[str, int] = {}
    for name in names:
        old = known.get(name)
        if old is not None and old not in ports.values() and await _freed(old):
            ports[name] = old
        else:
            ports[name] = _choose(preferred.get(name), {*ports.values(), *known.values()})
    write_private(file, json.dumps(known | ports))
    return ports


async def exactly(port: int) -> int:
    """The port that the caller asked for; raises PortTaken."""
    if not await _freed(port):
        raise PortTaken(port)
    return port


async def _freed(port: int) -> bool:
    until = asyncio.get_running_loop().time() + PATIENCE
    while not is_free(port):
        if asyncio.get_running_loop().time() > until:
            return False
        await asyncio.sleep(0.05)
    return True


def _choose(preferred: int | None, others: set[int]) -> int:
    near = range(preferred, preferred + 20) if preferred else range(0)
    far = random.sample(range(LOWEST, HIGHEST + 1), 500)
    for port in chain(near, far):
        if port not in others and is_free(port) and _reserved(port):
            return port
    raise PortTaken(preferred or LOWEST)


def _reserved(port: int) -> bool:
    """Whether no other stack has chosen the port, which its servers bind only a moment later."""
    if port in _RESERVED:
        return True
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        claim.bind(f"\0closeout/port/{port}")
    except OSError:
        claim.close()
        return False
    _RESERVED[port] = claim.detach()
    return True
