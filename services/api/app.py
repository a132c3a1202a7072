"""The app: every route over one ledger and one engine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from activities.engine import Engine
from activities.ledger.database import Database
from activities.ledger.protocol import Ledger
from activities.metrics import Metrics
from activities.recording import Recording
from activities.tracing import UNTRACED, Tracing
from services.about import own_version
from services.api import (
    api_keys,
    audits,
    certificates,
    clients,
    deliveries,
    events,
    findings,
    health,
    hooks,
    imports,
    me,
    nonconformities,
    openapi,
    oscal,
    patterns,
    policies,
    problems,
    profiles,
    reviews,
    subscriptions,
)
from services.api.context import Api
from services.api.middleware import Observed
from services.auth import Authenticator
from services.nudges import Nudges
from services.sdk import Sdk
from services.settings import Settings
from services.tokens import Issuer
from workflows.policy_book import PolicyBook

NOUNS = (
    findings,
    nonconformities,
    reviews,
    clients,
    audits,
    certificates,
    patterns,
    policies,
    oscal,
    imports,
    profiles,
    subscriptions,
    deliveries,
    events,
    api_keys,
    hooks,
    me,
    health,
)


def create_app(
    ledger: Ledger,
    engine: Engine,
    database: Database,
    settings: Settings,
    policies: PolicyBook,
    *,
    tracing: Tracing = UNTRACED,
    sdk: Sdk | None = None,
) -> FastAPI:
    """The app over a ledger, its database, an engine, and the policies by which the ledger decides.

    `sdk` has the numbers of the engine's client. Whoever made the parts closes them.
    Raises OSError and BadTokenKey where the issuer's key cannot be had.
    """
    recording = Recording(ledger, Metrics("api", own_version()), tracing)
    api = Api(
        recording=recording,
        engine=engine,
        database=database,
        settings=settings,
        policies=policies,
        authenticator=Authenticator(database, Issuer.of(settings)),
        nudges=Nudges(engine),
        sdk=sdk,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await api.nudges.close()

    app = FastAPI(
        title="Closeout",
        version=own_version(),
        description="Carries an audit nonconformity from the day it is found to the day it is closed out.",
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.api = api
    problems.install(app)
    openapi.install(app)
    for noun in NOUNS:
        app.include_router(noun.router)
    app.include_router(hooks.deliveries)
    app.add_middleware(Observed, metrics=recording.metrics, tracing=tracing)
    return app
