"""Nonconformities: lists, details as they stand or stood, events, and a route for each command of the procedure."""

from dataclasses import fields
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import AfterValidator, Field
from starlette.responses import Response

from activities.ledger.histories import whole_history
from activities.reads import nonconformities as reads
from services.api import files as evidence
from services.api import links, lists, streams, views
from services.api.answers import etag
from services.api.context import TheApi, TheCaller, now
from services.api.direct import Direct
from services.api.lists import Filters, Moment, Several, Word
from services.api.openapi import DETAIL, ETAG, PAGE, answers, parameters
from services.api.procedures import route_commands, route_events
from services.telling import as_it_came
from workflows import standards
from workflows.canonical import instant
from workflows.decider import Refusal
from workflows.grades import Grade
from workflows.nonconformity.case import Reached
from workflows.people import Frozen

KIND = "nonconformity"
WaitingOn = Literal["client", "certification_body", "committee"]

router = APIRouter(prefix=links.path(KIND), tags=["nonconformities"], route_class=Direct)


def requirement(text: str) -> str:
    """A requirement as the list knows it, `ISO/IEC 27001 A.5.18`, or a clause alone."""
    try:
        known = standards.reference(text)
    except ValueError:
        return text.strip()
    return f"{known.standard} {known.clause}"


# Named here: in a class that has a field of this name, it would be that field's default.
Requirement = Annotated[Word, AfterValidator(requirement)]


class Narrowed(Frozen):
    """What a case is, and where it stands; `status`, `grade`, `audit` and `waiting_on` take several values."""

    status: Annotated[tuple[Reached, ...], Several] = ()
    grade: Annotated[tuple[Grade, ...], Several] = ()
    audit: Annotated[tuple[Word, ...], Several] = ()
    requirement: Requirement | None = None
    site: Word | None = None
    q: Word | None = Field(
        default=None,
        description="words in number, requirements, title, statement and objective evidence; the last may be a "
        'beginning, of a number a part will do; in "quotes" words stand together, after a minus they are not there',
    )
    waiting_on: Annotated[tuple[WaitingOn, ...], Several] = ()
    source: Word | None = None
    external_id: Word | None = None
    assignee: Word | None = None
    overdue: bool | None = None
    due_before: Moment | None = None

    def wanted(self) -> reads.Wanted:
        """What the read model is asked for."""
        names = [one.name for one in fields(reads.Wanted) if one.name in type(self).model_fields]
        return reads.Wanted(**{name: getattr(self, name) for name in names})


class OfClients(Narrowed):
    """What people narrow a list by; `client` takes several values, too."""

    client: Annotated[tuple[Word, ...], Several] = ()


class Which(OfClients):
    """Which nonconformities."""

    updated_since: Moment | None = None


class NonconformityFilters(Filters, Which):
    """A page of them."""


class AsOf(Frozen):
    """The instant as of which a detail is asked."""

    as_of: Moment | None = None


class NotThen(Refusal):
    """A case that was not yet reported at an instant, or not yet shown to the caller."""

    kind = "unknown"
    code = "not_found"
    says = "The nonconformity {id} was not there at {at}, or not for you to see."


@router.get(
    "",
    summary="List nonconformities",
    operation_id=links.listing(KIND),
    openapi_extra=parameters(NonconformityFilters) | answers(PAGE),
)
async def index(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A page of what the caller may see, the newest report first."""
    wanted = lists.query(NonconformityFilters, request)
    return lists.answer(
        request,
        await reads.listed(api.database, caller.scope, wanted.wanted(), now(), wanted.cursor, wanted.limit),
    )


@router.get(
    "/{id}",
    summary="Read a nonconformity",
    operation_id=links.read(KIND),
    openapi_extra=parameters(AsOf) | answers(DETAIL, ETAG),
)
async def detail(id: str, request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A nonconformity in full, with what the caller may do; or, with `as_of`, as it stood then."""
    asked = lists.query(AsOf, request)
    stream = await streams.visible(api, caller, KIND, id)
    if asked.as_of is None:
        standing = await streams.standing(api, caller, stream, now())
        state: Any = stream.state
    else:
        history = await whole_history(api.ledger, caller.scope, stream.name)
        then = streams.past(stream.name, history, asked.as_of)
        state = then.state
        unseen = state.issued_at is None and caller.scope.client is not None
        if then.seq == 0 or unseen:
            raise NotThen(id=id, at=instant(asked.as_of))
        standing = views.Standing(id=id, seq=then.seq, head=then.head, now=asked.as_of)
    files = {file.sha256: file.id for file in reversed(await evidence.of_case(api, state, caller.tenant))}
    text = as_it_came(views.case_text(state, standing, files))
    return Response(text, media_type="application/json", headers=etag(standing.seq))


route_events(router, KIND)
route_commands(router, KIND, but=frozenset({"report"}))
