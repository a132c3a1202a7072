"""Reading a finding from a JSON value: what was assumed, and every reason why it is none."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from workflows import shapes
from workflows.findings.model import Finding
from workflows.findings.values import TITLE, moment
from workflows.people import Frozen
from workflows.shapes import Misfit

_PROBLEMS = 20


class Flag(Frozen):
    """Something that was assumed, cut or doubted while reading, and where (RFC 6901)."""

    code: str
    pointer: str


class Problem(Frozen):
    """What keeps a finding from being reported: a stable code, a sentence, and where (RFC 6901)."""

    code: str
    detail: str
    pointer: str = ""


class Unfit(ValueError):
    """A document that is no finding; `problems` says why, the first 20 at most."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{problem.pointer or 'the finding'}: {problem.detail}" for problem in problems))


_CODES = {
    "extra_forbidden": "unknown_field",
    "missing": "missing",
    "string_too_long": "too_long",
    "too_long": "too_many",
}


def read(data: object, system: str | None = None, client: str | None = None) -> tuple[Finding, Sequence[Flag]]:
    """A finding from a JSON value, with what was assumed. `system` and `client` hold where the document names none.

    Raises `Unfit` with every problem.
    """
    if not isinstance(data, Mapping):
        raise Unfit([Problem(code="not_an_object", detail=f"A finding is a JSON object, not {_kind(data)}.")])
    filled = dict(data)
    if client is not None and filled.get("client") in (None, ""):
        filled["client"] = client
    source = filled.get("source")
    if system is not None and isinstance(source, Mapping) and source.get("system") in (None, ""):
        filled["source"] = {**source, "system": system}
    try:
        finding = Finding.model_validate(filled)
    except ValidationError as error:
        raise Unfit([_problem(misfit) for misfit in shapes.faults(error)[:_PROBLEMS]]) from None
    return finding, _flags(finding, filled)


def _flags(finding: Finding, data: Mapping[str, Any]) -> Sequence[Flag]:
    flags = []
    if finding.detected_at and (assumed := moment(data["detected_at"]).flag):
        flags.append(Flag(code=assumed, pointer="/detected_at"))
    if _is_off_scale(data.get("severity")):
        flags.append(Flag(code="severity_unread", pointer="/severity"))
    for index, requirement in enumerate(finding.requirements):
        if requirement.unknown_clause:
            flags.append(Flag(code="unknown_clause", pointer=f"/requirements/{index}/clause"))
    return flags


def _is_off_scale(severity: object) -> bool:
    """Whether a severity is a number that no score is; what a whole one means from 0 to 10 is for people to say."""
    return isinstance(severity, int | float) and not 0 <= severity <= 10


def _problem(misfit: Misfit) -> Problem:
    return Problem(code=_CODES.get(misfit.type, "invalid"), detail=misfit.detail, pointer=misfit.pointer[:TITLE])


def _kind(value: object) -> str:
    return {str: "a text", bool: "a truth value", int: "a number", float: "a number", list: "a list"}.get(
        type(value), "null"
    )
