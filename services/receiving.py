"""Recording what a document holds: clients named, findings recorded each once, an entry for each item."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from activities.ledger.database import Database
from activities.ledger.protocol import Mention, Outcome, Report, Word
from activities.ledger.refusals import of_another
from activities.reads import clients, nonconformities, references
from activities.recording import Recording
from services import reporting
from services.intake import Found, Item, Rejected, Skipped
from services.problems import Problem, refused
from services.reporting import Delivery, Entry
from workflows.decider import Wants, stream_of
from workflows.nonconformity import ancestry
from workflows.nonconformity.refusals.triage import AncestorUnknown


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
        reports |= await self._unseen(delivery, items, reports)
        sent = {place: report for place, report in reports.items() if isinstance(report, Report)}
        tenant = delivery.caller.tenant
        outcomes = await self.recording.report(tenant, list(sent.values()), now)
        became = dict(zip(sent, outcomes, strict=True))
        asked = _numbered(outcomes)
        known = await nonconformities.known(self.database, tenant, asked) if asked else {}
        entries = [
            reporting.told(delivery, item, became.get(place) or _problem(reports[place]), known)
            for place, item in enumerate(items)
        ]
        for result, many in Counter(entry.result for entry in entries).items():
            self.recording.metrics.received(result, many)
        return Received(entries, _born(outcomes))

    async def _unseen(
        self, delivery: Delivery, items: Sequence[Item], reports: Mapping[int, Report | Problem | None]
    ) -> dict[int, Problem]:
        """What a viewer says of cases that they do not see, by a reference or as what a finding recurs: as of no case.

        A key's references are its source's own, whose cases it sees; the procedure says what it may name.
        """
        scope = delivery.caller.scope
        if scope.viewer is None or delivery.caller.actor.kind != "person":
            return {}
        sent = {place: report for place, report in reports.items() if isinstance(report, Report)}
        mentions = [Mention(r.source, r.external_id, r.word or Word("", ""), r.opens, r.client) for r in sent.values()]
        foreseen = await references.foreseen(self.database, scope.tenant, mentions)
        streams = sorted({one.stream for one in foreseen if one.stream})
        seen = await nonconformities.seen_among(self.database, scope, streams) if streams else frozenset()
        refusals = {
            place: refused(of_another(report))
            for (place, report), one in zip(sent.items(), foreseen, strict=True)
            if one.stream and one.stream not in seen
        }
        for place in sent.keys() - refusals.keys():
            item = items[place]
            query = ancestry.asked(item.finding) if isinstance(item, Found) else None
            if query is not None and not (await self.recording.ledger.facts(scope, Wants(cases=query))).cases:
                named = item.finding.recurrence_of if isinstance(item, Found) else ""
                refusals[place] = refused(AncestorUnknown("/recurrence_of", named=named).data())
        return refusals


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
