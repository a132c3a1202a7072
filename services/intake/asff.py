"""AWS Security Finding Format (2018-10-08), as Security Hub and scanners such as Prowler emit it, in all its envelopes.

Read: an array, `{Findings: []}`, `{findings: []}`, EventBridge events (`detail.findings`), one bare finding, and any of
these one after another.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from services.intake import asff_fields as fields
from services.intake import text
from services.intake.canonical import bound, bundled, twice
from services.intake.items import Context, Item, Reason, Rejected, Skipped, Unreadable
from services.intake.parts import finished, rejected, text_at, word_at

_OPEN = frozenset({"FAILED", "WARNING"})
_PASSED = frozenset({"PASSED"})
_NOT_ASSESSED = frozenset({"NOT_AVAILABLE", "INFOED", "INFO", "MANUAL"})
"""No result either way; the latter three are Prowler's, of checks that a person must do."""

_THEIRS = {"/title": "/Title", "/source/external_id": "/Id", "/source/system": "/ProductArn"}


def read(document: bytes, context: Context) -> Iterator[Item]:
    """One item for each finding of an ASFF document. Raises Unreadable and TooLarge before the first item.

    Of several revisions of one finding the newest counts, by `UpdatedAt`; repetitions of the same revision are for the
    ledger to tell. Where one revision both passed and failed (Prowler has one Id for a user's two keys), it failed.
    """
    content = text.Content.of(document, context.limits)
    found = [one for value in content.values() for one in _unwrapped(value, "")]
    bound(len(found), context.limits)
    newest = _newest(found)
    for index, one in enumerate(found):
        yield _item(index, one, newest, content, context)


def claims(value: Any) -> bool:
    """Whether a JSON value is ASFF: its first finding has a ProductArn or names the format's version."""
    try:
        entries = _unwrapped(value, "")
    except Unreadable:
        return False
    one = next((entry for entry in entries if isinstance(entry, dict)), None)
    if one is None:
        return isinstance(value, dict)
    return "ProductArn" in one or one.get("SchemaVersion") == "2018-10-08"


def _unwrapped(value: Any, path: str) -> Sequence[Any]:
    if isinstance(value, list):
        return [one for index, entry in enumerate(value) for one in _opened(entry, f"{path}/{index}")]
    return _opened(value, path)


def _opened(value: Any, path: str) -> Sequence[Any]:
    """The findings in one envelope, or the value itself."""
    if not isinstance(value, dict):
        return [value]
    detail = value.get("detail")
    if isinstance(detail, dict) and "findings" in detail:
        value, path = detail, f"{path}/detail"
    return bundled(value, ("Findings", "findings"), path)


def _newest(found: Sequence[Any]) -> dict[str, datetime]:
    newest: dict[str, datetime] = {}
    for one in found:
        revision = fields.revision(one)
        if (external_id := fields.external_id(one)) and revision:
            newest[external_id] = max(revision, newest.get(external_id, revision))
    return newest


def _item(index: int, raw: Any, newest: dict[str, datetime], content: text.Content, context: Context) -> Item:
    external_id, revision = fields.external_id(raw), fields.revision(raw)
    one, where = content.held(raw)
    safe_id = fields.external_id(one)
    if not isinstance(one, dict):
        return rejected(index, None, "not_an_object", "An ASFF finding is a JSON object.")
    if doubled := content.doubled(raw):
        return Rejected(index, safe_id, [twice(doubled)])
    if external_id is None:
        lacking = "Id" if text_at(one, "ProductArn") else "ProductArn"
        detail = f"ProductArn and Id, two texts, together name a finding; {lacking} is absent, or no text."
        return rejected(index, None, "missing", detail, f"/{lacking}")
    if revision and revision < newest[external_id]:
        return Skipped(index, safe_id, "superseded")
    if (reason := _closed(one)) is not None:
        return Skipped(index, safe_id, reason, revision)
    status = word_at(one, "Compliance", "Status")
    if status and status not in _OPEN:
        return rejected(
            index, safe_id, "unknown_status", f"{status[:40]!r} is no compliance status.", "/Compliance/Status"
        )
    mapped, flags = fields.mapped(one)
    named = fields.system(one)
    return finished(index, mapped, flags, context, system=named, revision=revision, escaped=where, theirs=_THEIRS)


def _closed(one: dict[str, Any]) -> Reason | None:
    """Why a finding is not open. Without a compliance result it is a threat or a vulnerability: open until resolved."""
    status = word_at(one, "Compliance", "Status")
    workflow = word_at(one, "Workflow", "Status") or word_at(one, "WorkflowState")
    if word_at(one, "RecordState") == "ARCHIVED":
        return "archived"
    if workflow in {"SUPPRESSED", "RESOLVED"}:
        return "suppressed" if workflow == "SUPPRESSED" else "resolved"
    if status in _PASSED:
        return "passed"
    if status in _NOT_ASSESSED:
        return "not_assessed"
    return "sample" if one.get("Sample") is True else None
