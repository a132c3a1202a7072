"""The activities behind the workflow shell: what `workflows.stubs` names, done by ledger and engine."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.engine import Engine
from activities.ledger.protocol import Ledger, Recorded, Scope, Stream, Unavailable
from workflows.decider import Answer, Command, Happened, Reaction, Registry
from workflows.people import Actor
from workflows.stubs import Address, Transaction, WakeUp

GRACE = timedelta(seconds=1)
"""For how long the sweep leaves a stream whose timer is just going off to that timer."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Lives:
    """Activities over one ledger and one engine."""

    ledger: Ledger
    engine: Engine
    registry: Registry

    def activities(self) -> list[Callable[..., Any]]:
        """What a worker registers."""
        return [self.standing, self.transact, self.wake, self.react, self.sweep]

    @activity.defn(name="standing")
    async def standing(self, address: Address) -> Answer | None:
        """Where the stream is; None for one that the ledger does not know."""
        return await self.ledger.standing(address.tenant, address.stream)

    @activity.defn(name="transact")
    async def transact(self, transaction: Transaction) -> Answer:
        """Decides and records a command. May run twice: the ledger knows the command's id."""
        return await self.ledger.transact(transaction.tenant, transaction.stream, transaction.command, transaction.now)

    @activity.defn(name="wake")
    async def wake(self, wakeup: WakeUp) -> Answer:
        """Records what the clock causes."""
        return await self.ledger.wake(wakeup.tenant, wakeup.stream, wakeup.due, wakeup.now)

    @activity.defn(name="react")
    async def react(self, address: Address) -> Answer:
        """Sends what the stream owes to others, event by event; a repeat sends the same command ids."""
        stream = await self.ledger.load(Scope(address.tenant), address.stream)
        if stream is None:
            raise ApplicationError(f"{address.stream} is unknown to the ledger", non_retryable=True)
        owed = await self.ledger.owed(address.tenant, address.stream)
        for recorded in owed:
            for n, reaction in enumerate(self._reactions(stream, recorded)):
                await self._send(address, recorded, n, reaction)
        return await self.ledger.settle(address.tenant, address.stream, [recorded.seq for recorded in owed])

    @activity.defn(name="sweep")
    async def sweep(self) -> int:
        """Nudges every stream that sleeps though it should not; answers how many."""
        return await sweep(self.ledger, self.engine, datetime.now(UTC) - GRACE)

    def _reactions(self, stream: Stream, recorded: Recorded) -> list[Reaction]:
        if recorded.data is None:
            return []
        happened = Happened(
            event=self.registry.decode(recorded.type, recorded.v, recorded.data),
            seq=recorded.seq,
            at=recorded.at,
            actor=recorded.actor,
            stream=recorded.stream,
        )
        return list(self.registry.of(stream.name).react(stream.state, happened))

    async def _send(self, source: Address, recorded: Recorded, n: int, reaction: Reaction) -> None:
        command = Command(
            id=reaction.id(recorded.event_id, n),
            name=reaction.name,
            body=dict(reaction.body),
            actor=Actor(id=f"reaction:{source.stream}", kind="reaction"),
            correlation_id=recorded.command_id,
        )
        answer = await self.engine.send(source.tenant, reaction.stream, command)
        if answer.refusal is not None:
            # The target has moved on (a case that ended while its review was on). The refusal is final.
            log.warning(
                "reaction refused",
                tenant=source.tenant,
                source=source.stream,
                event=recorded.type,
                target=reaction.stream,
                code=answer.refusal.code,
                detail=answer.refusal.detail,
            )


async def sweep(ledger: Ledger, engine: Engine, until: datetime, limit: int = 1000) -> int:
    """Nudges the streams whose wake-up is at or before `until`, or which owe reactions; answers how many."""
    nudged = 0
    for tenant, stream in await ledger.due(until, limit):
        try:
            await engine.nudge(tenant, stream)
        except Unavailable as error:
            # The next sweep finds it again.
            log.warning("nudge failed", tenant=tenant, stream=stream, error=str(error))
            continue
        nudged += 1
    return nudged
