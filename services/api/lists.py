"""Lists: their filters as models, their cursors opaque and stable, their pages as the database built them."""

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import Request
from pydantic import BeforeValidator, Field, StringConstraints, ValidationError
from starlette.responses import Response

from activities.reads.pages import Page
from services.api.problems import Problem, invalid
from workflows.findings import moment
from workflows.people import Frozen

MOST = 500
USUAL = 50


def _moment(value: object) -> datetime:
    # An unescaped + in a query is a space; no instant has one before its offset.
    return moment(value.replace(" ", "+") if isinstance(value, str) else value).at


Word = Annotated[str, StringConstraints(pattern=r"^[^\x00]+$", max_length=2000)]
Moment = Annotated[datetime, BeforeValidator(_moment, json_schema_input_type=str)]
Several = BeforeValidator(lambda value: [one for given in value for one in given.split(",")])
"""Comma-separated, or given several times."""


def _cursor(value: object) -> str:
    try:
        text = base64.urlsafe_b64decode(f"{value}==".encode("ascii")).decode()
    except (binascii.Error, ValueError):
        raise ValueError("not a cursor that a list answered") from None
    if not text.isprintable() or not 0 < len(text) <= 200:
        raise ValueError("not a cursor that a list answered")
    return text


class Filters(Frozen):
    """What every list takes."""

    limit: int = Field(default=USUAL, ge=1, le=MOST)
    cursor: Annotated[str | None, BeforeValidator(_cursor, json_schema_input_type=str)] = None


F = TypeVar("F", bound=Frozen)


def query(shape: type[F], request: Request) -> F:
    """The query of a request; a problem (400) for a name that means nothing here, (422) for a bad value."""
    given: dict[str, Any] = {}
    for name in request.query_params:
        known = shape.model_fields.get(name)
        if known is None:
            has = ", ".join(shape.model_fields)
            raise Problem(400, "unknown_filter", f"{name[:80]!r} means nothing here; known are {has}.")
        values = request.query_params.getlist(name)
        if Several in known.metadata:
            given[name] = values
        elif len(values) > 1:
            raise Problem(400, "repeated_filter", f"The filter {name} takes one value.")
        elif values[0]:
            given[name] = values[0]
    try:
        return shape.model_validate(given)
    except ValidationError as error:
        raise invalid(error) from None


def answer(page: Page) -> Response:
    """A page of JSON that the database built."""
    return Response(f'{{"items":{page.items},"next":{json.dumps(cursor(page.last))}}}', media_type="application/json")


def body(items: Sequence[Any], following: str | None = None) -> dict[str, Any]:
    """A page of values; `following` is the id after which the next one begins."""
    return {"items": list(items), "next": cursor(following)}


def cursor(last: str | None) -> str | None:
    """Where the next page begins, opaque."""
    return None if last is None else base64.urlsafe_b64encode(last.encode()).decode().rstrip("=")
