"""Recording findings in Postgres, each once, many in one transaction."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime

import asyncpg

from activities.ledger import rows
from activities.ledger.answers import rejected
from activities.ledger.decide import Decided, decide, recurring
from activities.ledger.folding import blank
from activities.ledger.protocol import Outcome, Report, Stream
from activities.ledger.queries import query
from activities.ledger.refusals import StreamTaken, admit, of_another, stale, unreferable
from activities.ledger.rows import Taken
from activities.ledger.telling import Telling, tell
from activities.ledger.transaction import Transaction
from activities.ledger.words import Heard, Kind, is_of_another, kind_of_report
from workflows.decider import Command, Facts, Refusal, Refused, Wants

_BREATH = 25
"""Decisions between two pauses in which the event loop may serve others."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A report that may open a case: its place in the batch, and which occurrence of its reference it would be.

    `request` is the digest under which its repeats are known.
    """

    index: int
    report: Report
    request: str
    occurrence: int
    ancestor: str | None


@dataclass(frozen=True, slots=True)
class Ready:
    """A claim of which everything is known by which it is decided; `series` is the one of which it takes a number."""

    claim: Claim
    command: Command
    stream: Stream
    facts: Facts
    series: str | None


@dataclass(slots=True)
class Tray:
    """What is decided in one pass: facts are read once, numbers counted on from the one that is held."""

    work: Transaction
    now: datetime
    clock: datetime
    facts: dict[Wants, Facts] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)

    async def ready(self, claim: Claim) -> Ready | Refused:
        """A claim with its facts, or its refusal. Holds the series of which it takes a number."""
        rules, report = self.work.rules, claim.report
        command = recurring(report, claim.ancestor)
        stream = blank(rules.registry, self.work.tenant, report.stream)
        if refused := stale(stream, command):
            return refused
        try:
            wants = rules.registry.of(report.stream).wants(stream.state, command, self.now)
        except Refusal as refusal:
            return refusal.data()
        series = wants.series
        if series is not None:
            wants = replace(wants, series=None)
            if series not in self.last:
                self.last[series] = (await self.work.next_number(series)).number - 1
        if wants not in self.facts:
            self.facts[wants] = await self.work.facts(wants)
        return Ready(claim, command, stream, self.facts[wants], series)

    def decided(self, ready: Ready) -> tuple[Decided, Taken | None] | Refused:
        """What a report causes on its new stream, with the number that it took, or its refusal."""
        rules, series = self.work.rules, ready.series
        taken = None if series is None else Taken(series, self.last[series] + 1)
        decided = decide(
            rules.registry,
            ready.stream,
            ready.command,
            ready.facts if taken is None else replace(ready.facts, number=taken.number),
            now=self.now,
            clock=self.clock,
            request=ready.claim.request,
            fresh=rules.fresh,
            reported=True,
        )
        if not isinstance(decided, Decided):
            return decided
        if taken:
            self.last[taken.series] = taken.number
        return decided, taken


async def record(work: Transaction, reports: Sequence[Report], now: datetime, deciding: asyncio.Lock) -> list[Outcome]:
    """What became of each report, in their order.

    Of batches at once, one has `deciding`: taking turns within a batch, none would be decided while another is written.

    In passes: references that are known are answered, and open cases told what is new of them; of the others one
    report each claims its reference and is decided. Where one of them is refused, all claims of the pass are given back
    and the pass goes again without it, so that a refusal leaves neither a reference nor a hole in a series of numbers.
    """
    entered = await work.connection.fetchrow(query("enter"), work.tenant, None, None, None)
    clock: datetime = entered["clock"] if entered else now
    outcomes: dict[int, Outcome] = {}
    requests: dict[int, str] = {}
    for index, report in enumerate(reports):
        match unreferable(report) or admit(report.command):
            case Refused() as refused:
                outcomes[index] = rejected(work.rules.registry, work.tenant, report, refused)
            case request:
                requests[index] = request
    while len(outcomes) < len(reports):
        claims, tellings = await _sorted(work, reports, requests, outcomes)
        if claims:
            outcomes |= await _open(work, claims, now, clock, deciding)
        if tellings:
            outcomes |= await tell(work, tellings, now, clock)
    return [outcomes[index] for index in range(len(reports))]


async def _sorted(
    work: Transaction, reports: Sequence[Report], requests: Mapping[int, str], outcomes: dict[int, Outcome]
) -> tuple[list[Claim], list[Telling]]:
    """Answers what is known into `outcomes`; gives the first report of each reference that may open a case, and news.

    What is about a reference that is claimed waits for the next pass.
    """
    open_ = [index for index in requests if index not in outcomes]
    known = await work.connection.fetch(
        query("known_reports"),
        work.tenant,
        open_,
        [reports[i].source for i in open_],
        [reports[i].external_id for i in open_],
        [reports[i].command.id for i in open_],
        [requests[i] for i in open_],
    )
    decisive = {row["position"]: row for row in known}
    names = {row["stream"] for row in known} | {reports[i].stream for i in open_}
    found = await work.connection.fetch(query("streams_named"), work.tenant, list(names))
    present = {row["stream"]: row for row in found}
    strays = await _strays(work, {i: reports[i] for i in open_}, decisive, present, requests)
    for i in strays:
        outcomes[i] = rejected(work.rules.registry, work.tenant, reports[i], of_another(reports[i]))
    claims: dict[tuple[str, str], Claim] = {}
    tellings: list[Telling] = []
    streams: set[str] = set()
    told: set[str] = set()
    for i in (i for i in open_ if i not in strays):
        report, row, reference = reports[i], decisive.get(i), (reports[i].source, reports[i].external_id)
        match _kind(report, row, told):
            case "repeats" if row is not None:
                outcomes[i] = await _duplicate(work, report, requests[i], row, present.get(row["stream"]))
            case "tells" if row is not None:
                told.add(row["stream"])
                tellings.append(Telling(i, report, requests[i], row["stream"]))
            case "skips" if reference not in claims:
                outcomes[i] = Outcome("skipped", None, None)
            case "opens" if report.stream in present:
                taken = StreamTaken(stream=report.stream).data()
                outcomes[i] = rejected(work.rules.registry, work.tenant, report, taken)
            case "opens" if reference not in claims and report.stream not in streams:
                streams.add(report.stream)
                claims[reference] = Claim(
                    i, report, requests[i], row["occurrence"] + 1 if row else 1, row["stream"] if row else None
                )
    return list(claims.values()), tellings


async def _strays(
    work: Transaction,
    reports: Mapping[int, Report],
    known: Mapping[int, asyncpg.Record],
    streams: Mapping[str, asyncpg.Record],
    requests: Mapping[int, str],
) -> frozenset[int]:
    """The reports whose reference is known for another client; none of them repeats what a case holds."""
    clients = {
        i: streams[row["stream"]]["org"]
        for i, row in known.items()
        if row["stream"] in streams and row["request_sha256"] != bytes.fromhex(requests[i])
    }
    strays = {i: client for i, client in clients.items() if is_of_another(reports[i], client)}
    if not strays:
        return frozenset()
    merged = await work.connection.fetch(query("survivors"), work.tenant, sorted(set(strays.values())))
    survivors = {row["key"]: row["survivor"] for row in merged}
    return frozenset(i for i, client in strays.items() if is_of_another(reports[i], survivors.get(client, client)))


def _kind(report: Report, row: asyncpg.Record | None, told: Collection[str]) -> Kind:
    """What a report is by a row of `known_reports.sql`; one whose command a case holds repeats it.

    What comes after news in its batch is heard after that, by those who are `told`.
    """
    if row is None:
        return kind_of_report(report, None, Heard())
    if row["request_sha256"] is not None or row["status"] is None:
        return "repeats"
    kind = kind_of_report(report, row["status"], Heard(row["said"], row["said_at"]))
    return "tells" if kind == "repeats" and row["stream"] in told else kind


async def _duplicate(
    work: Transaction, report: Report, request: str, known: asyncpg.Record, stream: asyncpg.Record | None
) -> Outcome:
    if stream is None:
        return Outcome("duplicate", known["stream"], None)
    if known["request_sha256"] is None:
        return Outcome("duplicate", known["stream"], rows.standing(stream))
    present = await work.present(known["stream"], stream)
    answer = await work.repeated(present, report.command.id, request)
    reused = answer is not None and answer.refusal is not None
    return Outcome("rejected" if reused else "duplicate", known["stream"], answer)


async def _open(
    work: Transaction, claims: Sequence[Claim], now: datetime, clock: datetime, deciding: asyncio.Lock
) -> dict[int, Outcome]:
    """Claims references and opens their cases, all of them or, where one is refused, none; says what is settled."""
    savepoint = work.connection.transaction()
    await savepoint.start()
    tray = Tray(work, now, clock)
    asked = [(claim, await tray.ready(claim)) for claim in await _claimed(work, claims)]
    accepted: list[tuple[Claim, Decided]] = []
    taken: list[tuple[Stream, Taken]] = []
    refused: dict[int, Outcome] = {}
    # Nothing in it waits for the database, whose locks are held here: whoever has the turn comes to its end.
    async with deciding if len(asked) > _BREATH else nullcontext():
        for n, (claim, ready) in enumerate(asked):
            if n % _BREATH == _BREATH - 1:
                await asyncio.sleep(0)
            match ready if isinstance(ready, Refused) else tray.decided(ready):
                case Refused() as refusal:
                    refused[claim.index] = rejected(work.rules.registry, work.tenant, claim.report, refusal)
                case decided, number:
                    accepted.append((claim, decided))
                    taken += [(decided.stream, number)] if number else []
    if refused:
        await savepoint.rollback()
        return refused
    await work.append([decided for _, decided in accepted], taken)
    await savepoint.commit()
    return {
        claim.index: Outcome("recurred" if claim.ancestor else "created", decided.stream.name, decided.answer)
        for claim, decided in accepted
    }


async def _claimed(work: Transaction, claims: Sequence[Claim]) -> list[Claim]:
    """The claims that nobody else had made; waits for those who are making the same ones."""
    made = await work.connection.fetch(
        query("claim_refs"),
        work.tenant,
        [claim.report.source for claim in claims],
        [claim.report.external_id for claim in claims],
        [claim.occurrence for claim in claims],
        [claim.report.stream for claim in claims],
        [claim.report.word and claim.report.word.said for claim in claims],
        [claim.report.word and claim.report.word.at for claim in claims],
    )
    mine = {row["stream"] for row in made}
    return [claim for claim in claims if claim.report.stream in mine]
