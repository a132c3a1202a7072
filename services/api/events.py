"""The feed: what happens, as server-sent events by position, for as long as one listens (docs/events.md)."""

import time
from collections.abc import AsyncIterator, Callable, Container
from dataclasses import dataclass, field, replace
from typing import Annotated

import anyio
import structlog
from fastapi import APIRouter, Request
from pydantic import AfterValidator, Field
from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.responses import Response
from starlette.types import Receive, Send
from starlette.types import Scope as ASGIScope

from activities.directory import subscriptions
from activities.directory.keys import Spent
from activities.ledger import rows
from activities.ledger.protocol import Recorded, Scope, Unavailable
from activities.reads import nonconformities
from activities.reads.nonconformities import Wanted
from services.api import lists, streams
from services.api.context import Api, TheApi, TheCaller, now
from services.api.direct import Direct
from services.api.lists import Several, Word
from services.api.nonconformities import KIND, Narrowed
from services.api.openapi import parameters
from services.api.subscribing import place, position
from services.auth import Caller, Unauthenticated
from services.problems import Problem
from services.subscriptions import envelopes
from services.subscriptions.choosing import is_wanted
from workflows.decider import kind_of, stream_of
from workflows.registry import DECIDERS, EVENTS
from workflows.sentences import Sentence

POLL = 1.0
"""Seconds between two looks at the feed by who has seen all of it."""

BEAT = 15
"""Seconds between two signs of life; each says how far the feed was read."""

TRUST = 60.0
"""Seconds after which it is asked again whether the bearer is good: tokens expire, keys are revoked."""

RETRY = 1000
"""Milliseconds after which a browser that was cut off comes back."""

AGAIN = 10
"""Seconds after which who found no place may ask for one again."""

PAGE = 500

HUNG = 30.0
"""Seconds after which who takes nothing of what is sent is taken for gone."""

PARTING = 2.0
"""Seconds within which an answer ends when the server stops; less than what it has for all of them."""

log = structlog.get_logger()

router = APIRouter(prefix="/v1/events", tags=["events"], route_class=Direct)


def _of(known: Container[str], what: str) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    def check(given: tuple[str, ...]) -> tuple[str, ...]:
        for one in given:
            if one not in known:
                raise ValueError(f"there is no {what} {one[:80]}")
        return given

    return check


def _streams(given: tuple[str, ...]) -> tuple[str, ...]:
    for one in given:
        if kind_of(one) not in DECIDERS or not one.partition("/")[2]:
            raise ValueError(f"{one[:80]} is no stream: its kind and its id name one, as in client/acme")
    return given


class Listening(Narrowed):
    """Which events, and from where on; of a case, whether that is so now."""

    type: Annotated[tuple[Word, ...], Several, AfterValidator(_of(EVENTS, "type of event"))] = ()
    kind: Annotated[
        tuple[Word, ...],
        Several,
        AfterValidator(_of(DECIDERS, "kind of stream")),
        Field(description="of streams: nonconformity, audit, certificate and so on"),
    ] = ()
    stream: Annotated[
        tuple[Word, ...], Several, AfterValidator(_streams), Field(description="as `subject` names it")
    ] = ()
    client: Word | None = Field(default=None, description="whose events alone, as that client's people see them")
    start: Word = Field(default="now", alias="from", description="now, beginning, a position of the feed, or a date")

    def wants(self, recorded: Recorded) -> bool:
        """Whether an event is among them, as far as itself tells."""
        fits = is_wanted(self.type, self.kind, recorded.type, recorded.stream)
        return fits and (not self.stream or recorded.stream in self.stream)

    def cases(self) -> Wanted | None:
        """What the case of an event has to be; None where nothing is asked of it."""
        # Whose events they are is the scope's.
        wanted = replace(self.wanted(), client=())
        return None if wanted == Wanted() else wanted


