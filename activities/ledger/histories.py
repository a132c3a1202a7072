"""A stream's history whole, however long it is."""

from activities.ledger.protocol import Ledger, Recorded, Scope

PAGE = 10_000


async def whole_history(ledger: Ledger, scope: Scope, stream: str, page: int = PAGE) -> list[Recorded]:
    """Every event of a stream in order, read `page` events at a time."""
    events: list[Recorded] = []
    while True:
        found = await ledger.history(scope, stream, after=events[-1].seq if events else 0, limit=page)
        events += found
        if len(found) < page:
            return events
