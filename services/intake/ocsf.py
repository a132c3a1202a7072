"""Findings of the Open Cybersecurity Schema Framework (OCSF 1.0 to 1.4): one event, a list, a bundle, or one a line.

Classes: Security Finding (2001, deprecated since 1.1), Vulnerability (2002), Compliance (2003) and Detection (2004).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.intake import ocsf_fields as fields
from services.intake import text
from services.intake.canonical import bound, bundled, twice
from services.intake.items import Context, Item, Reason, Rejected, Skipped, TooLarge, Unreadable
from services.intake.parts import at, finished, rejected, text_at, whole_at, word_at
from workflows.findings import Flag, Problem

_CLASSES = {2001: "Security Finding", 2002: "Vulnerability", 2003: "Compliance", 2004: "Detection"}
_COMPLIANCE = 2003
_CLOSE = 3
_STATUS: Mapping[str, Reason] = {
    "SUPPRESSED": "suppressed",
    "RESOLVED": "resolved",
    "ARCHIVED": "archived",
    "DELETED": "archived",
}
_STATUS_IDS = {1: "NEW", 2: "IN PROGRESS", 3: "SUPPRESSED", 4: "RESOLVED", 5: "ARCHIVED", 6: "DELETED"}
_RESULT_IDS = {1: "PASS", 2: "WARNING", 3: "FAIL"}
_OPEN = frozenset({"FAIL", "FAILED", "WARNING", "WARN", "NON_COMPLIANT", "NONCOMPLIANT"})
_PASSED = frozenset({"PASS", "PASSED", "COMPLIANT"})
_NOT_ASSESSED = frozenset(
    {"MANUAL", "INFO", "INFOED", "NOT_AVAILABLE", "NOT AVAILABLE", "NOT_APPLICABLE", "UNKNOWN", "OTHER", "SKIPPED"}
)
_MUTED = "MUTED"
_BUNDLES = ("events", "Findings", "findings")
_THEIRS = {
    "/title": "/finding_info/title",
    "/source/external_id": "/finding_info/uid",
    "/source/system": "/metadata/product/name",
}


@dataclass(frozen=True, slots=True)
class _Broken:
    """A line that is no JSON."""

    problem: Problem


def read(document: bytes, context: Context) -> Iterator[Item]:
    """One item for each event of an OCSF document. Raises Unreadable and TooLarge before the first item.

    Where every event has its line, a line that cannot be read loses no other. Of several events of one finding the
    newest counts, by `modified_time`, else `time`; repetitions are for the ledger to tell.
    """
    content = text.Content.of(document, context.limits)
    events = list(_events(content))
    bound(len(events), context.limits)
    known = [(_external_id(raw, content), fields.revision(raw)) for raw in events]
    newest: dict[str, datetime] = {}
    for external_id, changed in known:
        if external_id and changed:
            newest[external_id] = max(changed, newest.get(external_id, changed))
    for index, (raw, (external_id, changed)) in enumerate(zip(events, known, strict=True)):
        old = bool(external_id and changed and changed < newest[external_id])
        yield _item(index, raw, external_id, changed, old, content, context)


def claims(value: Any) -> bool:
    """Whether a JSON value is OCSF: its first event names a class of events, or a finding beside its metadata."""
    try:
        opened = [one for one in _opened(value, "") if isinstance(one, dict)]
    except Unreadable:
        return False
    return bool(opened) and (
        whole_at(opened[0], "class_uid") is not None
        or ("finding_info" in opened[0] and isinstance(at(opened[0], "metadata"), dict))
    )


def _events(content: text.Content) -> Iterator[Any]:
    # Not splitlines(): U+2028 and its like may stand inside a JSON text.
    lines = [(number, line) for number, line in enumerate(content.text.split("\n"), 1) if line.strip()]
    if len(lines) > 1 and 2 * sum(line.lstrip()[0] == "{" and line.rstrip()[-1] == "}" for _, line in lines) > len(
        lines
    ):
        for number, line in lines:
            yield from _line(number, line, content)
        return
    for value in content.values():
        yield from _opened(value, "")


def _line(number: int, line: str, content: text.Content) -> Sequence[Any]:
    try:
        return _opened(content.only(line), "")
    except Unreadable as error:
        place = f"Line {number}, column {error.column}" if error.column else f"Line {number}"
        return [_Broken(Problem(code=error.code, detail=f"{place}: {error.detail}", pointer=error.path or ""))]
    except TooLarge as error:
        return [_Broken(Problem(code=error.code, detail=f"Line {number}: {error.detail}"))]


def _opened(value: Any, path: str) -> Sequence[Any]:
    """The events of a value: itself, or what a list or a bundle (also EventBridge's `detail.findings`) holds."""
    if isinstance(value, list):
        return [one for index, entry in enumerate(value) for one in _bundle(entry, f"{path}/{index}")]
    return _bundle(value, path)


def _bundle(value: Any, path: str) -> Sequence[Any]:
    if not isinstance(value, dict) or "class_uid" in value:
        return [value]
    if isinstance(detail := value.get("detail"), dict):
        value, path = detail, f"{path}/detail"
    return bundled(value, _BUNDLES, path)


def _external_id(raw: Any, content: text.Content) -> str | None:
    external_id = fields.external_id(raw)
    return content.held(external_id)[0] if external_id else None


def _item(
    index: int,
    raw: Any,
    external_id: str | None,
    revision: datetime | None,
    old: bool,
    content: text.Content,
    context: Context,
) -> Item:
    if isinstance(raw, _Broken):
        return Rejected(index, None, [raw.problem])
    one, escaped = content.held(raw)
    if not isinstance(one, dict):
        return rejected(index, None, "not_an_object", "An OCSF event is a JSON object.")
    if doubled := content.doubled(raw):
        return Rejected(index, external_id, [twice(doubled)])
    if (wrong := _class_problem(one)) is not None:
        return Rejected(index, external_id, [wrong])
    if external_id is None:
        return rejected(index, None, "missing", "finding_info.uid names a finding; it is absent.", "/finding_info/uid")
    if old:
        return Skipped(index, external_id, "superseded")
    if (reason := _closed(one)) is not None:
        return Skipped(index, external_id, reason, revision)
    result = word_at(one, "compliance", "status")
    if result and _class(one) == _COMPLIANCE and result not in _OPEN:
        detail = f"{result[:40]!r} is no compliance status."
        return rejected(index, external_id, "unknown_status", detail, "/compliance/status")
    mapped, flags = fields.mapped(one)
    mapped["source"] = {"external_id": external_id}
    if _contradicts(one):
        flags.append(Flag(code="status_contradicts", pointer="/status_id"))
    return finished(
        index,
        mapped,
        flags,
        context,
        system=fields.system(one),
        revision=revision,
        escaped=escaped,
        theirs=_THEIRS,
    )


def _class(one: Mapping[str, Any]) -> int | None:
    named, kind = whole_at(one, "class_uid"), whole_at(one, "type_uid")
    return named if named is not None or kind is None else kind // 100


def _class_problem(one: Mapping[str, Any]) -> Problem | None:
    named = _class(one)
    if named in _CLASSES:
        return None
    if named is None:
        return Problem(code="missing", detail="class_uid says what kind of event it is.", pointer="/class_uid")
    read = ", ".join(f"{number} {name}" for number, name in _CLASSES.items())
    detail = f"Events of the OCSF class {str(named)[:20]} are no findings that we read; those are {read}."
    return Problem(code="unknown_class", detail=detail, pointer="/class_uid")


def _closed(one: Mapping[str, Any]) -> Reason | None:
    """Why a finding is not open. Without a compliance result it is a threat or a vulnerability: open until resolved."""
    activity, kind = whole_at(one, "activity_id"), whole_at(one, "type_uid")
    if activity == _CLOSE or (activity is None and kind is not None and kind % 100 == _CLOSE):
        return "resolved"
    # The caption holds before the number: Prowler 4.2 wrote status_id 3 (suppressed) beside "New".
    status = word_at(one, "status") or _STATUS_IDS.get(whole_at(one, "status_id") or 0, "")
    result = _result(one)
    if status in _STATUS:
        return _STATUS[status]
    if result == _MUTED:
        return "suppressed"
    if result in _PASSED:
        return "passed"
    if result in _NOT_ASSESSED or (result is None and _class(one) == _COMPLIANCE):
        return "not_assessed"
    return None


def _result(one: Mapping[str, Any]) -> str | None:
    """What the check came to: the compliance object's, else the event's own where it has no such object."""
    stated = word_at(one, "compliance", "status")
    if stated is None and (number := whole_at(one, "compliance", "status_id")) is not None:
        return _RESULT_IDS.get(number, "OTHER")
    return stated or word_at(one, "compliance", "status_code") or word_at(one, "status_code")


def _contradicts(one: Mapping[str, Any]) -> bool:
    number = _STATUS_IDS.get(whole_at(one, "status_id") or 0)
    return text_at(one, "status") is not None and number in _STATUS
