"""Column profiles at the console: which are saved, what one says, and one proposed from a table, changed and saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from activities.directory import profiles as kept
from activities.reads import desk
from services import reading
from services.api import lists, profiles
from services.api.context import Api, TheApi
from services.api.lists import Filters
from services.api.profiles import KEEPERS, MOST, READERS
from services.auth import Caller
from services.console.administration import uploading
from services.console.administration.sections import PROFILES, begins, confirmed, following, shown
from services.console.forms.sent import anew
from services.console.frame import keeping
from services.console.frame.asked import understood
from services.console.frame.catalogue import gettext
from services.console.frame.paged import Paged
from services.intake import TooLarge, Unreadable
from services.intake.apart import Sample
from services.intake.profiles import Profile, toml
from services.intake.suggest import Suggestion
from services.problems import Fault, Problem, unread
from services.signin.viewer import Former, TheActor, TheSender, TheViewer, Viewer

NAMED = f"{PROFILES}/named"
NEW = f"{PROFILES}/new"


async def _reader(viewer: TheViewer) -> None:
    profiles.admit(viewer.caller, *READERS)


router = APIRouter(prefix=PROFILES, route_class=Paged, include_in_schema=False, dependencies=[Depends(_reader)])


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form of a profile: its name and text, and the name of the one that it takes the place of."""

    name: str = ""
    text: str = ""
    replaces: str = ""


@router.get("")
async def index(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The profiles by name."""
    wanted, faults = understood(Filters, request)
    after = begins(request, wanted, faults)
    found = await kept.listed(api.database, viewer.caller.tenant, after, wanted.limit + 1)
    items, last = lists.cut(found, wanted.limit, lambda one: one.name)
    return shown(
        request,
        "profiles.html",
        viewer,
        items=[(one, Profile.model_validate(one.profile), _path(one.name)) for one in items],
        names=await desk.names(api.database, viewer.caller.scope, {one.saved_by for one in items}),
        faults=faults,
        more=following(request, last),
        new=NEW,
        may_save=profiles.may(viewer.caller, *KEEPERS),
    )


@router.get("/new")
async def begin(request: Request, api: TheApi, viewer: TheViewer, of: str = "") -> Response:
    """The form of a profile, empty or with one that is changed; and the form by which one is proposed."""
    profiles.admit(viewer.caller, *KEEPERS)
    if not of:
        return _form(request, viewer, Typed())
    one = await profiles.seen(api, viewer.caller, of)
    return _form(request, viewer, Typed(one.name, toml(Profile.model_validate(one.profile)), one.name))


@router.post("/propose")
async def propose(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """A profile for a table that was uploaded or pasted, to be looked at, changed and saved; nothing is kept."""
    profiles.admit(viewer.caller, *KEEPERS)
    try:
        sent = await uploading.sent(request, viewer, api.settings)
    except Former:
        pasted = dict(keeping.sent(request)).get("sample", "")
        return _form(request, viewer, Typed(), problem=anew(), pasted=pasted)
    pasted = sent.fields.get("sample", "")
    name = sent.fields.get("name", "").rpartition(".")[0] if sent.document else ""
    try:
        found = await _proposed(api, sent.document or pasted.encode())
    except Problem as problem:
        return _form(request, viewer, Typed(), problem=problem, pasted=pasted)
    return _form(request, viewer, Typed(name, found.toml()), found=found, pasted=pasted)


@router.post("/new")
async def save(request: Request, api: TheApi, sender: TheSender) -> Response:
    """Saves a profile as it was typed; or shows the form again as it was filled in."""
    profiles.admit(sender.looks.caller, *KEEPERS)
    typed = Typed(*(sender.form.get(name, "") for name in ("name", "profile", "replaces")))
    if not sender.is_own:
        return _form(request, sender.looks, typed, problem=anew())
    try:
        return RedirectResponse(_path(await _saved(api, sender.viewer.caller, typed)), 303)
    except Problem as problem:
        return _form(request, sender.looks, typed, problem=problem)


@router.get("/named/{name}")
async def detail(name: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """One profile: which column is which field, and its text."""
    one = await profiles.seen(api, viewer.caller, name)
    profile = Profile.model_validate(one.profile)
    return shown(
        request,
        "profile.html",
        viewer,
        one=one,
        profile=profile,
        text=toml(profile),
        names=await desk.names(api.database, viewer.caller.scope, {one.saved_by}),
        path=_path(one.name),
        change=f"{NEW}?of={quote(one.name, safe='')}",
        may_save=profiles.may(viewer.caller, *KEEPERS),
    )


@router.post("/named/{name}/forget")
async def forget(name: str, api: TheApi, viewer: TheActor) -> Response:
    """Forgets a profile; imports that were taken with it keep it."""
    await profiles.forget(name, api, viewer.caller)
    return confirmed(PROFILES, "profile")


async def _proposed(api: Api, table: bytes) -> Suggestion:
    """The profile that is proposed for a table. Raises a problem, and Unavailable."""
    if not table.strip():
        raise _fault("file", gettext("Choose a file, or paste some rows with the headers above them."))
    if len(table) > api.settings.document_bytes:
        raise uploading.too_large(api.settings)
    try:
        [found] = await reading.whole(Sample(table, api.settings.bounds_at_once), api.readers)
    except (Unreadable, TooLarge) as error:
        problem = unread(error)
        raise _fault("file", problem.detail, problem.status) from None
    return found


async def _saved(api: Api, caller: Caller, typed: Typed) -> str:
    """Saves what was typed, and answers its name; one that is there already only where it was opened to be changed."""
    name, text = typed.name.strip(), typed.text.encode()
    if len(text) > MOST:
        raise _fault("profile", gettext("A profile has at most %(most)s bytes.") % {"most": f"{MOST:,}"}, 413)
    profiles.check(name)
    if name != typed.replaces and await kept.find(api.database, caller.tenant, name):
        raise _fault("name", gettext("There is one of this name: open that to change it."), 409)
    try:
        return (await profiles.saved(api, caller, name, text)).name
    except Problem as problem:
        if problem.errors:
            raise
        raise _fault("profile", problem.detail, problem.status) from None


def _fault(name: str, detail: str, status: int = 422) -> Problem:
    return Problem(status, "shape", detail, (Fault(f"/{name}", detail),))


def _path(name: str) -> str:
    return f"{NAMED}/{quote(name, safe='')}"


def _form(
    request: Request,
    viewer: Viewer,
    typed: Typed,
    *,
    problem: Problem | None = None,
    found: Suggestion | None = None,
    pasted: str = "",
) -> Response:
    faults: dict[str, Sequence[str]] = _placed(problem) if problem is not None else {}
    return shown(
        request,
        "profile_new.html",
        viewer,
        status=problem.status if problem else 200,
        typed=typed,
        found=found,
        pasted=pasted,
        refusal="" if problem is None or faults else problem.detail,
        is_refused=problem is not None,
        faults=faults,
        back=_path(typed.replaces) if typed.replaces else PROFILES,
        propose=f"{PROFILES}/propose",
        new=NEW,
    )


def _placed(problem: Problem) -> dict[str, Sequence[str]]:
    """What is wrong, by the field of the form: whatever is of the profile's own fields is so at its text."""
    placed: dict[str, list[str]] = {}
    for one in problem.errors:
        field = one.pointer.lstrip("/")
        of_form = field in ("file", "name", "profile") and field
        said = one.detail if of_form else f"{one.pointer}: {one.detail}" if one.pointer else one.detail
        placed.setdefault(of_form or "profile", []).append(said)
    return {**placed}
