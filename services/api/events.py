"""The feed: what happens, as server-sent events by position, for as long as one listens (docs/events.md)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import Response

from activities.ledger import rows
from activities.ledger.protocol import Recorded, Unavailable
from services.api import lists, streams
from services.api.context import Api, TheApi, TheCaller
from services.api.direct import Direct
from services.api.lists import Several, Word
from services.api.openapi import parameters
from services.api.problems import Fault, Problem, UnknownThing
from services.api.subscriptions import place
from services.auth import Caller
from services.subscriptions import envelopes
from workflows.decider import kind_of
from workflows.people import Frozen

POLL = 1.0
"""Seconds between two looks at the feed by who has seen all of it."""

BEAT = 15
"""Seconds between two comments that keep the connection open."""

PAGE = 500
MOST_KNOWN = 10_000
"""Streams of which it is remembered whether a key sees them."""

router = APIRouter(prefix="/v1/events", tags=["events"], route_class=Direct)

Words = Annotated[tuple[Word, ...], Several]


class Listening(Frozen):
    """Which events, and from where on."""

    type: Words = ()
    kind: Annotated[Words, Field(description="of streams: nonconformity, audit, certificate and so on")] = ()
    stream: Words = ()
    start: Annotated[
        Word,
        Field(alias="from", description="now, beginning, a position of the feed, or a date"),
    ] = "now"

    def wants(self, recorded: Recorded) -> bool:
        """Whether an event is among them."""
        return (
            (not self.type or recorded.type in self.type)
            and (not self.kind or kind_of(recorded.stream) in self.kind)
            and (not self.stream or recorded.stream in self.stream)
        )


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
    resumed = request.headers.get("last-event-id")
    if resumed is not None:
        try:
            begin = rows.read_position(resumed.strip())
        except ValueError:
            detail = "Last-Event-ID is no position of the feed."
            raise Problem(422, "shape", detail, (Fault("/last-event-id", detail),)) from None
    else:
        begin = await place(api, caller.scope, "/from", wanted.start)
    return EventSourceResponse(_messages(api, caller, wanted, rows.position(*begin)), ping=BEAT)


async def _messages(api: Api, caller: Caller, wanted: Listening, after: str) -> AsyncIterator[ServerSentEvent]:
    source = envelopes.source(api.settings.url, caller.tenant)
    known: dict[str, bool] = {}
    while True:
        try:
            page = await api.ledger.feed(caller.scope, after, PAGE)
        except Unavailable:
            # It comes back with the same position: whoever listens need not notice.
            page = []
        for recorded in page:
            after = recorded.position
            if wanted.wants(recorded) and await _sees(api, caller, recorded.stream, known):
                said = envelopes.event(source, recorded).decode()
                yield ServerSentEvent(said, event=recorded.type, id=after)
        if len(page) < PAGE:
            await asyncio.sleep(POLL)


async def _sees(api: Api, caller: Caller, stream: str, known: dict[str, bool]) -> bool:
    """Whether the caller sees a stream: people by row-level security alone, a key as it sees the thing itself."""
    if caller.actor.kind != "key":
        return True
    if stream not in known:
        kind, _, name = stream.partition("/")
        try:
            await streams.visible(api, caller, kind, name)
            known[stream] = True
        except UnknownThing:
            known[stream] = False
        while len(known) > MOST_KNOWN:
            del known[next(iter(known))]
    return known[stream]
