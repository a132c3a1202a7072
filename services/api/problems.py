"""Every error as a problem document (RFC 9457), with a stable code and, where fields are at fault, pointers to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from activities.directory.keys import Spent
from activities.ledger.protocol import Unavailable
from services.api.answers import encoded
from services.auth import Unauthenticated
from workflows import shapes
from workflows.decider import Refusal, RefusalKind, Refused
from workflows.shapes import Misfit

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
TITLES = {
    "internal": "Something went wrong here",
    "invalid": "Not fit to be recorded",
    "key_reused": "This key was used for another request",
    "not_json": "Not JSON",
    "not_utf8": "Not UTF-8",
    "role": "Not for your role",
    "shape": "Not of the expected shape",
    "unavailable": "Away for a moment",
    "wrong_state": "Not possible in this state",
}
"""What a code is called where its own words say too little."""

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
            "title": TITLES.get(self.code) or self.code.replace("_", " ").capitalize(),
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            **self.more,
        }
        if self.errors:
            told["errors"] = [{"pointer": fault.pointer, "detail": fault.detail} for fault in self.errors[:ERRORS]]
        return told

    def response(self, correlation_id: str) -> Response:
        """The problem as an answer to the request of this id, which leads to the log."""
        told = self.document() | {"correlation_id": correlation_id}
        return Response(encoded(told), self.status, dict(self.headers), MEDIA_TYPE)


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


def misshapen(misfits: Sequence[Misfit]) -> Problem:
    """The problem of a body or a query whose fields break their shape."""
    faults = tuple(Fault(one.pointer, one.detail) for one in misfits)
    first = faults[0]
    more = f" ({len(faults) - 1} more of its fields are at fault.)" if len(faults) > 1 else ""
    return Problem(422, "shape", f"{first.pointer or 'the body'}: {first.detail}{more}", faults)


def invalid(error: ValidationError) -> Problem:
    """The problem of what a model refuses."""
    return misshapen(shapes.faults(error))


def install(app: FastAPI) -> None:
    """Has the app answer every error with a problem document; what nobody foresaw is for the middleware."""
    for kind in (Problem, Refusal, Unauthenticated, Spent, Unavailable, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _answer)


def _answer(request: Request, error: Exception) -> Response:
    return _of(error).response(request.scope["request_id"])


def _of(error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case Refusal():
            return refused(error.data())
        case Unauthenticated():
            return Problem(401, error.code, str(error), headers=CHALLENGE)
        case Spent():
            wait = str(ceil(error.wait.total_seconds()))
            detail = f"This key may make {error.key.rate} requests a minute: wait for {wait} s, then repeat it."
            return Problem(429, "too_many_requests", detail, headers={"Retry-After": wait})
        case Unavailable():
            return Problem(503, "unavailable", AWAY, headers={"Retry-After": "1"})
        case HTTPException():
            code = CODES.get(error.status_code, f"http_{error.status_code}")
            return Problem(error.status_code, code, f"{error.detail}.", headers=error.headers or {})
        case RequestValidationError():
            return misshapen(shapes.tell([{**fault, "loc": fault["loc"][1:]} for fault in error.errors()]))
        case _:
            raise error
