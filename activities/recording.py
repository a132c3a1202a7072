"""The ledger as processes use it to record: each call is timed, counted, traced, and told to the log.

The log line of a command holds its correlation id beside its command id and the events that it caused: by it one gets
from a request to its events, and back.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from activities.ledger.decide import wakeup_command
from activities.ledger.protocol import Ledger, Outcome, Report, Unavailable
from activities.metrics import Metrics, outcome, outcome_of_report
from activities.tracing import UNTRACED, Tracing
from workflows.decider import Answer, Command, kind_of

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Recording:
    """Records by one ledger; see `protocol.Ledger` for what each method promises."""

    ledger: Ledger
    metrics: Metrics
    tracing: Tracing = UNTRACED

    async def transact(self, tenant: str, stream: str, command: Command, now: datetime) -> Answer:
        """Decides and records a command, or answers what was recorded under its id."""
        try:
            with self.tracing.span("ledger transact", command=command.name), self.metrics.transaction("transact"):
                answer = await self.ledger.transact(tenant, stream, command, now)
        except Unavailable as error:
            log.warning("command not recorded", **_named(tenant, stream, command), error=str(error))
            raise
        self.told(tenant, stream, command, answer)
        return answer

    async def wake(self, tenant: str, stream: str, due: datetime, now: datetime) -> Answer:
        """Records what the clock causes; its correlation id is its command id."""
        try:
            with self.tracing.span("ledger wake"), self.metrics.transaction("wake"):
                answer = await self.ledger.wake(tenant, stream, due, now)
        except Unavailable as error:
            log.warning("wake-up not recorded", tenant=tenant, stream=stream, due=due.isoformat(), error=str(error))
            raise
        if answer.events and not answer.repeated:
            self.metrics.woken(due, datetime.now(UTC))
            command_id = wakeup_command(answer.events[0].seq - 1, due)
            log.info(
                "woken",
                correlation_id=command_id,
                command_id=command_id,
                tenant=tenant,
                stream=stream,
                events=_events(answer),
            )
        return answer

    async def report(self, tenant: str, reports: Sequence[Report], now: datetime) -> Sequence[Outcome]:
        """Records findings, each once."""
        with self.tracing.span("ledger report"), self.metrics.transaction("report"):
            outcomes = await self.ledger.report(tenant, reports, now)
        counted: Counter[str] = Counter()
        for report, reported in zip(reports, outcomes, strict=True):
            counted[reported.result] += 1
            if reported.result == "skipped":
                # Nothing was asked of any case.
                continue
            result, rule = outcome_of_report(reported)
            self.metrics.commanded("nonconformity", report.command.name, result, rule)
            if len(reports) == 1:
                stream = reported.stream or report.stream
                events = [] if result != "accepted" or reported.answer is None else _events(reported.answer)
                log.info("command", **_named(tenant, stream, report.command), result=result, rule=rule, events=events)
        if len(reports) > 1:
            # Of many, each has its receipt: a line for each would say it all again.
            known = reports[0].command.correlation_id
            log.info("reports", correlation_id=known, tenant=tenant, command="report", results=dict(counted))
        return outcomes

    async def settle(self, tenant: str, stream: str, seqs: Sequence[int]) -> Answer:
        """Takes events out of what a stream owes."""
        with self.metrics.transaction("settle"):
            return await self.ledger.settle(tenant, stream, seqs)

    def told(self, tenant: str, stream: str, command: Command, answer: Answer) -> None:
        """Counts and logs what became of a command."""
        result, rule = outcome(answer)
        events = [] if answer.refusal else _events(answer)
        self.metrics.commanded(kind_of(stream), command.name, result, rule)
        log.info("command", **_named(tenant, stream, command), result=result, rule=rule, events=events)

    def refused(self, tenant: str, stream: str, command: Command, rule: str) -> None:
        """Counts and logs a command that was refused before the ledger was asked."""
        self.metrics.commanded(kind_of(stream), command.name, "refused", rule)
        log.info("command", **_named(tenant, stream, command), result="refused", rule=rule, events=[])


def _named(tenant: str, stream: str, command: Command) -> dict[str, str]:
    return {
        "correlation_id": command.correlation_id,
        "command_id": command.id,
        "command": command.name,
        "tenant": tenant,
        "stream": stream,
    }


def _events(answer: Answer) -> list[str]:
    """The events as `seq type`: with the stream, the place of each in the ledger."""
    return [f"{event.seq} {event.type}" for event in answer.events]
