"""Lists: their filters as models, their cursors opaque and stable, their pages as the database built them."""

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import Request
from pydantic import BeforeValidator, Field, StringConstraints, ValidationError
from starlette.responses import Response

from activities.reads.pages import Page
from services.problems import Problem, fault, invalid
from services.telling import as_it_came
from workflows.findings import moment
from workflows.people import Frozen
from workflows.sentences import Sentence
from workflows.shapes import Kept

MOST = 500
USUAL = 50
_MARK = 6
"""Bytes of a cursor by which it is known."""


def _moment(value: object) -> datetime:
    # An unescaped + in a query is a space; no instant has one before its offset.
    return moment(value.replace(" ", "+") if isinstance(value, str) else value).at


Word = Annotated[Kept, StringConstraints(max_length=2000)]
"""An empty one is none: `query` leaves it out."""
Moment = Annotated[datetime, BeforeValidator(_moment, json_schema_input_type=str)]
Several = BeforeValidator(lambda value: [one for given in value for one in given.split(",")])
"""Comma-separated, or given several times."""


class Filters(Frozen):
    """What every list takes."""

    limit: int = Field(default=USUAL, ge=1, le=MOST)
    cursor: str | None = Field(default=None, description="where a page begins: the `next` of the page before it")


F = TypeVar("F", bound=Frozen)
T = TypeVar("T")


def query(shape: type[F], request: Request) -> F:
    """The query of a request; a problem (400) for a name that means nothing here, (422) for a bad value."""
    given: dict[str, Any] = {}
    fields = {field.alias or name: field for name, field in shape.model_fields.items()}
    for name in request.query_params:
        known = fields.get(name)
        if known is None:
            has = ", ".join(fields)
            says = "{name} means nothing here; known are {known}."
            raise Problem(400, "unknown_filter", Sentence(says, name=repr(name[:80]), known=has))
        values = request.query_params.getlist(name)
        if Several in known.metadata:
            given[name] = values
        elif len(values) > 1:
            raise Problem(400, "repeated_filter", Sentence("The filter {name} takes one value.", name=name))
        elif values[0]:
            given[name] = values[0]
    if (at := given.get("cursor")) is not None and issubclass(shape, Filters):
        given["cursor"] = place(request, at)
    try:
        return shape.model_validate(given)
    except ValidationError as error:
        raise invalid(error) from None


def answer(request: Request, page: Page) -> Response:
    """A page of JSON that the database built."""
    following = json.dumps(cursor(request, page.last))
    return Response(f'{{"items":{as_it_came(page.items)},"next":{following}}}', media_type="application/json")


def cut(found: Sequence[T], limit: int, place: Callable[[T], str]) -> tuple[Sequence[T], str | None]:
    """A page of what was found, of which one more than the limit was asked for, and where the next one begins.

    `place` says where one of them is.
    """
    shown = found[:limit]
    return shown, place(shown[-1]) if len(found) > limit else None


def body(request: Request, items: Sequence[Any], following: str | None = None) -> dict[str, Any]:
    """A page of values; `following` is the id after which the next one begins."""
    return {"items": list(items), "next": cursor(request, following)}


def cursor(request: Request, last: str | None) -> str | None:
    """Where the next page of a list begins: opaque, good for this list alone, and its damage shows."""
    if last is None:
        return None
    return base64.urlsafe_b64encode(_mark(request, last) + last.encode()).decode().rstrip("=")


def place(request: Request, given: str) -> str:
    """What a cursor of this list says; a problem (422) for anything else."""
    try:
        raw = base64.b64decode(given.encode("ascii") + b"=" * (-len(given) % 4), b"-_", validate=True)
        last = raw[_MARK:].decode()
    except ValueError:
        last = ""
    if not last or cursor(request, last) != given:
        detail = "This is no cursor that this list answered."
        raise fault("/cursor", detail)
    return last


def _mark(request: Request, last: str) -> bytes:
    return hashlib.sha256(f"{request.url.path}\n{last}".encode()).digest()[:_MARK]
