"""How many events one worker sends in a second, so that a replay of the whole record takes nothing from the cases."""

import asyncio
from time import monotonic

RATE = 200.0
"""Events in a second, of all subscriptions together."""

BURST = 50
"""So many go out at once where none went out before."""


class Pace:
    """Gives turns, first come, first served, at a rate."""

    def __init__(self, rate: float = RATE, burst: int = BURST) -> None:
        self._step = 1 / rate
        self._ahead = burst * self._step
        self._next = monotonic() - self._ahead

    async def turn(self) -> None:
        """Returns when the next event may go out."""
        now = monotonic()
        self._next = max(self._next, now - self._ahead) + self._step
        if self._next > now:
            await asyncio.sleep(self._next - now)
