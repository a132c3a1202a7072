"""What reports are made of, gathered from ledger and read models: a case with its history, and the log page by page."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from activities.ledger.database import Database
from activities.ledger.histories import whole_history
from activities.ledger.protocol import Ledger, Scope, Stream
from activities.reads import desk
from activities.reads import nonconformities as reads
from services.reports import log
from services.reports.deciding import who
from services.reports.filling import Papers
from services.reports.wording import Reader
from workflows.client.state import ClientState
from workflows.decider import stream_of
from workflows.nonconformity.case import Case
from workflows.registry import REGISTRY

PAGE = 100
"""Rows that are read at once: parsing them keeps the event loop for some hundredths of a second."""


async def papers(ledger: Ledger, database: Database, scope: Scope, stream: Stream, body: str) -> Papers:
    """What the report of a case tells that the scope sees; `body` is the name of its body. Raises Unavailable.

    A form names those who acted and signed, to the client too: of nobody else are names told. Who is only spoken of, by
    an id that anybody may have written there, is named if they are of the body or of the client.
    """
    if not isinstance(stream.state, Case):
        raise TypeError(f"{stream.name} is no nonconformity")
    case = stream.state
    history = [one for one in await whole_history(ledger, scope, stream.name) if one.seq <= stream.seq]
    everybody = Scope(scope.tenant)
    spoken_of = {*case.audit_team, *(one.owner for one in case.actions if one.owner)}
    acted = await desk.names(database, everybody, who(history))
    named = await desk.names(database, everybody, spoken_of, case.client) if case.client else {}
    return Papers(
        case=case,
        history=history,
        names={**named, **acted},
        client_name=await client_name(ledger, scope, case.client or ""),
        body=body,
        seq=stream.seq,
        head=stream.head,
    )


async def client_name(ledger: Ledger, scope: Scope, key: str) -> str:
    """What a client is called; its key where it is not registered."""
    found = await ledger.load(scope, stream_of("client", key)) if key else None
    state = found.state if found else None
    return state.entry.name if isinstance(state, ClientState) and state.entry else key


@dataclass(slots=True)
class Logbook:
    """The log of the cases that are wanted, as far as the scope sees them, the newest report first."""

    ledger: Ledger
    database: Database
    scope: Scope
    wanted: reads.Wanted
    reader: Reader
    now: datetime
    _clients: dict[str, str] = field(default_factory=dict)

    async def pages(self) -> AsyncGenerator[Sequence[Sequence[str]], None]:
        """The cells of each row, a page at a time, one page at least. Raises Unavailable."""
        before: str | None = None
        while True:
            page = await reads.listed(self.database, self.scope, self.wanted, self.now, before, PAGE)
            cases = await self._cases([one["id"] for one in json.loads(page.items)])
            for key in {case.client for case in cases.values() if case.client} - self._clients.keys():
                self._clients[key] = await client_name(self.ledger, self.scope, key)
            yield await asyncio.to_thread(self._cells, cases)
            if page.last is None:
                return
            before = page.last

    async def _cases(self, ids: Sequence[str]) -> dict[str, Case]:
        """The cases in their order; one that is to be folded anew is loaded alone."""
        law = REGISTRY.of(stream_of("nonconformity", ""))
        standing = await desk.cases(self.database, self.scope, ids, law)
        found: dict[str, Case] = {}
        for name in ids:
            stream = standing.get(name) or await self.ledger.load(self.scope, stream_of("nonconformity", name))
            if stream is not None and isinstance(stream.state, Case):
                found[name] = stream.state
        return found

    def _cells(self, cases: dict[str, Case]) -> list[list[str]]:
        return [log.Row(name, case, self._clients, self.reader, self.now).cells() for name, case in cases.items()]
