"""Connections to receivers: a name is looked up once, checked, and that very address is connected to.

Checking the name first and having it looked up again to connect would leave its owner a moment in which to change it.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence

import httpcore

from services.subscriptions.addresses import Guard

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
Option = httpcore.SOCKET_OPTION

LOOKING_UP = 5.0
"""Seconds that looking up a name may take."""


class Forbidden(Exception):
    """The receiver is at an address that may not be connected to."""


async def resolved(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, in the order in which to try them. Raises OSError, and TimeoutError."""
    async with asyncio.timeout(LOOKING_UP):
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Guarded(httpcore.AsyncNetworkBackend):
    """Connects to addresses that the guard lets pass. TLS still asks for the name, and checks it."""

    def __init__(self, guard: Guard, resolve: Resolve, *, is_plain: bool) -> None:
        self._guard = guard
        self._resolve = resolve
        self._is_plain = is_plain
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Option] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first address that answers. Raises Forbidden and httpcore.ConnectError."""
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} cannot be looked up: {error}") from error
        if refusal := self._guard.refusal(host, addresses, is_plain=self._is_plain):
            raise Forbidden(refusal)
        for address in addresses[:-1]:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._inner.connect_tcp(addresses[-1], port, timeout, local_address, socket_options)
