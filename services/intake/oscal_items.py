"""One finding of OSCAL's assessment results, or one item of its POA&M: open or not, and what becomes of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.intake import oscal_fields as fields
from services.intake import oscal_own, text
from services.intake.canonical import twice
from services.intake.items import Context, Item, Reason, Rejected, Skipped
from services.intake.oscal_document import Scope
from services.intake.parts import finished, list_at, rejected, text_at, when
from workflows.findings import SYSTEM, Flag, Problem

_OPEN, _PASSED = "not-satisfied", "satisfied"
_THEIRS = {
    "/statement": "/description",
    "/objective_evidence": "/related-observations",
    "/source/external_id": "/uuid",
    "/source/system": "/metadata/title",
}


def item(index: int, raw: Any, scope: Scope, context: Context) -> Item:
    """The item that a finding becomes, or an item of a POA&M."""
    one, escaped = text.held(raw)
    if not isinstance(one, dict):
        return rejected(index, None, "not_an_object", "A finding is an object.")
    external_id, assumed = fields.external_id(scope, one)
    if doubled := text.doubled(raw):
        return Rejected(index, external_id, [twice(doubled)])
    try:
        own = oscal_own.read(one, _plain(scope, one))
    except oscal_own.Mangled as mangled:
        return rejected(index, external_id, "not_json", str(mangled), mangled.pointer)
    if own is not None:
        external_id, assumed = own["source"]["external_id"], False
    if not isinstance(external_id, str):
        return rejected(index, None, "missing", "Its uuid names a finding; it has none, and no title.", "/uuid")
    related = _related(scope, one) if scope.is_plan else [one]
    if not scope.is_plan and (problem := _state_problem(one)) is not None:
        return Rejected(index, external_id, [problem])
    if (reason := _closed(scope, one, related)) is not None:
        system = text_at(own, "source", "system") if own is not None else None
        return Skipped(index, external_id, reason, system=system)
    mapped, flags = (own, []) if own is not None else fields.mapped(scope, one, related)
    if assumed:
        flags.append(Flag(code="key_assumed", pointer="/source/external_id"))
    mapped.setdefault("source", {"external_id": external_id})
    return finished(
        index,
        mapped,
        flags,
        context,
        system=(scope.title or "")[:SYSTEM].strip() or None,
        revision=when([], scope.changed),
        escaped=escaped,
        theirs=_THEIRS,
    )


def _plain(scope: Scope, one: Mapping[str, Any]) -> dict[str, Any]:
    """What OSCAL's own fields say, of an item of ours: its observation holds the evidence as it was."""
    observed = next(iter(scope.observations(one)), {})
    said = {
        "title": one.get("title"),
        "statement": one.get("description"),
        "objective_evidence": observed.get("description"),
        "detected_at": observed.get("collected"),
    }
    return {field: value for field, value in said.items() if value is not None}


def _related(scope: Scope, one: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The findings that an item of a POA&M is about."""
    named = [(text_at(reference, "finding-uuid") or "").casefold() for reference in list_at(one, "related-findings")]
    return [scope.findings[uuid] for uuid in dict.fromkeys(named) if uuid in scope.findings]


def _state(finding: Mapping[str, Any]) -> str | None:
    return (text_at(finding, "target", "status", "state") or "").casefold() or None


def _state_problem(finding: Mapping[str, Any]) -> Problem | None:
    state = _state(finding)
    if state in (_OPEN, _PASSED):
        return None
    pointer = "/target/status/state"
    if state is None:
        return Problem(code="missing", detail="The target's state says whether it is a finding.", pointer=pointer)
    detail = f"{state[:40]!r} is neither {_OPEN} nor {_PASSED}."
    return Problem(code="unknown_status", detail=detail, pointer=pointer)


def _closed(scope: Scope, one: Mapping[str, Any], related: Sequence[Mapping[str, Any]]) -> Reason | None:
    """Why it is not open: its objective is satisfied, or every risk of it is closed.

    A deviation (a risk accepted, a false positive) is for a person to judge: it stands in the evidence.
    """
    if related and all(_state(finding) == _PASSED for finding in related):
        return "resolved" if scope.is_plan else "passed"
    return "resolved" if fields.over(scope, one) else None
