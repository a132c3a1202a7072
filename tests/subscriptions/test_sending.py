"""One request: connected to where it was checked, bounded, not redirected."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from starlette.responses import Response, StreamingResponse

from services.subscriptions.addresses import Guard
from services.subscriptions.sending import HEAD, Sender
from tests.subscriptions.conftest import LOCAL
from tests.subscriptions.receiver import Received, Receiver, answering


async def test_what_became_private_after_it_was_checked_is_not_connected_to(receiver: Receiver) -> None:
    """The name is looked up once for a connection, and that address is the one that was checked."""
    asked: list[str] = []

    async def turncoat(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"]

    sender = Sender(Guard(), resolve=turncoat)
    said = await sender.post(receiver.url.replace("127.0.0.1", "rebinding.example"), {}, b"{}")
    await sender.close()
    assert said.status is None and said.failure == "rebinding.example is 127.0.0.1, which is no public address."
    assert (asked, receiver.got) == (["rebinding.example"], [])


async def test_the_name_is_kept_while_the_address_is_connected_to(receiver: Receiver) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.2", "127.0.0.1"] if host == "receiver.example" else []

    sender = Sender(LOCAL, resolve=resolve)
    said = await sender.post(receiver.url.replace("127.0.0.1", "receiver.example"), {"a": "b"}, b"{}")
    await sender.close()
    assert said.is_success
    assert receiver.got[0].headers["host"].startswith("receiver.example:")


async def test_an_answer_is_read_up_to_its_bound(receiver: Receiver) -> None:
    async def endless(_: Received) -> Response:
        async def parts() -> AsyncIterator[bytes]:
            while True:
                yield b"\x00\xff" + b"a" * 1000
                await asyncio.sleep(0)

        return StreamingResponse(parts())

    receiver.behaviour = endless
    sender = Sender(LOCAL, patience=5)
    said = await sender.post(receiver.url, {}, b"{}")
    await sender.close()
    assert said.status == 200 and said.is_success
    assert len(said.head) <= HEAD and "\x00" not in said.head


async def test_an_answer_that_trickles_is_given_up(receiver: Receiver) -> None:
    async def trickling(_: Received) -> Response:
        async def parts() -> AsyncIterator[bytes]:
            while True:
                yield b"a"
                await asyncio.sleep(0.05)

        return StreamingResponse(parts())

    receiver.behaviour = trickling
    sender = Sender(LOCAL, patience=0.5)
    said = await sender.post(receiver.url, {}, b"{}")
    await sender.close()
    assert said.failure == "The receiver did not answer within 0.5 seconds."


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_success_is_a_status_of_the_two_hundreds(receiver: Receiver, status: int) -> None:
    receiver.behaviour = answering(status)
    sender = Sender(LOCAL)
    assert (await sender.post(receiver.url, {}, b"{}")).is_success
    await sender.close()


async def test_whatever_speaks_no_http_is_a_failure_and_no_error() -> None:
    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 smtp.example ESMTP\r\n")
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    sender = Sender(LOCAL, patience=5)
    for url in (f"http://127.0.0.1:{port}/", f"https://127.0.0.1:{port}/", "http://127.0.0.1:1/"):
        said = await sender.post(url, {}, b"{}")
        assert said.status is None and said.failure
    await sender.close()
    server.close()
    await server.wait_closed()
