"""How a process reaches ledger and engine, as its settings say."""

from collections.abc import Sequence

from temporalio.client import Client, Interceptor
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.runtime import Runtime
from temporalio.service import KeepAliveConfig

from activities.engine import Engine
from activities.ledger.postgres import PostgresLedger
from activities.readmodels import READ_MODELS
from services import reaching
from services.settings import Settings
from workflows.policy_book import PolicyBook
from workflows.registry import REGISTRY

KEEP_ALIVE = KeepAliveConfig(interval_millis=10_000, timeout_millis=5_000)
"""With the default of 30 and 15 s, a connection that dies unsaid (a firewall forgets it) stalls every command for 45 s.

Servers refuse to be asked more often than every 10 s.
"""


async def open_ledger(settings: Settings) -> PostgresLedger:
    """The ledger on Postgres; raises Unreachable, and PolicyError for a policy that cannot be used."""
    policies = PolicyBook.load(settings.policies)
    with reaching.the_ledger(settings):
        return await PostgresLedger.open(settings.dsn, REGISTRY, policies, READ_MODELS, fresh=settings.fresh)


async def open_engine(
    settings: Settings, *, lazy: bool = False, runtime: Runtime | None = None, interceptors: Sequence[Interceptor] = ()
) -> Engine:
    """The engine; raises Unreachable. A `lazy` one asks at its first use."""
    with reaching.the_engine(settings):
        client = await Client.connect(
            **settings.engine(),
            data_converter=pydantic_data_converter,
            lazy=lazy,
            keep_alive_config=KEEP_ALIVE,
            runtime=runtime,
            interceptors=interceptors,
        )
    return Engine(client, settings.task_queue)
