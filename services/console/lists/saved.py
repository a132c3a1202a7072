"""Filters of the inbox that somebody saved: as tabs beside its views, and as a page on which they are kept in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import StringConstraints, TypeAdapter, ValidationError
from starlette.datastructures import QueryParams
from starlette.responses import RedirectResponse, Response

from activities.directory import filters as kept
from activities.directory.filters import Saved
from activities.ledger.protocol import Unavailable
from activities.reads import nonconformities as reads
from services.api.context import Api, TheApi, now
from services.auth import Caller
from services.console.forms.sent import anew
from services.console.frame import words
from services.console.frame.asked import read
from services.console.frame.catalogue import gettext
from services.console.frame.navigation import HOME
from services.console.frame.paged import Paged
from services.console.frame.rendering import page
from services.console.lists import views
from services.console.lists.views import Asked
from services.console.things import clients
from services.problems import Problem, UnknownThing
from services.signin.forms import Filled
from services.signin.viewer import TheActor, TheSender, TheViewer, Viewer

PATH = f"{HOME}filters"

MOST_COUNTED = 100
"""A filter is counted up to so many."""

PATIENCE = 1.0
"""Seconds for all counts; an inbox without counts is better than one that waits for them."""

router = APIRouter(prefix=PATH, route_class=Paged, include_in_schema=False)

ONE_LINE = r"^[^\x00-\x1f\x7f]+$"
NAME: TypeAdapter[str] = TypeAdapter(
    Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=ONE_LINE)]
)


@dataclass(frozen=True, slots=True)
class Filter:
    """A saved filter as it is understood now; `asked` is None where it is no longer, and `faults` say what of it."""

    saved: Saved
    asked: Asked | None
    faults: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Tab:
    """A filter that can be opened, with how many cases it has, where that can be said."""

    name: str
    address: str
    current: bool
    count: str | None


async def filters(api: Api, caller: Caller) -> list[Filter]:
    """Somebody's filters by name. Raises Unavailable."""
    return [_understood(one) for one in await kept.listed(api.database, caller.tenant, caller.actor.id)]


def _understood(saved: Saved) -> Filter:
    try:
        return Filter(saved, Asked.model_validate(saved.query))
    except ValidationError as error:
        return Filter(saved, None, sorted({str(fault["loc"][0]) for fault in error.errors()}))


def start(found: Sequence[Filter]) -> str | None:
    """The address with which somebody begins; None for the inbox as it is."""
    return next((one.asked.address() for one in found if one.saved.starts and one.asked), None)


async def tabs(
    api: Api, caller: Caller, found: Sequence[Filter], asked: Asked, audits: Sequence[str]
) -> tuple[list[Tab], list[str]]:
    """The filters that can be opened, and the names of those that mean nothing any more."""
    here = asked.filter()
    open_now = [(one.saved.name, one.asked) for one in found if one.asked]
    counts = await _counts(api, caller, [one for _, one in open_now], audits)
    told = [
        Tab(name, one.address(), one.filter() == here, count)
        for (name, one), count in zip(open_now, counts, strict=True)
    ]
    return told, [one.saved.name for one in found if one.asked is None]


async def _counts(api: Api, caller: Caller, found: Sequence[Asked], audits: Sequence[str]) -> Sequence[str | None]:
    """How many cases each filter has; None where only the rules could say, and where it takes too long."""
    wanted = {n: views.wanted(caller, one, audits) for n, one in enumerate(found) if one.view != "mine"}
    asked = {n: one for n, one in wanted.items() if one is not None}
    if not asked:
        return [None] * len(found)
    try:
        lists = [(one, views.lives(one)) for one in asked.values()]
        counted = await reads.counted(api.database, caller.scope, lists, now(), MOST_COUNTED, PATIENCE)
    except Unavailable:
        return [None] * len(found)
    told = {n: words.counted(many, MOST_COUNTED) for n, many in zip(asked, counted, strict=True)}
    return [told.get(n, "0" if n in wanted else None) for n in range(len(found))]


