"""Installations with rules of their own over the session's servers: another policy, or signers who must be fresh."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
import jwt
from fastapi import FastAPI

from activities.ledger.postgres import PostgresLedger
from activities.ledger.rulebook import Rules
from activities.readmodels import READ_MODELS
from services.api.app import create_app
from services.settings import Settings
from services.tokens import ALGORITHM, Issuer
from tests.api.conftest import Office
from tests.rules.life import ROLES, book, policy
from tests.rules.stories import Story
from workflows.registry import REGISTRY

FRESH = timedelta(minutes=5)


@dataclass(frozen=True)
class House:
    """An app and a ledger over the session's database and engine; `is_common` where its rules are the worker's."""

    ledger: PostgresLedger
    settings: Settings
    app: FastAPI
    http: httpx.AsyncClient
    is_common: bool

    def token(self, tenant: str, who: str, since: datetime) -> str:
        """A token whose subject is a name of `tests.rules.life`, of a person who proved who they are at an instant."""
        issuer = Issuer.of(self.settings)
        assert issuer is not None
        client, roles = ROLES[who]
        claims = {
            "iss": issuer.name,
            "aud": issuer.audience,
            "sub": who,
            "name": who.title(),
            "tenant": tenant,
            "roles": [str(role) for role in roles],
            "auth_time": since.timestamp(),
            "amr": ["test"],
            "exp": since + timedelta(days=1),
        }
        return jwt.encode(claims | ({"client": client} if client else {}), issuer.key.private, algorithm=ALGORITHM)


@asynccontextmanager
async def built(office: Office, story: Story) -> AsyncIterator[House]:
    """The house for a story.

    The worker keeps the common rules. That is enough: a case takes its policy from the report, which the house's own
    ledger records, and what else the other rules change is refused before it reaches the engine.
    """
    policies = book(policy(**story.policy))
    settings = office.settings.model_copy(update={"fresh": FRESH if story.fresh else None})
    database = office.ledger.database
    ledger = PostgresLedger(database, Rules(REGISTRY, policies, READ_MODELS, settings.fresh))
    app = create_app(ledger, office.app.state.api.engine, database, settings, policies)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api", timeout=30) as http:
        yield House(ledger, settings, app, http, is_common=not story.policy and not story.fresh)
    await app.state.api.nudges.close()
