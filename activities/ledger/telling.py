"""Telling open cases what their sources say of them now, many in one transaction."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from activities.ledger.answers import rejected, standing
from activities.ledger.decide import Decided, decide, telling
from activities.ledger.protocol import Outcome, Report, Stream
from activities.ledger.queries import query
from activities.ledger.transaction import Transaction
from activities.ledger.words import Heard, as_told, kind_of_report
from workflows.decider import Facts, Refusal, Refused, Wants

_BREATH = 25
"""Decisions between two pauses in which the event loop may serve others."""


@dataclass(frozen=True, slots=True)
class Telling:
    """A report of a case that seems open: its place in the batch, the digest of its repeats, and the case's stream."""

    index: int
    report: Report
    request: str
    stream: str


@dataclass(slots=True)
class Listener:
    """A case that is told something, as it stands after what it was told so far; `ids` are the commands of that."""

    stream: Stream
    heard: Heard
    ids: frozenset[str] = frozenset()
    decided: Decided | None = None


async def tell(work: Transaction, tellings: Sequence[Telling], now: datetime, clock: datetime) -> dict[int, Outcome]:
    """What became of each, in their order; some stay unanswered, to be looked at anew.

    Those are what was closed meanwhile, and a command id that came twice. The cases are held, in one order for
    everybody, so that what their sources said last changes only here.
    """
    listeners = await _held(work, sorted({one.stream for one in tellings}))
    asked: dict[Wants, Facts] = {}
    outcomes: dict[int, Outcome] = {}
    for n, one in enumerate(tellings):
        if n % _BREATH == _BREATH - 1:
            await asyncio.sleep(0)
        outcome = await _told(work, listeners[one.stream], one, asked, now, clock)
        if outcome is not None:
            outcomes[one.index] = outcome
    told = [one for one in listeners.values() if one.decided is not None]
    await work.append([one.decided for one in told if one.decided], heard=[(one.stream, one.heard) for one in told])
    return outcomes


async def _held(work: Transaction, names: Sequence[str]) -> dict[str, Listener]:
    await work.connection.fetch(query("hold_streams"), work.tenant, names)
    found = await work.connection.fetch(query("streams_named"), work.tenant, names)
    said = await work.connection.fetch(query("heard"), work.tenant, names)
    heard = {row["stream"]: Heard(row["said"], row["said_at"]) for row in said}
    return {row["stream"]: Listener(await work.present(row["stream"], row), heard[row["stream"]]) for row in found}


async def _told(
    work: Transaction, listener: Listener, one: Telling, asked: dict[Wants, Facts], now: datetime, clock: datetime
) -> Outcome | None:
    registry, stream = work.rules.registry, listener.stream
    match kind_of_report(one.report, registry.of(stream.name).status(stream.state), listener.heard):
        case "opens":
            return None
        case "skips":
            return Outcome("skipped", None, None)
        case "repeats":
            return Outcome("duplicate", stream.name, standing(registry, stream))
    if one.report.command.id in listener.ids:
        return None
    decided = await _decided(work, stream, one, asked, now, clock)
    if isinstance(decided, Refused):
        return rejected(registry, work.tenant, one.report, decided)
    word = one.report.word and as_told(one.report.word, work.rules.projections, decided.stream)
    if word is not None and not listener.heard.is_news(word, opens=one.report.opens):
        return Outcome("duplicate", stream.name, standing(registry, stream))
    before = listener.decided
    listener.decided = decided if before is None else replace(decided, events=(*before.events, *decided.events))
    listener.stream, listener.heard = decided.stream, listener.heard.and_then(word)
    listener.ids |= {one.report.command.id}
    return Outcome("updated", stream.name, decided.answer)


async def _decided(
    work: Transaction, stream: Stream, one: Telling, asked: dict[Wants, Facts], now: datetime, clock: datetime
) -> Decided | Refused:
    rules, command, at = work.rules, telling(one.report), stream.moment(now)
    try:
        wants = rules.registry.of(stream.name).wants(stream.state, command, at)
    except Refusal as refusal:
        return refusal.data()
    if wants not in asked:
        asked[wants] = await work.facts(wants)
    return decide(
        rules.registry,
        stream,
        command,
        asked[wants],
        now=at,
        clock=clock,
        request=one.request,
        fresh=rules.fresh,
        reported=True,
    )
