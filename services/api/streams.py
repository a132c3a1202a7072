"""Streams as a caller sees them: the one that a URL names, how it stood once, and what the caller may do with it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from activities.ledger import folding
from activities.ledger.protocol import GENESIS, Met, Recorded, Scope, Stream
from services.api.context import Api
from services.api.views import Standing
from services.auth import Caller
from services.problems import UnknownThing, fault
from workflows.decider import Command, Context, Facts, Happened, Wants, stream_of
from workflows.entries import CaseEntry, CaseQuery
from workflows.people import Actor
from workflows.registry import PROCEDURES, REGISTRY
from workflows.sentences import Sentence

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Past:
    """A stream as its events up to an instant left it."""

    state: BaseModel
    seq: int
    head: str


async def visible(api: Api, caller: Caller, kind: str, id: str) -> Stream:
    """The stream, where the caller may see it; UnknownThing otherwise, whether it is there or not."""
    if _ID.fullmatch(id):
        stream = await api.ledger.load(caller.scope, stream_of(kind, id))
        if stream is not None:
            return stream
    raise _unknown(kind, id)


async def met(api: Api, caller: Caller, kind: str, id: str, command: Command) -> Met:
    """What a command meets that the caller gives to a stream, in one look; UnknownThing as `visible` has it."""
    if _ID.fullmatch(id):
        found = await api.ledger.meet(caller.scope, stream_of(kind, id), command)
        if found is not None:
            return found
    raise _unknown(kind, id)


def _unknown(kind: str, id: str) -> UnknownThing:
    return UnknownThing(thing=PROCEDURES[kind].thing, id=id[:128])


async def registered(api: Api, scope: Scope, client: str) -> None:
    """A problem (422) for a client that is not registered, or not seen."""
    if (await api.ledger.facts(scope, Wants(client=client))).client is None:
        raise fault("/client", Sentence("the client {client} is not registered", client=client[:80]))


async def cases(api: Api, scope: Scope, query: CaseQuery) -> Sequence[CaseEntry]:
    """Cases in short, as far as the scope sees them. Raises Unavailable."""
    return (await api.ledger.facts(scope, Wants(cases=query))).cases


async def facts(api: Api, scope: Scope, stream: Stream, command: Command, now: datetime) -> Facts:
    """The facts that a command needs, by the stream's decider.

    What is decided rests on what is so, whatever of it a viewer sees; of the cases that a command names, on those seen.
    """
    wants = REGISTRY.of(stream.name).wants(stream.state, command, stream.moment(now))
    named = wants.cases is not None and (wants.cases.ids is not None or wants.cases.numbers is not None)
    return folding.known(api.policies, stream, wants) or await api.ledger.facts(scope if named else scope.whole, wants)


def context(api: Api, stream: Stream, actor: Actor, facts: Facts, now: datetime) -> Context:
    """The context in which a command to a stream would be decided now, by the ledger's own rule of the instant."""
    return Context(
        tenant=stream.tenant,
        stream=stream.name,
        seq=stream.seq,
        now=stream.moment(now),
        actor=actor,
        facts=facts,
        received_at=now,
        fresh=api.settings.fresh,
    )


async def standing(api: Api, caller: Caller, stream: Stream, now: datetime) -> Standing:
    """What the caller may do with a stream now, and what there is to sign."""
    kind, _, name = stream.name.partition("/")
    asked = Command(id="", name="convene" if kind == "committee_review" else "", actor=caller.actor)
    known = context(api, stream, caller.actor, await facts(api, caller.scope, stream, asked, now), now)
    procedure = PROCEDURES[kind]
    allowed = procedure.allowed(stream.state, known)
    return Standing(
        id=name,
        seq=stream.seq,
        head=stream.head,
        now=known.now,
        allowed=allowed,
        signable=procedure.signable(stream.state, allowed),
    )


def past(name: str, history: Sequence[Recorded], at: datetime) -> Past:
    """A stream as it stood at an instant; what an erased event said is gone from it."""
    decider = REGISTRY.of(name)
    stood = Past(decider.initial(), 0, GENESIS)
    for event in history:
        if event.at > at:
            break
        stood = Past(_folded(name, stood.state, event), event.seq, event.hash)
    return stood


def _folded(name: str, state: Any, event: Recorded) -> Any:
    if event.data is None:
        return state
    decoded = REGISTRY.decode(event.type, event.v, event.data)
    return REGISTRY.of(name).evolve(state, Happened(decoded, event.seq, event.at, event.actor, name))
