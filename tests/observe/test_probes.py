"""The worker's endpoint by itself: what it answers, and where it cannot be."""

import socket

import httpx
import pytest
from starlette.applications import Starlette

from services.probes import probes, served
from services.settings import BadSettings

HOST = "127.0.0.1"


def app(**parts: str) -> Starlette:
    async def told() -> dict[str, str]:
        return parts

    async def numbers() -> bytes:
        return b"closeout_build_info 1.0\n"

    return probes(told, numbers)


def free() -> int:
    with socket.create_server((HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize(("engine", "status", "said"), [("ok", 200, "ok"), ("away", 503, "not_ready")])
async def test_it_is_ready_when_every_part_is(engine: str, status: int, said: str) -> None:
    port = free()
    async with (
        served(app(worker="ok", engine=engine), HOST, port),
        httpx.AsyncClient(base_url=f"http://{HOST}:{port}", trust_env=False) as http,
    ):
        answer = await http.get("/readyz")
        assert (answer.status_code, answer.json()) == (status, {"status": said, "worker": "ok", "engine": engine})
        assert (await http.get("/livez")).status_code == 200
        numbers = await http.get("/metrics")
        assert numbers.headers["content-type"].startswith("text/plain")
        assert numbers.text == "closeout_build_info 1.0\n"
    with socket.create_server((HOST, port)):
        pass  # it let go of the port


async def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(BadSettings, match=f"^worker_port: {HOST}:{port} cannot be had: "):
            async with served(app(), HOST, port):
                pass