@router.get("")
async def index(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """Somebody's filters: renamed, deleted, and one of them made what they begin with."""
    return await _page(request, api, viewer)


@router.post("")
async def save(request: Request, api: TheApi, sender: TheSender) -> Response:
    """Saves the filter of an address under a name, in place of the one of that name, and leads back to it."""
    if not sender.is_own:
        return await _page(request, api, sender.looks, anew(sender.looks, sender.form), sender.form)
    viewer = sender.viewer
    try:
        name, asked = _name(sender.form.get("name", "")), _asked(sender.form.get("query", ""))
        try:
            await kept.save(api.database, viewer.caller.tenant, viewer.caller.actor.id, name, asked.filter())
        except kept.TooMany:
            detail = gettext("You have %(most)s filters, and no more are kept: delete one first.")
            raise Problem(409, "too_many", detail % {"most": kept.MOST}) from None
        except kept.TooLarge:
            raise Problem(422, "too_large", gettext("The filter names too much to be kept.")) from None
    except Problem as problem:
        return await _page(request, api, viewer, problem, sender.form)
    return RedirectResponse(asked.address(), 303)


@router.post("/{id}/rename")
async def rename(id: str, request: Request, api: TheApi, sender: TheSender) -> Response:
    """Gives a filter another name."""
    if not sender.is_own:
        return await _page(request, api, sender.looks, anew(sender.looks, sender.form), sender.form, id)
    viewer = sender.viewer
    try:
        name = _name(sender.form.get("name", ""))
        try:
            _there(id, await kept.rename(api.database, viewer.caller.tenant, viewer.caller.actor.id, id, name))
        except kept.NameTaken:
            raise Problem(409, "name_taken", gettext("Another of your filters has this name.")) from None
    except Problem as problem:
        return await _page(request, api, viewer, problem, sender.form, id)
    return RedirectResponse(PATH, 303)


@router.post("/{id}/delete")
async def delete(id: str, api: TheApi, viewer: TheActor) -> Response:
    """Forgets a filter."""
    _there(id, await kept.drop(api.database, viewer.caller.tenant, viewer.caller.actor.id, id))
    return RedirectResponse(PATH, 303)


@router.post("/{id}/start")
async def begin(id: str, request: Request, api: TheApi, sender: TheSender) -> Response:
    """Has somebody begin with a filter, or with the inbox as it is."""
    if not sender.is_own:
        return await _page(request, api, sender.looks, anew(sender.looks, sender.form))
    viewer, chosen = sender.viewer, id if sender.form.get("starts") == "true" else None
    _there(id, await kept.start(api.database, viewer.caller.tenant, viewer.caller.actor.id, chosen))
    return RedirectResponse(PATH, 303)


def _name(given: str) -> str:
    """A name as it is kept. Raises a problem (422)."""
    try:
        return NAME.validate_python(given)
    except ValidationError:
        raise Problem(422, "shape", gettext("A filter needs a name of 1 to 60 characters, on one line.")) from None


def _asked(query: str) -> Asked:
    """What an address asks for. Raises a problem (422) that names what of it means nothing."""
    asked, faults = read(Asked, QueryParams(query))
    if faults:
        detail = gettext("It was not saved: these filters have values that mean nothing: %(names)s.")
        raise Problem(422, "shape", detail % {"names": ", ".join(faults)})
    return asked


def _there(id: str, was: bool) -> None:
    if not was:
        raise UnknownThing(thing="filter", id=id[:80])


async def _page(
    request: Request,
    api: Api,
    viewer: Viewer,
    problem: Problem | None = None,
    sent: Filled | None = None,
    renamed: str = "",
) -> Response:
    """The filters; with what was typed into the form of a new one, or of the one that was to be renamed."""
    found = await filters(api, viewer.caller)
    keys = [key for one in found if one.asked for key in one.asked.client]
    return page(
        request,
        "filters.html",
        viewer,
        status=problem.status if problem else 200,
        place=HOME,
        filters=found,
        clients=await clients.named(api, viewer.caller, keys),
        refusal=problem.detail if problem else "",
        sent=sent,
        renamed=renamed,
        most=kept.MOST,
        path=PATH,
        titles=views.TITLES,
    )
