"""`python -m services.api` runs one API with the settings in force, until SIGINT or SIGTERM."""

import uvicorn
import uvloop
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.engine import Engine
from services.api.app import create_app
from services.connections import open_ledger
from services.logs import configure
from services.settings import Settings
from workflows.policy import PolicyBook

GRACE = 10
"""Seconds that answers under way have when the process is asked to stop."""


async def serve(settings: Settings) -> None:
    """Serves until told to stop; raises Unavailable when the database does not answer at start."""
    ledger = await open_ledger(settings)
    try:
        # Lazy: findings are received also while the engine is away.
        client = await Client.connect(**settings.engine(), data_converter=pydantic_data_converter, lazy=True)
        app = create_app(
            ledger, Engine(client, settings.task_queue), ledger.database, settings, PolicyBook.load(settings.policies)
        )
        config = uvicorn.Config(
            app,
            host=settings.listen_host,
            port=settings.listen_port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE,
        )
        await uvicorn.Server(config).serve()
    finally:
        await ledger.close()


def main(settings: Settings) -> None:
    """Runs one API."""
    configure(settings)
    uvloop.run(serve(settings))


if __name__ == "__main__":
    main(Settings.load())
