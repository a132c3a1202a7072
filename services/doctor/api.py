"""The API, as its users reach it."""

from typing import Any

import httpx

from services.doctor.checks import PATIENCE, Answer, Check, fail, ok

START = "start `closeout api` and see its log, or name its address with --api"


async def _lives(api: httpx.AsyncClient) -> Answer:
    answer = await api.get("/livez")
    if answer.status_code != httpx.codes.OK:
        return fail(f"{api.base_url} answers {answer.status_code} to /livez", "is this the API? name it with --api")
    return ok(f"{api.base_url} lives")


async def _is_ready(api: httpx.AsyncClient) -> Answer:
    answer = await api.get("/readyz")
    if answer.status_code == httpx.codes.OK:
        return ok("ready")
    try:
        said: Any = answer.json()
    except ValueError:
        said = None
    why = said.get("detail") if isinstance(said, dict) else None
    return fail(
        f"not ready ({answer.status_code}): {why or 'no reason given'}",
        "mend what it names: it must reach the database and the engine that its own settings name",
    )


API = (Check("api", _lives, START), Check("api ready", _is_ready, START))


def client(address: str) -> httpx.AsyncClient:
    """How the API is asked: by no proxy."""
    return httpx.AsyncClient(base_url=address, timeout=PATIENCE, trust_env=False)
