"""How many reports one transaction records."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from activities.ledger.protocol import Report
from workflows.decider import Refusal, Registry

MOST, MOST_NUMBERED = 500, 50
"""Reports in one transaction; fewer where one takes a number, because everybody else waits for the next number."""


def chunks(registry: Registry, reports: Sequence[Report], now: datetime) -> Iterator[Sequence[Report]]:
    """The reports in order, as many at a time as one transaction records."""
    chunk: list[Report] = []
    numbered = False
    for report in reports:
        takes = _takes_number(registry, report, now)
        if len(chunk) >= (MOST_NUMBERED if numbered or takes else MOST):
            yield chunk
            chunk, numbered = [], False
        chunk.append(report)
        numbered = numbered or takes
    if chunk:
        yield chunk


def _takes_number(registry: Registry, report: Report, now: datetime) -> bool:
    decider = registry.of(report.stream)
    try:
        return decider.wants(decider.initial(), report.command, now).series is not None
    except Refusal:
        return False
