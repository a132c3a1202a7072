"""The activities behind the workflow shell: what `workflows.stubs` names, done by ledger and engine."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.beats import beating
from activities.engine import Engine
from activities.ledger.histories import whole_history
from activities.ledger.protocol import START, Recorded, Scope, Stream, Unavailable
from activities.recording import Recording
from activities.sweeping import sweep
from workflows.decider import Answer, Command, Happened, Reaction, Registry
from workflows.people import Actor
from workflows.stubs import Address, Due, Swept, Transaction, WakeUp

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Lives:
    """Activities over one ledger and one engine."""

    recording: Recording
    engine: Engine
    registry: Registry
    grace: timedelta = timedelta()

    def activities(self) -> list[Callable[..., Any]]:
        """What a worker registers."""
        return [self.standing, self.transact, self.wake, self.react, self.sweep]

    @activity.defn(name="standing")
    async def standing(self, address: Address) -> Answer | None:
        """Where the stream is; None for one that the ledger does not know. It owes its start no more."""
        try:
            return await self.recording.settle(address.tenant, address.stream, [START])
        except KeyError:
            return None

    @activity.defn(name="transact")
    async def transact(self, transaction: Transaction) -> Answer:
        """Decides and records a command. May run twice: the ledger knows the command's id."""
        return await self.recording.transact(
            transaction.tenant, transaction.stream, transaction.command, transaction.now
        )

    @activity.defn(name="wake")
    async def wake(self, wakeup: WakeUp) -> Answer:
        """Records what the clock causes."""
        return await self.recording.wake(wakeup.tenant, wakeup.stream, wakeup.due, wakeup.now)

    @activity.defn(name="react")
    async def react(self, address: Address) -> Answer:
        """Sends what the stream owes to others, event by event; a repeat sends the same command ids.

        What could be sent is settled at once. Fails, to be tried again, while a target cannot be reached.
        """
        async with beating():
            return await self._react(address)

    async def _react(self, address: Address) -> Answer:
        unreached: dict[str, Unavailable] = {}
        for recorded, reactions in await self._debts(address):
            for n, reaction in enumerate(reactions):
                # Once a target is out of reach, what follows for it waits too: it has to arrive in order.
                if reaction.stream in unreached:
                    continue
                try:
                    await self._send(address, recorded, n, reaction)
                except Unavailable as error:
                    unreached[reaction.stream] = error
            if not unreached.keys() & {reaction.stream for reaction in reactions}:
                await self.recording.settle(address.tenant, address.stream, [recorded.seq])
        if unreached:
            said = "; ".join(f"{target}: {error}" for target, error in unreached.items())
            raise ApplicationError(f"{address.stream} does not reach {said}")
        return await self.recording.settle(address.tenant, address.stream, [])

    @activity.defn(name="sweep")
    async def sweep(self, after: Due | None) -> Swept:
        """Nudges streams that sleep though they should not; of the late ones a page beyond `after`."""
        until = datetime.now(UTC) - self.grace
        found = await sweep(self.recording.ledger, self.engine, until, activity.heartbeat, after=after)
        self.recording.metrics.swept(found.nudged, found.unreached)
        return Swept(nudged=found.nudged, rest=found.rest)

    async def _debts(self, address: Address) -> Sequence[tuple[Recorded, Sequence[Reaction]]]:
        scope = Scope(address.tenant)
        stream = await self.recording.ledger.load(scope, address.stream)
        if stream is None:
            raise ApplicationError(f"{address.stream} is unknown to the ledger")
        return list(self._owing(stream, await whole_history(self.recording.ledger, scope, address.stream)))

    def _owing(self, stream: Stream, history: Sequence[Recorded]) -> Iterator[tuple[Recorded, Sequence[Reaction]]]:
        """The events that the stream owes, with their reactions by the state in which their command left the stream.

        Not by the present state: what came later must not change what an event causes.
        """
        decider = self.registry.of(stream.name)
        state = decider.initial()
        for _, group in groupby(history, key=lambda recorded: recorded.command_id):
            told = [(recorded, self._happened(recorded)) for recorded in group]
            for _, happened in told:
                state = state if happened is None else decider.evolve(state, happened)
            for recorded, happened in told:
                if recorded.seq in stream.owed:
                    yield recorded, [] if happened is None else decider.react(state, happened)

    def _happened(self, recorded: Recorded) -> Happened | None:
        """The event as deciders fold it; None for one whose payload was erased."""
        if recorded.data is None:
            return None
        event = self.registry.decode(recorded.type, recorded.v, recorded.data)
        return Happened(event, recorded.seq, recorded.at, recorded.actor, recorded.stream)

    async def _send(self, source: Address, recorded: Recorded, n: int, reaction: Reaction) -> None:
        command = Command(
            id=reaction.id(recorded.event_id, n),
            name=reaction.name,
            body=dict(reaction.body),
            actor=Actor(id=f"reaction:{source.stream}", kind="reaction"),
            correlation_id=recorded.command_id,
        )
        metrics = self.recording.metrics
        try:
            answer = await self.engine.send(source.tenant, reaction.stream, command)
        except Unavailable:
            metrics.reacted("unreached")
            raise
        metrics.reacted("refused" if answer.refusal else "sent")
        metrics.arrived(recorded.recorded_at, datetime.now(UTC))
        told = {
            "correlation_id": recorded.command_id,
            "command_id": command.id,
            "command": command.name,
            "tenant": source.tenant,
            "source": source.stream,
            "cause": f"{recorded.seq} {recorded.type}",
            "target": reaction.stream,
        }
        if answer.refusal is None:
            log.info("reaction sent", **told)
        else:
            # The target has moved on (a case that ended while its review was on). The refusal is final.
            log.warning("reaction refused", **told, rule=answer.refusal.code, detail=answer.refusal.detail)
            if reaction.otherwise is not None:
                by = Actor(id=f"reaction:{reaction.stream}", kind="reaction")
                back = {"name": reaction.otherwise, "body": reaction.told(answer.refusal), "actor": by}
                # Through its own workflow, which takes updates while it waits for this activity.
                await self.engine.send(source.tenant, source.stream, command.model_copy(update=back))
