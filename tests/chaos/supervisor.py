"""The product's own stack, with worker and API behind proxies, and the worker with fault points.

`python -m tests.chaos.supervisor DATA POLICIES SWEEP PROXIES ARMED WORKERS`: SWEEP in ISO 8601, PROXIES as JSON (ports
by name); of the WORKERS, a number, one is called so and has fault points, the others are spare.
"""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from services.bootstrap import introduce
from services.embedded.children import Service
from services.logs import configure
from services.processes import own_services
from services.settings import Settings
from services.stack import Stack, up
from tests.chaos.proxy import HOST
from tests.chaos.worker import ARMED

ALONE = {"CLOSEOUT_WORKER_PORT": "none"}
"""Two processes cannot serve one port."""


def main(data: str, policies: str, sweep: str, proxies: str, armed: str, workers: str) -> None:
    ports = json.loads(proxies)
    settings = Settings.load({"data": Path(data), "policies": Path(policies), "sweep_every": sweep})
    configure(settings)

    def behind_proxies(direct: Settings, logs: Path) -> Sequence[Service]:
        far, _, database = direct.dsn.rpartition("/")
        dsn = f"{far.rpartition(':')[0]}:{ports['postgres']}/{database}"
        given = direct.model_copy(update={"dsn": dsn, "temporal_address": f"{HOST}:{ports['temporal']}"})
        own = own_services(given, logs)
        spare = [replace(own[0], name=f"spare {n}", env={**own[0].env, **ALONE}) for n in range(1, int(workers))]
        return [*spare, *(_fragile(service, armed) for service in own)]

    stack = Stack(settings, introduce=introduce, services=behind_proxies)
    asyncio.run(up(stack, lambda _: None))


def _fragile(service: Service, armed: str) -> Service:
    argv = ["tests.chaos.worker" if part == "services.worker" else part for part in service.argv]
    return replace(service, argv=argv, env={**service.env, ARMED: armed})


if __name__ == "__main__":
    main(*sys.argv[1:])
