"""What a sweep nudges: all that owes something, and of the streams that are late one page, the earliest first.

What owes something waits for nothing: it is nudged each time. What is late may only wait for its turn: where a day ends
for many cases at one instant, an hour may pass until the last of them has woken, and nobody can tell their timers from
lost ones. A nudge costs about what the wake-up costs, so nudging all of them every half minute would take from the
drain what it needs. With a page a sweep, nudges cost the same however many are late, a lost timer is found all the
same, those of earlier dates first, and as the next sweep goes on where this one ended, streams that never move keep no
other waiting.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from activities.engine import Engine
from activities.ledger.protocol import Ledger, Unavailable
from workflows.stubs import Due

PAGE, AT_ONCE = 1000, 20
"""How many streams are read at a time, and how many are nudged at once."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Found:
    """How many streams a sweep found asleep that should not be: nudged, or not reached.

    `rest` is the late one after which others were left to the next sweep.
    """

    nudged: int = 0
    unreached: int = 0
    rest: Due | None = None

    def and_also(self, reached: Sequence[bool]) -> "Found":
        """With these nudges, each of which reached its stream or did not."""
        return Found(self.nudged + sum(reached), self.unreached + len(reached) - sum(reached), self.rest)


async def sweep(
    ledger: Ledger,
    engine: Engine,
    until: datetime,
    beat: Callable[[], None] = lambda: None,
    *,
    after: Due | None = None,
    whole: bool = False,
) -> Found:
    """Nudges the streams that owe something, and a page of those whose wake-up is at or before `until`.

    The page begins beyond `after`; the `whole` of them are nudged page by page. `beat` is called from time to time, to
    say that it goes on.
    """
    found = Found()
    last: tuple[str, str] | None = None
    while owing := await ledger.owing(until, PAGE, last):
        found = await _nudged(engine, owing, found, beat)
        last = owing[-1]
    while late := await ledger.due(until, PAGE, after):
        found = await _nudged(engine, [(one.tenant, one.stream) for one in late], found, beat)
        after = late[-1]
        if not whole:
            return Found(found.nudged, found.unreached, after if len(late) == PAGE else None)
    return found


async def _nudged(engine: Engine, names: Sequence[tuple[str, str]], found: Found, beat: Callable[[], None]) -> Found:
    for start in range(0, len(names), AT_ONCE):
        found = found.and_also(await asyncio.gather(*(_nudge(engine, *one) for one in names[start : start + AT_ONCE])))
        beat()
    return found


async def _nudge(engine: Engine, tenant: str, stream: str) -> bool:
    try:
        await engine.nudge(tenant, stream)
    except Unavailable as error:
        # The next sweep finds it again.
        log.warning("nudge failed", tenant=tenant, stream=stream, error=str(error))
        return False
    return True
