"""How a process reaches ledger and engine, as its settings say."""

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.engine import Engine
from activities.ledger.postgres import PostgresLedger
from activities.readmodels import READ_MODELS
from services.settings import Settings
from workflows.policy import PolicyBook
from workflows.registry import REGISTRY


async def open_ledger(settings: Settings) -> PostgresLedger:
    """The ledger on Postgres; raises Unavailable when nobody answers, PolicyError for a policy that cannot be used."""
    policies = PolicyBook.load(settings.policies)
    return await PostgresLedger.open(settings.dsn, REGISTRY, policies, READ_MODELS, fresh=settings.fresh)


async def open_engine(settings: Settings) -> Engine:
    """The engine; raises RuntimeError when nobody answers."""
    client = await Client.connect(**settings.engine(), data_converter=pydantic_data_converter)
    return Engine(client, settings.task_queue)
