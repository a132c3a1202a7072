"""What clients are called: people know them by name, and type their keys."""

from collections.abc import Iterable

from activities.reads import clients as reads
from activities.reads.clients import Names
from services.api.context import Api
from services.auth import Caller

OFFERED = 200
"""So many are offered to choose one; where there are more, one's key is typed."""


async def named(api: Api, caller: Caller, keys: Iterable[str | None]) -> Names:
    """What these clients are called, as far as somebody sees them, in one read. Raises Unavailable."""
    wanted = {key for key in keys if key}
    return await reads.names(api.database, caller.scope, wanted) if wanted else Names()


async def offered(api: Api, caller: Caller, keys: Iterable[str | None] = ()) -> Names:
    """The same for a page whose filter or form offers clients; nothing for a client's people, whose lists name none.

    Raises Unavailable.
    """
    if caller.actor.client is not None:
        return Names()
    return await reads.names(api.database, caller.scope, {key for key in keys if key}, OFFERED)
