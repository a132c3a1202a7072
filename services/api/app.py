"""The app: every route over one ledger and one engine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import CapacityLimiter
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
    evidence,
    findings,
    grants,
    health,
    hook_deliveries,
    hooks,
    imports,
    mail,
    me,
    minutes,
    nonconformities,
    openapi,
    oscal,
    patterns,
    people,
    policies,
    problems,
    profiles,
    reports,
    reviews,
    subscriptions,
)
from services.api.context import Api
from services.api.middleware import Observed
from services.auth import Authenticator
from services.console import app as console
from services.evidence.store import Store
from services.issuer import app as issuer
from services.nudges import Nudges
from services.routing import take
from services.sdk import Sdk
from services.settings import Settings
from services.signin import app as signin
from services.signin.party import Party
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
    reports,
    minutes,
    evidence,
    imports,
    profiles,
    subscriptions,
    deliveries,
    events,
    api_keys,
    grants,
    people,
    hooks,
    hook_deliveries,
    me,
    mail,
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
    Raises OSError and BadTokenKey where the issuer's key cannot be had, BadSettings for a store that cannot be meant,
    BadMapping for claims that cannot, and IssuerGiven where sample people would sign in beside another issuer's.
    """
    given = Party.given(settings)
    recording = Recording(ledger, Metrics("api", own_version()), tracing)
    api = Api(
        recording=recording,
        engine=engine,
        database=database,
        settings=settings,
        policies=policies,
        authenticator=Authenticator(database, given or Issuer.of(settings)),
        nudges=Nudges(engine),
        readers=CapacityLimiter(settings.readers),
        listeners=CapacityLimiter(settings.event_listeners),
        evidence=Store.of(settings),
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
        take(app, noun.router)
    signin.install(app, settings, given or issuer.install(app, settings))
    console.install(app)
    app.add_middleware(Observed, metrics=recording.metrics, tracing=tracing, broken=console.broken)
    return app