@router.get(
    "",
    summary="Follow what happens",
    operation_id="follow_events",
    openapi_extra=parameters(Listening)
    | {"responses": {"200": {"description": "CloudEvents, one a message.", "content": {"text/event-stream": {}}}}},
)
async def follow(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """Events as they are recorded, none left out and none twice: `id` is what `Last-Event-ID` goes on from."""
    wanted = lists.query(Listening, request)
    scope = await _scope(api, caller, wanted.client)
    resumed = request.headers.get("last-event-id", "").strip()
    begin = (
        await position(api, scope, "/last-event-id", resumed)
        if resumed
        else await place(api, scope, "/from", wanted.start)
    )
    listener = Listener(api, caller, request.headers.get("authorization"), scope, wanted, rows.position(*begin))
    try:
        return Told(listener)
    except anyio.WouldBlock:
        detail = f"{api.listeners.total_tokens} listen already, as many as may at a time: come again."
        raise Problem(503, "too_many_listeners", detail, headers={"Retry-After": str(AGAIN)}) from None


async def _scope(api: Api, caller: Caller, client: str | None) -> Scope:
    """What is listened to: what the caller sees or, of a client alone, what its people see."""
    if client is None:
        return caller.scope
    if caller.actor.client not in (None, client):
        raise Problem(403, "another_client", Sentence("The events of another client are not for you."))
    await streams.registered(api, caller.scope, client)
    return Scope(caller.tenant, client)


@dataclass(slots=True, eq=False)
class Listener:
    """Somebody who listens; up to `told`, everything was sent. `stopping` is set once the server stops."""

    api: Api
    caller: Caller
    authorization: str | None
    scope: Scope
    wanted: Listening
    told: str
    stopping: anyio.Event = field(default_factory=anyio.Event)
    _trusted: float = field(default_factory=time.monotonic)

    def beat(self) -> ServerSentEvent:
        """A sign of life: without data, so that nobody is told of it but who resumes later resumes from there."""
        return ServerSentEvent(comment="", id=self.told)

    async def messages(self) -> AsyncIterator[ServerSentEvent]:
        """First where it begins, then the events, until the server stops or the caller is known no more."""
        yield ServerSentEvent(id=self.told, retry=RETRY)
        source = envelopes.source(self.api.settings.url, self.caller.tenant)
        while not self.stopping.is_set() and await self._is_known():
            try:
                # First the end: what is recorded between the two looks is not passed over.
                end = await subscriptions.now_place(self.api.database, self.scope)
                page = await self.api.ledger.feed(self.scope, self.told, PAGE)
                shown = await self._shown(await self._passing([one for one in page if self.wanted.wants(one)]))
            except Unavailable:
                # It comes back, and the feed goes on where it was: whoever listens need not notice.
                await self._rest()
                continue
            for recorded in shown:
                said = envelopes.event(source, recorded).decode()
                yield ServerSentEvent(said, event=recorded.type, id=recorded.position)
                # Not before it is sent: a sign of life would speak for an event that is still to come.
                self.told = recorded.position
            if page:
                self.told = page[-1].position
            if len(page) < PAGE:
                # Who sees nothing of what happened does not look at it again.
                self.told = rows.position(*max(end, rows.read_position(self.told)))
                await self._rest()

    async def _rest(self) -> None:
        with anyio.move_on_after(POLL):
            await self.stopping.wait()

    async def _passing(self, found: list[Recorded]) -> list[Recorded]:
        """What of this is of a case that passes the filters now, in one look at all of these cases."""
        wanted = self.wanted.cases()
        if wanted is None:
            return found
        cases = {one.stream.partition("/")[2] for one in found if kind_of(one.stream) == KIND}
        if not cases:
            return []
        asked = self.api.database, self.caller.scope, wanted, now(), sorted(cases)
        passing = {stream_of(KIND, case) for case in await nonconformities.passing(*asked)}
        return [one for one in found if one.stream in passing]

    async def _shown(self, found: list[Recorded]) -> list[Recorded]:
        """What of this the caller sees: of a client alone its people see more than a viewer does."""
        scope = self.caller.scope
        if scope.viewer is None or self.scope == scope or not found:
            return found
        seen = await nonconformities.seen_among(self.api.database, scope, sorted({one.stream for one in found}))
        return [one for one in found if one.stream in seen]

    async def _is_known(self) -> bool:
        """Whether the bearer is still good, asked now and then; where nobody can say, as before."""
        if time.monotonic() - self._trusted >= TRUST:
            try:
                await self.api.authenticator.caller(self.authorization, now())
            except Unauthenticated:
                return False
            except (Spent, Unavailable):
                pass
            self._trusted = time.monotonic()
        return True


class Told(EventSourceResponse):
    """What a listener hears; its place is free again when the answer has ended, however it ends."""

    def __init__(self, listener: Listener) -> None:
        """Takes a place. Raises anyio.WouldBlock where as many listen as may at a time."""
        listener.api.listeners.acquire_on_behalf_of_nowait(listener)
        self._listener = listener
        super().__init__(
            listener.messages(),
            ping=BEAT,
            send_timeout=HUNG,
            ping_message_factory=listener.beat,
            shutdown_event=listener.stopping,
            shutdown_grace_period=PARTING,
        )

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        """Answers to the end, or for as long as somebody takes it."""
        try:
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            log.info("listener hung", actor=self._listener.caller.actor.id)
        finally:
            self._listener.api.listeners.release_on_behalf_of(self._listener)
