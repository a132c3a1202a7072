"""A body's own reasons for what its reviewers return: what is at hand for each section, and what is changed there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, get_args

from fastapi import APIRouter, Depends, Request
from pydantic import Field, StringConstraints
from starlette.responses import RedirectResponse, Response

from activities.directory import reasons as directory
from activities.directory.asked import Asked
from activities.directory.reasons import Own
from activities.reads import desk
from services.api.admission import keeps
from services.api.context import TheApi
from services.console.administration.asking import Form
from services.console.administration.sections import REASONS, shown
from services.console.forms import reasons
from services.console.forms.reasons import Section
from services.console.forms.typed import written
from services.console.frame.catalogue import gettext
from services.console.frame.paged import Paged
from services.console.frame.words import word
from services.problems import Problem
from services.signin.viewer import TheSender, TheViewer
from workflows.people import Frozen

MOST = 50
"""Reasons of one's own for a section."""

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class Wanted(Frozen):
    """A body's own reasons for a section, and whether they stand instead of the packaged ones."""

    texts: tuple[Line, ...] = Field(default=(), max_length=MOST)
    replaces: bool = False


async def _keeper(viewer: TheViewer) -> None:
    if not keeps(viewer.caller):
        raise Problem(403, "role", gettext("Reasons are for scheme managers and administrators to keep."))


router = APIRouter(prefix=REASONS, route_class=Paged, include_in_schema=False, dependencies=[Depends(_keeper)])


@dataclass(frozen=True, slots=True)
class Shown:
    """What is at hand for a section; `own` is what the body has for it, None where it never had anything."""

    section: Section
    title: str
    offered: Mapping[str, str]
    own: Own | None


@router.get("")
async def index(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The reasons at hand, by section."""
    stock = await reasons.stock(api.database, viewer.caller.tenant)
    items = [Shown(key, word("section", key), stock.offered(key), stock.own.get(key)) for key in get_args(Section)]
    by = {own.changed_by for own in stock.own.values()}
    names = await desk.names(api.database, viewer.caller.scope, by)
    return shown(request, "reasons.html", viewer, items=items, names=names)


@router.get("/{section}")
async def begin(section: Section, request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The form of a section's reasons, begun with what the body has."""
    own = (await directory.listed(api.database, viewer.caller.tenant)).get(section)
    known = Wanted(texts=own.texts, replaces=own.replaces) if own else Wanted()
    return _form(section).page(request, viewer, written(known.model_dump(mode="json")))


@router.post("/{section}")
async def keep(section: Section, request: Request, api: TheApi, sender: TheSender) -> Response:
    """Keeps what was typed; or shows the form again as it was filled in."""

    async def kept(wanted: Wanted, _: Asked | None) -> Response:
        caller, texts = sender.viewer.caller, [*dict.fromkeys(wanted.texts)]
        await directory.keep(api.database, caller.tenant, section, texts, caller.actor.id, replaces=wanted.replaces)
        return RedirectResponse(f"{REASONS}#{section}", 303)

    return await _form(section).done(request, sender, kept)


def _form(section: Section) -> Form[Wanted]:
    title = gettext("Reasons of your own: %(section)s") % {"section": word("section", section)}
    lead = gettext("They are put into the form as they stand here, and can be changed there before it is sent.")
    return Form(Wanted, title, gettext("Keep"), REASONS, lead)
