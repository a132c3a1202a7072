"""What every route works with: ledger, engine, database, and who asks."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from anyio import CapacityLimiter
from fastapi import Depends, Request
from uuid_utils.compat import uuid7

from activities.engine import Engine
from activities.ledger.database import Database
from activities.ledger.protocol import Ledger
from activities.recording import Recording
from services.auth import Authenticator, Caller
from services.evidence.easel import Easel
from services.evidence.store import Store
from services.nudges import Nudges
from services.reports.press import Press
from services.sdk import Sdk
from services.settings import Settings
from workflows.policy_book import PolicyBook


@dataclass(frozen=True, slots=True)
class Api:
    """One API over one ledger and one engine; documents are read, and events heard, by so many at a time.

    Reports are rendered at the `press`; logs take their turns at the `bindery`, so that a long one holds up no report.
    Pages of evidence are drawn at the `easel`.
    """

    recording: Recording
    engine: Engine
    database: Database
    settings: Settings
    policies: PolicyBook
    authenticator: Authenticator
    nudges: Nudges
    readers: CapacityLimiter
    listeners: CapacityLimiter
    evidence: Store
    sdk: Sdk | None = None
    press: Press = field(default_factory=Press)
    bindery: Press = field(default_factory=Press)
    easel: Easel = field(default_factory=Easel)

    @property
    def ledger(self) -> Ledger:
        """The ledger, for what is read."""
        return self.recording.ledger


def now() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


def of(request: Request) -> Api:
    """The API that a request came to."""
    api: Api = request.app.state.api
    return api


async def _of(request: Request) -> Api:
    # Not `of` itself: FastAPI has a thread call what is not async.
    return of(request)


async def caller(request: Request) -> Caller:
    """Who sent a request. Raises Unauthenticated."""
    return await of(request).authenticator.caller(request.headers.get("authorization"), now())


def request_id(request: Request) -> str:
    """The correlation id of a request."""
    known: str = request.scope["request_id"]
    return known


def new_id(request: Request) -> str:
    """An id for what a request without a key asks for: its correlation id, where no caller could use that again."""
    return request_id(request) if request.scope["request_id_is_ours"] else str(uuid7())


TheApi = Annotated[Api, Depends(_of)]
TheCaller = Annotated[Caller, Depends(caller)]
