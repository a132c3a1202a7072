"""`python -m services.api` runs one API with the settings in force, until SIGINT or SIGTERM."""

import uvicorn
import uvloop

from activities.tracing import UNTRACED, Tracing
from services import entry, sdk
from services.api.app import create_app
from services.connections import open_engine, open_ledger
from services.issuer.provider import IssuerGiven
from services.logs import logged
from services.processes import INSTANCE
from services.reaching import Unreachable
from services.settings import BadSettings, Settings
from services.signin.claims import BadMapping
from services.tokens import BadTokenKey
from workflows.policy_book import PolicyBook, PolicyError

UNSTARTABLE = (BadMapping, BadSettings, BadTokenKey, IssuerGiven, PolicyError, Unreachable)
"""What keeps an API from starting, and an operator can mend."""

GRACE = 10
"""Seconds that answers under way have when the process is asked to stop."""


async def serve(settings: Settings, tracing: Tracing = UNTRACED) -> None:
    """Serves until told to stop; raises Unreachable when the database does not answer at start."""
    ledger = await open_ledger(settings)
    try:
        # Lazy: findings are received also while the engine is away.
        counted = sdk.start()
        engine = await open_engine(settings, lazy=True, runtime=counted.runtime, interceptors=tracing.interceptors)
        policies = PolicyBook.load(settings.policies)
        app = create_app(ledger, engine, ledger.database, settings, policies, tracing=tracing, sdk=counted)
        config = uvicorn.Config(
            app,
            host=settings.listen_host,
            port=settings.listen_port,
            log_config=None,
            access_log=False,
            server_header=False,
            headers=[(INSTANCE, settings.instance)] if settings.instance else [],
            timeout_graceful_shutdown=GRACE,
        )
        await uvicorn.Server(config).serve()
    finally:
        await ledger.close()


def main(settings: Settings) -> None:
    """Runs one API."""
    with logged(settings, "api") as tracing:
        uvloop.run(serve(settings, tracing))


if __name__ == "__main__":
    entry.run(lambda: main(Settings.load()), *UNSTARTABLE)
