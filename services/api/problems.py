"""Every error as a problem document (RFC 9457); see `services.problems`."""

from math import ceil

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from activities.directory.keys import Spent
from activities.ledger.protocol import Unavailable
from services.auth import Unauthenticated
from services.problems import CHALLENGE, Problem, misshapen, refused
from services.telling import encoded
from workflows import shapes
from workflows.decider import Refusal

MEDIA_TYPE = "application/problem+json"
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


def respond(problem: Problem, correlation_id: str) -> Response:
    """A problem as the answer to the request of this id, which leads to the log."""
    told = problem.document() | {"correlation_id": correlation_id}
    return Response(encoded(told), problem.status, dict(problem.headers), MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Has the app answer every error with a problem document; what nobody foresaw is for the middleware."""
    for kind in (Problem, Refusal, Unauthenticated, Spent, Unavailable, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, answer)


def answer(request: Request, error: Exception) -> Response:
    """The problem document of an error that has one; raises any other."""
    return respond(_of(error), request.scope["request_id"])


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
