"""People at the console: who was signed in or known by a token, with which roles; where these come from; who left."""

from itertools import groupby

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from activities.directory import people as directory
from activities.directory.asked import Asked
from activities.reads import desk
from activities.reads.waiting import MOST, waiting
from services.api import lists, people
from services.api.admission import keeps
from services.api.context import TheApi
from services.api.people import Retirement, Wanted
from services.console.administration import asking
from services.console.administration.sections import PEOPLE, begins, confirmed, following, shown
from services.console.frame.asked import understood
from services.console.frame.catalogue import gettext, mark
from services.console.frame.navigation import PATHS
from services.console.frame.paged import Paged
from services.console.things import clients
from services.problems import Problem
from services.signin.claims import KNOWN
from services.signin.pages import party_of
from services.signin.viewer import TheSender, TheViewer

FACTS = {
    "id": mark("Id"),
    "name": mark("Name"),
    "tenant": mark("Certification body"),
    "roles": mark("Roles"),
    "client": mark("Client"),
    "email": mark("Mail address"),
}
"""What an issuer's claims say of a person, in the words of the page."""


class Leaving(Retirement):
    """Who left, and why."""

    person: people.Id


async def _keeper(viewer: TheViewer) -> None:
    if not keeps(viewer.caller):
        raise Problem(403, "role", gettext("People and roles are for scheme managers and administrators to see."))


router = APIRouter(prefix=PEOPLE, route_class=Paged, include_in_schema=False, dependencies=[Depends(_keeper)])


@router.get("")
async def index(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The people by name, and how much waits on those who left."""
    wanted, faults = understood(Wanted, request)
    after, filters = people.place(begins(request, wanted, faults)), (wanted.role, wanted.client, wanted.left)
    found = await directory.listed(api.database, viewer.caller.tenant, after, wanted.limit + 1, *filters)
    items, last = lists.cut(found, wanted.limit, people.placed)
    party = party_of(request)
    return shown(
        request,
        "people.html",
        viewer,
        items=items,
        clients=await clients.offered(api, viewer.caller, [wanted.client, *(one.client for one in items)]),
        asked=wanted,
        faults=faults,
        roles=sorted(KNOWN),
        posts=bool(api.settings.smtp_url),
        waits=len(await waiting(api.database, viewer.caller.tenant)),
        issuer=party.discovery.issuer if party else None,
        meaning=[(words, getattr(party.meaning, name)) for name, words in FACTS.items()] if party else [],
        more=following(request, last, role=wanted.role, client=wanted.client, left=_written(wanted.left)),
    )


@router.get("/waiting")
async def left_behind(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """What waits on those who left, by whom, with links to where it is given to somebody else."""
    found = await waiting(api.database, viewer.caller.tenant)
    by = {person: list(those) for person, those in groupby(found, key=lambda one: one.person)}
    names = await desk.names(api.database, viewer.caller.scope, by)
    gone = await desk.left(api.database, viewer.caller.scope, by)
    return shown(request, "people_waiting.html", viewer, by=by, names=names, left=gone, paths=PATHS, most=MOST)


@router.get("/retire")
async def begin(request: Request, api: TheApi, viewer: TheViewer, person: people.Id) -> Response:
    """The form by which it is noted that somebody left."""
    one = await people.known(api, viewer.caller, person)
    return _leaving(one.id, one.name).page(request, viewer, {"person": [one.id]})


@router.post("/retire")
async def retire(request: Request, api: TheApi, sender: TheSender) -> Response:
    """Notes that somebody left; or shows the form again as it was filled in."""

    async def done(wanted: Leaving, _: Asked | None) -> Response:
        await people.retired(api, sender.viewer.caller, wanted.person, wanted.reason)
        return RedirectResponse(f"{PEOPLE}?left=true", 303)

    one = await people.known(api, sender.looks.caller, sender.form.get("person") or "")
    return await _leaving(one.id, one.name).done(request, sender, done)


@router.post("/reinstate")
async def reinstate(api: TheApi, sender: TheSender) -> Response:
    """Takes back that somebody left."""
    await people.reinstated(api, sender.viewer.caller, sender.form.get("person") or "")
    return confirmed(PEOPLE, "back")


def _leaving(id: str, name: str) -> asking.Form[Leaving]:
    lead = gettext(
        "They cannot sign in any more, whatever the issuer says, and nobody writes to them. Their sessions, the address"
        " of their calendar and what was granted to them end now. What waits on them is listed for scheme managers and"
        " administrators, to be given to somebody else. All that they did stays in the record under their name."
    )
    title = gettext("Note that %(name)s has left") % {"name": name or id}
    return asking.Form(Leaving, title, gettext("Note it"), PEOPLE, lead, {"person": [(id, name or id)]})


def _written(left: bool | None) -> str | None:
    return None if left is None else str(left).lower()
