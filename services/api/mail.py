"""Mail: how somebody wants to be told, their calendar, and how the mail of an installation does. See docs/mail.md."""

from datetime import datetime, timedelta
from typing import Any, get_args
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from activities.directory import mail, wishes
from activities.directory.mail import Mode, Modes
from activities.directory.wishes import Wishes
from activities.reads import calendars, desk
from services.api import bodies
from services.api.admission import admit_keeper
from services.api.answers import Json
from services.api.context import Api, TheApi, TheCaller, now
from services.api.direct import Direct
from services.api.openapi import answers, body
from services.auth import Caller
from services.console.frame.catalogue import gettext
from services.mail.calendar import MEDIA_TYPE, Date, calendar, of_case, of_review
from services.problems import Problem, UnknownThing
from services.telling import when
from workflows.committee.review import Review
from workflows.committee.rules import CommitteeReview
from workflows.decider import stream_of
from workflows.nonconformity.case import Case
from workflows.nonconformity.rules import Nonconformity
from workflows.people import Actor, Frozen, Role
from workflows.sentences import Sentence, mark
from workflows.zones import Zone

router = APIRouter(tags=["mail"], route_class=Direct)

MOST = 500
"""So many cases and so many reviews a calendar holds, the next dates first."""

ENDED = timedelta(days=30)
"""For so long a case or a review that ended stays in calendars, cancelled: until every program has seen that."""

WISHES = {
    "type": "object",
    "required": ["address", *Modes.model_fields, "zone", "calendar_at"],
    "properties": {
        "address": {"type": ["string", "null"], "description": "where mail reaches you, as your sign-in said"},
        **{kind: {"enum": list(get_args(Mode))} for kind in Modes.model_fields},
        "zone": {"type": ["string", "null"], "description": "in which dates are written; null is your client's"},
        "calendar_at": {"type": ["string", "null"], "description": "when your calendar's address was made"},
    },
}
STANDING = {
    "type": "object",
    "required": ["mails", "failing_since", "failure", "last_success_at"],
    "properties": {"mails": {"type": "object", "additionalProperties": {"type": "integer"}}},
}
_ICS = {"responses": {"200": {"description": "The calendar.", "content": {"text/calendar": {}}}}}
_LAW = Nonconformity()
_COMMITTEE = CommitteeReview()


class Wanted(Frozen):
    """How somebody wants to be told. Of a breach, the committee and certificates everybody is told at once."""

    cases: Mode = Field(description="what happens to cases")
    dates: Mode = Field(description="their dates: what comes near, more time, what was put off")
    talk: Mode = Field(description="questions, complaints and remarks, and their answers")
    zone: Zone | None = Field(default=None, description="in which dates are written; none is your client's")


@router.get("/v1/me/mail", summary="How I am told", openapi_extra=answers(WISHES))
async def read_wishes(api: TheApi, caller: TheCaller) -> Response:
    """Where mail reaches the caller, and how they want it."""
    return _told(*await wished(api, _person(caller)))


