"""A supervisor to kill: the embedded stack of the folder named first, with a web server in the place of the API."""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from services.embedded.children import Service
from services.processes import answered
from services.settings import Settings
from services.stack import Stack, up


def web_server(settings: Settings, logs: Path) -> Sequence[Service]:
    async def answers() -> bool:
        return await answered(settings.local_url)

    argv = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "-d", str(logs), str(settings.listen_port)]
    return [Service("api", argv, dict(os.environ), answers, logs / "api.log")]


if __name__ == "__main__":
    stack = Stack(Settings.load({"data": Path(sys.argv[1])}), services=web_server)
    asyncio.run(up(stack, lambda ready: print(ready.model_dump_json(), flush=True)))
