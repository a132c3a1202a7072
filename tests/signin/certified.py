"""A certified OpenID provider in a process of its own: npm's `oidc-provider`, which knows nothing of us."""

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from jwt.algorithms import RSAAlgorithm

from tests.signin.hostile import CLIENT, SECRET, key

PACKAGE = "oidc-provider@9.13.3"
HOME = Path(__file__).parents[2] / "build" / PACKAGE.replace("@", "-")
SERVER = Path(__file__).parent / "provider" / "server.mjs"

TOOL, AUDIENCE = "some-tool", "https://closeout.example/api"
PEOPLE: Mapping[str, Any] = {
    "ada": {"name": "Ada Auditor", "tenant": "demo", "roles": ["auditor"]},
    "olga": {"name": "Olga Owner", "tenant": "demo", "roles": ["client_owner"], "client": "acme"},
    "nemo": {"name": "Nemo Nobody", "tenant": "demo", "roles": []},
}


_why_not = ""


async def installed() -> Path:
    """The folder with the provider, installed at first by npm; skips the test where that cannot be.

    Where it failed once it is not tried again: npm takes its time to give up.
    """
    global _why_not  # noqa: PLW0603 - of this process
    if (HOME / "node_modules").is_dir():
        return HOME
    if _why_not:
        pytest.skip(_why_not)
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip(f"sign-in is tested against {PACKAGE}, which needs node and npm: install them to run this")
    HOME.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=HOME.parent) as folder:
        quick = ("--fetch-retries=0", "--fetch-timeout=30000")
        plain = ("--no-save", "--ignore-scripts", "--no-audit", "--no-fund")
        asked = ("install", *plain, *quick, "--prefix", folder, PACKAGE)
        process = await asyncio.create_subprocess_exec(
            npm, *asked, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
        )
        _, said = await process.communicate()
        if process.returncode != 0:
            _why_not = f"sign-in is tested against {PACKAGE}, and npm could not install it: {said.decode()[-300:]}"
            pytest.skip(_why_not)
        if not HOME.exists():  # another process was as fast
            (Path(folder) / "node_modules").rename(_made(HOME) / "node_modules")
    return HOME


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@asynccontextmanager
async def certified(
    console: str, port: int = 0, kid: str = "k1", people: Mapping[str, Any] = PEOPLE
) -> AsyncIterator[str]:
    """Runs it for the console at an address, with these people; yields the issuer."""
    folder = await installed()
    clients = [
        {
            "client_id": CLIENT,
            "client_secret": SECRET,
            "redirect_uris": [f"{console}/console/callback"],
            "post_logout_redirect_uris": [f"{console}/console/signed-out"],
        },
        {"client_id": TOOL, "redirect_uris": ["http://127.0.0.1/tool"], "token_endpoint_auth_method": "none"},
    ]
    private = RSAAlgorithm.to_jwk(key(kid), as_dict=True) | {"kid": kid, "use": "sig", "alg": "RS256"}
    del private["key_ops"]  # signing alone: it could not read its own tokens
    jwks = {"keys": [private]}
    told = {"port": port, "clients": clients, "people": people, "jwks": jwks, "tool": TOOL, "audience": AUDIENCE}
    process = await asyncio.create_subprocess_exec(
        "node",
        str(SERVER),
        str(folder),
        json.dumps(told),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "NO_COLOR": "1"},
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            while not (line := (await process.stdout.readline()).decode().strip()).startswith("http"):
                assert line, "the provider ended before it was ready"
        yield line
    finally:
        process.kill()
        await process.communicate()
