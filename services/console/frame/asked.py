"""What the address of a page asks for, as a model: what means nothing is left out and named, not refused."""

from typing import Any, TypeVar

from fastapi import Request
from pydantic import ValidationError
from starlette.datastructures import QueryParams

from services.api.lists import Several
from workflows.people import Frozen

Q = TypeVar("Q", bound=Frozen)


def understood(shape: type[Q], request: Request) -> tuple[Q, list[str]]:
    """What an address says, and the names of what it says wrongly; every field has to have a default."""
    return read(shape, request.query_params)


def read(shape: type[Q], params: QueryParams) -> tuple[Q, list[str]]:
    """The same of the query of an address."""
    given: dict[str, Any] = {}
    for name, field in shape.model_fields.items():
        values = [value for value in params.getlist(name) if value.strip()]
        if values:
            given[name] = values if Several in field.metadata else values[-1]
    try:
        return shape.model_validate(given), []
    except ValidationError as error:
        wrong = sorted({str(fault["loc"][0]) for fault in error.errors()})
        return shape.model_validate({name: one for name, one in given.items() if name not in wrong}), wrong
