"""Recording what a document holds: clients named, findings recorded each once, an entry for each item."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from activities.ledger.database import Database
from activities.ledger.protocol import Outcome, Report
from activities.reads import clients, nonconformities
from activities.recording import Recording
from services import reporting
from services.intake import Found, Item, Rejected, Skipped
from services.problems import Problem
from services.reporting import Delivery, Entry
from workflows.decider import stream_of


@dataclass(frozen=True, slots=True)
class Received:
    """What became of the items of a document, in their order, and the new cases that need a workflow."""

    entries: Sequence[Entry]
    born: Sequence[str]


@dataclass(frozen=True, slots=True)
class Receiving:
    """Records items by one ledger, whose database answers what clients and cases are called."""

    recording: Recording
    database: Database

    async def naming(self, delivery: Delivery, items: Sequence[Item]) -> Delivery:
        """The delivery with the clients that are named; unknown ones are registered where the source may do so."""
        caller = delivery.caller
        called = reporting.names(items)
        named = called | reporting.names_of_passes(delivery, items)
        if not named:
            return delivery
        known = await clients.called(self.database, caller.tenant, named)
        if caller.may_create_clients and caller.actor.client is None:
            for name in sorted(called - known.keys.keys() - known.ambiguous):
                command = reporting.registration(delivery, name)
                if command is not None:
                    await self.recording.transact(caller.tenant, stream_of("client", name), command, delivery.at)
        return replace(delivery, clients=known.keys, ambiguous=known.ambiguous)

    async def record(self, delivery: Delivery, items: Sequence[Item], now: datetime) -> Received:
        """Records every item. Raises Unavailable; what came before an outage stays, and repeating is safe."""
        delivery = await self.naming(delivery, items)
        reports = {place: _report(delivery, item) for place, item in enumerate(items)}
        sent = {place: report for place, report in reports.items() if isinstance(report, Report)}
        tenant = delivery.caller.tenant
        outcomes = await self.recording.report(tenant, list(sent.values()), now)
        became = dict(zip(sent, outcomes, strict=True))
        asked = _numbered(outcomes)
        known = await nonconformities.known(self.database, tenant, asked) if asked else {}
        entries = [
            reporting.told(item, became.get(place) or _problem(reports[place]), known, keyed=delivery.key is not None)
            for place, item in enumerate(items)
        ]
        for result, many in Counter(entry.result for entry in entries).items():
            self.recording.metrics.received(result, many)
        return Received(entries, _born(outcomes))


def _report(delivery: Delivery, item: Item) -> Report | Problem | None:
    match item:
        case Found():
            return reporting.report(delivery, item)
        case Skipped():
            return reporting.passed(delivery, item)
        case Rejected():
            return None


def _numbered(outcomes: Iterable[Outcome]) -> list[str]:
    """The cases of which an outcome does not say all: those with a number, and those that an earlier request made."""
    return sorted({one.stream.partition("/")[2] for one in outcomes if one.stream and not reporting.says_all(one)})


def _born(outcomes: Iterable[Outcome]) -> list[str]:
    """The new cases that need a workflow."""
    return [
        outcome.stream
        for outcome in outcomes
        if outcome.result in ("created", "recurred") and outcome.stream and outcome.answer and outcome.answer.lives
    ]


def _problem(report: Report | Problem | None) -> Problem | None:
    return report if isinstance(report, Problem) else None
