"""What a process saw of streams when it last looked or appended: where a decision may begin without looking again.

Nothing here is trusted: `closeout.append_seen` writes only where all that was seen is still so.
"""

import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from activities.ledger.protocol import Stream

KEPT = 128
"""How many streams are remembered. A state takes some ten KiB, a tenth of what an open case takes in a worker."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A stream with its client, the transaction that wrote its row, and the one that wrote the client's row.

    `kept` says that the row holds this very state; not where it was folded anew.
    """

    stream: Stream
    xmin: int | None
    kept: bool
    client_xmin: int | None


class Sights:
    """The latest sights, least used first out."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[str, str], Sight] = OrderedDict()

    def take(self, tenant: str, stream: str) -> Sight | None:
        """The sight of a stream, which is forgotten unless it is kept again."""
        return self._kept.pop((tenant, stream), None)

    def keep(self, sight: Sight) -> None:
        """Remembers."""
        self._kept[sight.stream.tenant, sight.stream.name] = sight
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)


class DatabaseClock:
    """The database's time as it was last told, carried on by this machine's steady clock."""

    def __init__(self) -> None:
        self._told = datetime.fromtimestamp(0, UTC)
        self._at = 0.0

    def set(self, told: datetime) -> None:
        """The database told the time just now."""
        self._told, self._at = told, time.monotonic()

    def now(self) -> datetime:
        """The database's time."""
        return self._told + timedelta(seconds=time.monotonic() - self._at)
