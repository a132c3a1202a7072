"""When a mail server that takes nothing is asked again: soon and often, for as long as it takes. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.subscriptions.backoff import JITTER


@dataclass(frozen=True, slots=True)
class Probes:
    """How long a server is left alone: as long as it has been away already, and no shorter or longer than this."""

    shortest: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(minutes=5)

    def next_at(self, since: datetime, now: datetime, chance: float) -> datetime:
        """When a server that has been away since an instant is asked again.

        `chance` is a random number of [0, 1): by it the mailings of many tenants do not come together.
        """
        return now + min(max(now - since, self.shortest), self.longest) * (1 + JITTER * chance)
