"""What routes of subscriptions, of their deliveries and of the feed share: who may, which is meant, from where on."""

from datetime import datetime
from uuid import UUID

from activities.directory import subscriptions
from activities.directory.subscriptions import Subscription
from activities.ledger import rows
from activities.ledger.protocol import Scope
from activities.ledger.rows import FIRST, Position
from services.api.admission import keeps
from services.api.context import Api
from services.auth import Caller
from services.problems import Problem, UnknownThing, fault
from workflows.findings import moment
from workflows.people import MANAGERS, Role, named
from workflows.sentences import Sentence

OF_CLIENTS = (Role.CLIENT_APPROVER, Role.CLIENT_OWNER)
"""Who of a client may subscribe to what happens to that client."""

NOW, BEGINNING = "now", "beginning"


def admitted(caller: Caller) -> Scope:
    """What the caller may subscribe to, and whose subscriptions they keep. Raises a problem (403)."""
    if caller.actor.kind == "person":
        if keeps(caller):
            return caller.scope
        if caller.holds(*OF_CLIENTS) and caller.actor.client is not None:
            return caller.scope
    raise Problem(403, "role", Sentence("Subscriptions belong to: {roles}.", roles=named((*MANAGERS, *OF_CLIENTS))))


def known(id: str) -> str:
    """An id as they are made; a problem (404) for what cannot be one."""
    try:
        return str(UUID(id))
    except ValueError:
        raise UnknownThing(thing="subscription", id=id[:128]) from None


async def seen(api: Api, scope: Scope, id: str) -> Subscription:
    """A subscription that the caller sees; a problem (404) else."""
    one = await subscriptions.find(api.database, scope, known(id))
    if one is None:
        raise UnknownThing(thing="subscription", id=id[:128])
    return one


def nudge(api: Api, caller: Caller, id: str) -> None:
    """Has the subscription looked at soon."""
    api.nudges.nudge(caller.tenant, [f"subscription/{known(id)}"])


async def place(api: Api, scope: Scope, pointer: str, given: str) -> Position:
    """Where in the feed `now`, `beginning`, a position or a date is; a problem (422) for anything else."""
    if given == NOW:
        return await subscriptions.now_place(api.database, scope)
    if given == BEGINNING:
        return FIRST
    if given.count(".") == 2 and given.replace(".", "").isdigit():
        return await position(api, scope, pointer, given)
    try:
        at = moment(given).at
    except ValueError as error:
        raise fault(pointer, f"{error}; {NOW}, {BEGINNING} or a position of the feed may stand here, too") from None
    return await subscriptions.place_since(api.database, scope, at)


async def position(api: Api, scope: Scope, pointer: str, given: str) -> Position:
    """A position as it is told; a problem (422) for what is none, or lies where the feed has not come yet."""
    try:
        found = rows.read_position(given)
    except ValueError:
        raise fault(pointer, Sentence("this is no position of the feed")) from None
    if found > await subscriptions.now_place(api.database, scope):
        raise fault(pointer, Sentence("the feed has not come so far: what lies before would be missed"))
    return found


def date(pointer: str, given: str) -> datetime:
    """An instant, or the beginning of a day; a problem (422) for anything else."""
    try:
        return moment(given).at
    except ValueError as error:
        raise fault(pointer, str(error)) from None
