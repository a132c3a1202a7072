"""What every route works with: ledger, engine, database, and who asks."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from activities.engine import Engine
from activities.ledger.database import Database
from activities.ledger.protocol import Ledger
from services.api.metrics import Metrics
from services.api.nudges import Nudges
from services.auth import Authenticator, Caller
from services.settings import Settings
from workflows.policy import PolicyBook


@dataclass(frozen=True, slots=True)
class Api:
    """One API over one ledger and one engine."""

    ledger: Ledger
    engine: Engine
    database: Database
    settings: Settings
    policies: PolicyBook
    authenticator: Authenticator
    nudges: Nudges
    metrics: Metrics


def now() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


def of(request: Request) -> Api:
    """The API that a request came to."""
    api: Api = request.app.state.api
    return api


async def caller(request: Request) -> Caller:
    """Who sent a request. Raises Unauthenticated."""
    return await of(request).authenticator.caller(request.headers.get("authorization"), now())


def request_id(request: Request) -> str:
    """The correlation id of a request."""
    known: str = request.scope["request_id"]
    return known


TheApi = Annotated[Api, Depends(of)]
TheCaller = Annotated[Caller, Depends(caller)]