@router.put("/v1/me/mail", summary="Choose how I am told", openapi_extra=body(Wanted) | answers(WISHES))
async def keep_wishes(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """At once, in a daily digest, or not at all but where it must be."""
    wanted, person = await bodies.read(Wanted, request), _person(caller)
    await keep(api, person, wanted)
    return _told(*await wished(api, person))


@router.get("/v1/me/deadlines.ics", summary="My dates", openapi_extra=_ICS)
async def deadlines(api: TheApi, caller: TheCaller) -> Response:
    """The dates of the caller's cases, and of the reviews on their docket, as a calendar."""
    return await _calendar(api, _person(caller))


@router.post(
    "/v1/me/calendar",
    summary="Publish my calendar",
    status_code=201,
    openapi_extra=answers(
        {"type": "object", "required": ["url"], "properties": {"url": {"type": "string"}}}, status="201"
    ),
)
async def publish(api: TheApi, caller: TheCaller) -> Response:
    """A new secret address for programs that cannot sign in, shown this once; the one before is good no more."""
    return Json({"url": await published_at(api, _person(caller))}, 201, {"Cache-Control": "no-store"})


@router.delete("/v1/me/calendar", summary="Withdraw my calendar", status_code=204)
async def withdraw(api: TheApi, caller: TheCaller) -> Response:
    """Nobody can read it by its address any more."""
    person = _person(caller)
    await wishes.withdraw(api.database, person.tenant, person.actor.id)
    return Response(status_code=204)


@router.get("/calendar/{secret}.ics", include_in_schema=False)
async def published(secret: str, api: TheApi) -> Response:
    """The calendar of whoever made this address, as they are known now."""
    found = await wishes.reader(api.database, secret)
    if found is None:
        raise UnknownThing(thing="calendar", id="of this address")
    tenant, person = found
    return await _calendar(api, Caller(tenant, Actor(**person.model_dump())))


@router.get("/v1/mail", summary="How mail does", openapi_extra=answers(STANDING), responses={403: {}})
async def standing(api: TheApi, caller: TheCaller) -> Response:
    """How many mails wait, were sent, given up, or reach nobody; and since when the mail server takes none."""
    return Json(await _standing(api, caller))


@router.post("/v1/mail/retry", summary="Send what was given up", openapi_extra=answers(STANDING), responses={403: {}})
async def retry(api: TheApi, caller: TheCaller) -> Response:
    """What was given up is tried anew."""
    admit_keeper(caller, mark("What became of mail belongs to: {roles}."))
    await mail.retry(api.database, caller.tenant)
    return Json(await _standing(api, caller))


def _person(caller: Caller) -> Caller:
    if caller.actor.kind != "person":
        raise Problem(403, "no_person", Sentence("A key is written to by nobody, and has no dates."))
    return caller


async def _standing(api: Api, caller: Caller) -> dict[str, Any]:
    admit_keeper(caller, mark("What became of mail belongs to: {roles}."))
    found = await mail.standing(api.database, caller.tenant)
    return {
        "mails": dict(found.mails),
        "failing_since": when(found.failing_since),
        "failure": found.failure,
        "last_success_at": when(found.last_success_at),
    }


async def wished(api: Api, person: Caller) -> tuple[str | None, Wishes]:
    """Where mail reaches somebody, None for nowhere, and how they want it."""
    kept = await wishes.find(api.database, person.tenant, person.actor.id)
    known = await mail.contacts(api.database, person.tenant, None, {person.actor.id})
    return known[0].person.email if known else None, kept


async def keep(api: Api, person: Caller, wanted: Wanted) -> None:
    """Keeps how somebody wants to be told."""
    modes = Modes(cases=wanted.cases, dates=wanted.dates, talk=wanted.talk)
    await wishes.keep(api.database, person.tenant, person.actor.id, modes, wanted.zone)


async def published_at(api: Api, person: Caller) -> str:
    """A new secret address of somebody's calendar, told this once."""
    secret = await wishes.publish(api.database, person.tenant, person.actor.id, now())
    return f"{api.settings.url}/calendar/{secret}.ics"


def _told(address: str | None, kept: Wishes) -> Response:
    return Json({"address": address, **kept.model_dump(mode="json")})


async def _calendar(api: Api, caller: Caller) -> Response:
    """The dates of somebody's cases, and for a committee member those by which reviews have to be decided."""
    actor, at = caller.actor, now()
    dates = [*await _cases(api, caller, at), *await _reviews(api, caller, at)]
    domain = urlsplit(api.settings.url).hostname or "localhost"
    name = gettext("Deadlines of %(name)s") % {"name": actor.name or actor.id}
    told = calendar(dates, name, api.settings.url, domain)
    return Response(told, media_type=MEDIA_TYPE, headers={"Cache-Control": "private, no-store"})


async def _cases(api: Api, caller: Caller, at: datetime) -> list[Date]:
    """A client's people have all dates of their client; others those of cases that they are assigned to or audit."""
    actor, scope = caller.actor, caller.scope
    audits: tuple[str, ...] = ()
    if actor.client is None:
        audits = tuple(await desk.audits_of(api.database, scope, actor))
    ids = await calendars.dated(api.database, scope, actor.id, audits, at - ENDED, MOST)
    streams = await desk.cases(api.database, scope, ids, _LAW)
    return [
        date
        for one in ids
        if (stream := streams.get(one)) is not None and isinstance(stream.state, Case)
        for date in of_case(one, stream.state, stream.seq, stream.last_at or at)
    ]


async def _reviews(api: Api, caller: Caller, at: datetime) -> list[Date]:
    """The reviews to which a committee member is convened; none for others."""
    actor, scope = caller.actor, caller.scope
    if not caller.holds(Role.COMMITTEE_MEMBER):
        return []
    ids = await calendars.docketed(api.database, scope, actor.id, at - ENDED, MOST)
    streams = await desk.named(api.database, scope, [stream_of("committee_review", one) for one in ids], _COMMITTEE)
    found = [(one, streams.get(stream_of("committee_review", one))) for one in ids]
    return [
        date
        for one, stream in found
        if stream is not None and isinstance(stream.state, Review)
        for date in of_review(one, stream.state, actor.id, stream.seq, stream.last_at or at)
    ]
