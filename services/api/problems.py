"""Every error as a problem document (RFC 9457), with a stable code and, where fields are at fault, pointers to them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from activities.ledger.protocol import Unavailable
from services.auth import Unauthenticated
from workflows.decider import Refusal, RefusalKind, Refused

MEDIA_TYPE = "application/problem+json"
STATUS: Mapping[RefusalKind, int] = {
    "unknown": 404,
    "invalid": 422,
    "forbidden": 403,
    "unauthenticated": 401,
    "conflict": 409,
    "stale": 412,
}
CHALLENGE = {"WWW-Authenticate": "Bearer"}
CODES = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "shape",
}
AWAY = "The request could not be carried out, or nobody knows whether it was: repeat it with the same key."
ERRORS = 100
"""No answer names more fields than this."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field; `pointer` by RFC 6901."""

    pointer: str
    detail: str


@dataclass(eq=False)
class Problem(Exception):
    """Why a request is not answered as asked. `more` are further members of the document."""

    status: int
    code: str
    detail: str
    errors: tuple[Fault, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The problem as JSON."""
        told: dict[str, Any] = {
            "type": f"urn:closeout:problem:{self.code}",
            "title": self.code.replace("_", " ").capitalize(),
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            **self.more,
        }
        if self.errors:
            told["errors"] = [{"pointer": fault.pointer, "detail": fault.detail} for fault in self.errors[:ERRORS]]
        return told

    def response(self) -> Response:
        """The problem as an answer."""
        content = json.dumps(self.document(), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        return Response(content, self.status, dict(self.headers), MEDIA_TYPE)


class UnknownThing(Refusal):
    """Nothing is there, or nothing that the caller may see."""

    kind = "unknown"
    code = "not_found"
    says = "There is no {thing} {id}, or none that you may see."


def refused(refusal: Refused) -> Problem:
    """A refusal of the rules as a problem."""
    errors = (Fault(refusal.pointer, refusal.detail),) if refusal.pointer else ()
    headers = CHALLENGE if refusal.kind == "unauthenticated" else {}
    return Problem(STATUS[refusal.kind], refusal.code, refusal.detail, errors, headers)


def misshapen(errors: Iterable[Mapping[str, Any]], code: str = "shape") -> Problem:
    """The problem of a body or a query whose fields break their shape; `errors` as pydantic tells them."""
    faults = tuple(Fault(pointer(error["loc"]), error["msg"].removeprefix("Value error, ")) for error in errors)
    first = faults[0]
    more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
    return Problem(422, code, f"{first.pointer or 'the body'}: {first.detail}{more}", faults)


def invalid(error: ValidationError) -> Problem:
    """The problem of what a model refuses."""
    return misshapen(error.errors(include_url=False, include_context=False, include_input=False))


def pointer(at: Iterable[int | str]) -> str:
    """A place in a JSON value (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in at)


def install(app: FastAPI) -> None:
    """Has the app answer every error with a problem document; what nobody foresaw is for the middleware."""
    for kind in (Problem, Refusal, Unauthenticated, Unavailable, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _answer)


def _answer(_: Request, error: Exception) -> Response:
    return _of(error).response()


def _of(error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case Refusal():
            return refused(error.data())
        case Unauthenticated():
            return Problem(401, error.code, str(error), headers=CHALLENGE)
        case Unavailable():
            return Problem(503, "unavailable", AWAY, headers={"Retry-After": "1"})
        case HTTPException():
            code = CODES.get(error.status_code, f"http_{error.status_code}")
            return Problem(error.status_code, code, f"{error.detail}.", headers=error.headers or {})
        case RequestValidationError():
            return misshapen([{**fault, "loc": fault["loc"][1:]} for fault in error.errors()])
        case _:
            raise error
