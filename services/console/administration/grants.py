"""Grants at the console: what observers may see and until when; one given, and ended."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from activities.directory import grants as directory
from activities.directory import people
from activities.directory.asked import Asked
from activities.directory.grants import Grant
from activities.directory.people import Place
from activities.reads import desk, nonconformities
from activities.reads.clients import Names
from services.api import audits, grants, lists, streams
from services.api.audits import AuditFilters
from services.api.context import Api, TheApi, now
from services.api.grants import NewGrant, Wanted
from services.api.lists import MOST
from services.auth import Caller
from services.console.administration.asking import Form
from services.console.administration.sections import GRANTS, begins, confirmed, following, shown
from services.console.forms.choices import Chosen
from services.console.forms.existing import clients_offered
from services.console.forms.fields import Advice
from services.console.frame.asked import understood
from services.console.frame.catalogue import gettext
from services.console.frame.navigation import HOME
from services.console.frame.paged import Paged
from services.console.things import clients
from services.console.things.clients import OFFERED
from services.signin.viewer import TheActor, TheSender, TheViewer
from workflows.entries import CaseQuery
from workflows.people import Role


async def _keeper(viewer: TheViewer) -> None:
    await grants.keeper(viewer.caller)


router = APIRouter(prefix=GRANTS, route_class=Paged, include_in_schema=False, dependencies=[Depends(_keeper)])


@dataclass(frozen=True, slots=True)
class Told:
    """A grant as its line tells it: what it is of is called `name` and stands under `path`."""

    grant: Grant
    state: str
    kind: str
    name: str
    path: str


@router.get("")
async def index(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The grants, the newest first, those too that have ended; to one person, where the address says so."""
    wanted, faults = understood(Wanted, request)
    before, caller = begins(request, wanted, faults), viewer.caller
    found = await directory.listed(api.database, caller.tenant, before, wanted.limit + 1, wanted.person)
    items, last = lists.cut(found, wanted.limit, lambda one: one.id)
    known = {who for one in items for who in (one.person, one.granted_by, one.revoked_by) if who is not None}
    numbers = await _numbers(api, caller, [one.case for one in items if one.case is not None])
    called = await clients.named(api, caller, [one.client for one in items])
    return shown(
        request,
        "grants.html",
        viewer,
        items=[_told(one, called, numbers) for one in items],
        names=await desk.names(api.database, caller.scope, known),
        asked=wanted,
        observers=await _observers(api, caller),
        faults=faults,
        more=following(request, last, person=wanted.person),
    )


@router.get("/new")
async def begin(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The form of a new grant."""
    return (await _giving(api, viewer.caller)).page(request, viewer, {})


@router.post("/new")
async def give(request: Request, api: TheApi, sender: TheSender) -> Response:
    """Lets an observer see what is granted; or shows the form again as it was filled in."""

    async def given(wanted: NewGrant, asked: Asked | None) -> Response:
        await grants.granted(api, sender.viewer.caller, wanted, asked)
        return RedirectResponse(GRANTS, 303)

    return await (await _giving(api, sender.looks.caller)).done(request, sender, given)


@router.post("/{id}/end")
async def end(id: str, api: TheApi, viewer: TheActor) -> Response:
    """Ends a grant at once and for good."""
    await grants.revoke(id, api, viewer.caller)
    return confirmed(GRANTS, "grant")


async def _giving(api: Api, caller: Caller) -> Form[NewGrant]:
    lead = gettext(
        "It is of one client, of one audit by its key, or of one case by its id or number: name one of the three."
        " An observer can be chosen once they have signed in."
    )
    observers = await _observers(api, caller)
    known = {"audit": await _audits(api, caller), "case": await _cases(api, caller)}
    advice = {"case": Advice(gettext("By number or id")), "audit": Advice(gettext("By its key"))}
    options = {"person": [*observers.items()], **await clients_offered(api, caller)}
    return Form(
        NewGrant, gettext("Grant an observer sight"), gettext("Grant it"), GRANTS, lead, options, known, advice=advice
    )


async def _audits(api: Api, caller: Caller) -> Sequence[Chosen]:
    """The audits that a keeper sees, as far as a form offers them."""
    found = await audits.listed(api, caller, AuditFilters(limit=MOST))
    return [(one["key"], one.get("client", "")) for one in json.loads(found.items)]


async def _cases(api: Api, caller: Caller) -> Sequence[Chosen]:
    """The cases that have a number, as far as a form offers them."""
    found = await nonconformities.listed(api.database, caller.scope, nonconformities.Wanted(), now(), None, MOST)
    return [(one["number"], one["title"][:80]) for one in json.loads(found.items) if one.get("number")]


async def _observers(api: Api, caller: Caller) -> Mapping[str, str]:
    """The observers who were here, by id, in the order of their names; nobody where they are too many."""
    found = await people.listed(api.database, caller.tenant, Place(), OFFERED + 1, Role.OBSERVER)
    return {one.id: one.name or one.id for one in found} if len(found) <= OFFERED else {}


async def _numbers(api: Api, caller: Caller, cases: Sequence[str]) -> Mapping[str, str]:
    """The numbers of cases by id; one in triage has none."""
    if not cases:
        return {}
    found = await streams.cases(api, caller.scope, CaseQuery(ids=tuple(cases)))
    return {one.id: one.number for one in found if one.number is not None}


def _told(grant: Grant, called: Names, numbers: Mapping[str, str]) -> Told:
    of: Sequence[tuple[str, str | None, str, Mapping[str, str]]] = (
        (gettext("client"), grant.client, "clients", called.by_key),
        (gettext("audit"), grant.audit, "audits", {}),
        (gettext("case"), grant.case, "cases", numbers),
    )
    [(kind, key, folder, names)] = [(kind, key, folder, names) for kind, key, folder, names in of if key is not None]
    return Told(grant, grants.state_of(grant, now()), kind, names.get(key, key), f"{HOME}{folder}/{key}")
