"""Why something is not done as asked, as problem documents say it (RFC 9457): a stable code, and pointers to fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from services.intake import TooLarge, UnknownFormat, Unreadable
from workflows import shapes
from workflows.decider import Refusal, RefusalKind, Refused
from workflows.sentences import Sentence
from workflows.shapes import Misfit

STATUS: Mapping[RefusalKind, int] = {
    "unknown": 404,
    "invalid": 422,
    "forbidden": 403,
    "unauthenticated": 401,
    "conflict": 409,
    "stale": 412,
}
CHALLENGE = {"WWW-Authenticate": "Bearer"}
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
    says = "{field}: {problem}" if len(faults) == 1 else "{field}: {problem} ({more} more of its fields are at fault.)"
    where = first.pointer or Sentence("the body")
    detail = Sentence(says, field=where, problem=first.detail, more=len(faults) - 1)
    return Problem(422, "shape", detail, faults)


def fault(pointer: str, detail: str) -> Problem:
    """The problem of one field that cannot be used."""
    return Problem(
        422, "shape", Sentence("{field}: {problem}", field=pointer, problem=detail), (Fault(pointer, detail),)
    )


def invalid(error: ValidationError) -> Problem:
    """The problem of what a model refuses."""
    return misshapen(shapes.faults(error))


def unread(error: Unreadable | TooLarge | UnknownFormat) -> Problem:
    """The problem of a document that breaks its own format (400) or a bound (413), or has none that we read (415)."""
    match error:
        case TooLarge():
            return Problem(413, error.code, error.detail, more={"path": ""})
        case UnknownFormat():
            considered = {"formats": list(error.considered), "lacks": error.lacks}
            return Problem(415, error.code, error.detail, more={"path": "", **considered})
    where = {"line": error.line, "column": error.column, "path": error.path}
    return Problem(400, error.code, error.detail, more={name: at for name, at in where.items() if at is not None})
