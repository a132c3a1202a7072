"""From events to a stream: the fold, alone and with what is derived from it; and what a stream tells of facts. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pydantic import BaseModel

from activities.ledger.chain import Sealed
from activities.ledger.protocol import GENESIS, START, Stream
from workflows.decider import Facts, Happened, Registry, Wants
from workflows.policy_book import PolicyBook


def blank(registry: Registry, tenant: str, name: str) -> Stream:
    """A stream before its first event."""
    state = registry.of(name).initial()
    return Stream(tenant, name, seq=0, head=GENESIS, state=state, last_at=None, next_wakeup=None, owed=(), lives=False)


def happened(registry: Registry, event: Sealed) -> Happened:
    """A stored event as deciders fold it; ValueError for an erased one."""
    e = event.envelope
    if event.data is None:
        raise ValueError(f"{e.stream} {e.seq}: the payload was erased")
    return Happened(registry.decode(e.type, e.v, event.data), e.seq, e.at, e.actor, e.stream)


def fold(registry: Registry, name: str, events: Iterable[Sealed]) -> BaseModel:
    """The state after these events; what an erased one said is gone from it."""
    decider = registry.of(name)
    state: BaseModel = decider.initial()
    for event in events:
        if event.data is not None:
            state = decider.evolve(state, happened(registry, event))
    return state


def refolded(registry: Registry, stream: Stream, events: Sequence[Sealed]) -> Stream:
    """The stream as its events tell it; `owed` stays, and for a stream without a row (`seq` 0) is every reaction.

    Reactions are sent under ids that they always have, so that doing one again changes nothing. A stream that lives by
    its events and did not by its row owes its start.
    """
    decider = registry.of(stream.name)
    state = fold(registry, stream.name, events)
    lives = decider.lives(state)
    owed = set(stream.owed)
    if stream.seq == 0:
        reacting = (e for e in events if e.data is not None and decider.react(state, happened(registry, e)))
        owed = {e.envelope.seq for e in reacting}
    if lives and not stream.lives:
        owed.add(START)
    return replace(
        stream,
        seq=events[-1].envelope.seq,
        head=events[-1].hash,
        state=state,
        last_at=events[-1].envelope.at,
        next_wakeup=decider.next_wakeup(state),
        owed=tuple(sorted(owed)),
        lives=lives,
    )


def known(policies: PolicyBook, stream: Stream, wants: Wants) -> Facts | None:
    """The facts that are wanted, where what was read with the stream holds them all."""
    if wants not in (Wants(), stream.client and Wants(client=stream.client.key)):
        return None
    return Facts(policies=policies, client=stream.client if wants.client is not None else None)
