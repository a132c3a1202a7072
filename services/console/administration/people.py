"""People at the console: who was signed in or known by a token, with which roles; and where these come from."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.responses import Response

from activities.directory import people
from activities.directory.people import Known, Place
from services.api import lists
from services.api.admission import keeps
from services.api.context import TheApi
from services.api.lists import Filters, Word
from services.console.administration.sections import PEOPLE, begins, following, shown
from services.console.frame.asked import understood
from services.console.frame.catalogue import gettext, mark
from services.console.frame.paged import Paged
from services.problems import Problem
from services.signin.claims import KNOWN
from services.signin.pages import party_of
from services.signin.viewer import TheViewer
from workflows.people import Role

FACTS = {
    "id": mark("Id"),
    "name": mark("Name"),
    "tenant": mark("Certification body"),
    "roles": mark("Roles"),
    "client": mark("Client"),
    "email": mark("Mail address"),
}
"""What an issuer's claims say of a person, in the words of the page."""


class PeopleFilters(Filters):
    """Which people: of a role, of a client."""

    role: Annotated[Role | None, Field(description="one of the roles")] = None
    client: Word | None = None


async def _keeper(viewer: TheViewer) -> None:
    if not keeps(viewer.caller):
        raise Problem(403, "role", gettext("People and roles are for scheme managers and administrators to see."))


router = APIRouter(prefix=PEOPLE, route_class=Paged, include_in_schema=False, dependencies=[Depends(_keeper)])


@router.get("")
async def index(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The people by name; nothing of them is changed here."""
    wanted, faults = understood(PeopleFilters, request)
    after = _place(begins(request, wanted, faults))
    found = await people.listed(api.database, viewer.caller.tenant, after, wanted.limit + 1, wanted.role, wanted.client)
    items, last = lists.cut(found, wanted.limit, _told)
    party = party_of(request)
    return shown(
        request,
        "people.html",
        viewer,
        items=items,
        asked=wanted,
        faults=faults,
        roles=sorted(KNOWN),
        posts=bool(api.settings.smtp_url),
        issuer=party.discovery.issuer if party else None,
        meaning=[(words, getattr(party.meaning, name)) for name, words in FACTS.items()] if party else [],
        more=following(request, last, role=wanted.role, client=wanted.client),
    )


def _told(last: Known) -> str:
    """Where a page ends; no name holds NUL."""
    return f"{last.name}\0{last.id}"


def _place(told: str | None) -> Place:
    name, _, last = (told or "").partition("\0")
    return Place(name, last)
