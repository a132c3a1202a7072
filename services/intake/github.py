"""Alerts as GitHub's webhooks bring them: code scanning, Dependabot and secret scanning, one alert in a body.

What a body says of anything else (a ping, a push) is skipped.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.intake import github_fields as fields
from services.intake import text
from services.intake.canonical import each, twice
from services.intake.items import Context, Item, Reason, Rejected, Skipped
from services.intake.parts import at, finished, rejected, text_at, when

_STATES: Mapping[str, Reason | None] = {
    "open": None,
    "fixed": "resolved",
    "dismissed": "suppressed",
    "auto_dismissed": "suppressed",
}
_ACTIONS: Mapping[str, str] = {
    "created": "open",
    "reopened": "open",
    "reopened_by_user": "open",
    "appeared_in_branch": "open",
    "fixed": "fixed",
    "closed_by_user": "dismissed",
}
"""What an action says of the state, for alerts that have none."""

_GONE = frozenset({"revoked", None})
"""How a secret is really done with; the other resolutions of an alert say that nobody will do anything."""

_THEIRS = {
    "/title": "/alert/rule/description",
    "/source/external_id": "/alert/number",
    "/source/system": "/repository/full_name",
}


def read(document: bytes, context: Context) -> Iterator[Item]:
    """One item for each body; several may follow one another. Raises Unreadable and TooLarge before the first item."""
    return each(document, context, _bodies, _item)


def claims(value: Any) -> bool:
    """Whether a JSON value is a body of GitHub's: an alert of a repository, or the ping by which a hook begins."""
    one = next((entry for entry in _bodies(value) if isinstance(entry, dict)), None)
    if one is None:
        return False
    return (isinstance(at(one, "alert"), dict) and isinstance(at(one, "repository"), dict)) or {
        "zen",
        "hook_id",
    } <= one.keys()


def _bodies(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def _item(index: int, raw: Any, content: text.Content, context: Context) -> Item:
    body, escaped = content.held(raw)
    if not isinstance(body, dict):
        return rejected(index, None, "not_an_object", "What GitHub sends is a JSON object.")
    if doubled := content.doubled(raw):
        return Rejected(index, None, [twice(doubled)])
    if "alert" not in body:
        return Skipped(index, None, "unrelated")
    alert = body["alert"]
    if not isinstance(alert, dict):
        return rejected(index, None, "not_an_object", "An alert is a JSON object.", "/alert")
    if (kind := fields.kind(alert)) is None:
        detail = "An alert is one of code scanning, Dependabot or secret scanning; this is none of them."
        return rejected(index, None, "unknown_alert", detail, "/alert")
    if (external_id := fields.external_id(body, kind)) is None:
        detail = "The repository's id and the alert's number together name an alert; one is absent."
        lacking = "/alert/number" if at(body, "repository", "id") is not None else "/repository/id"
        return rejected(index, None, "missing", detail, lacking)
    action = text_at(body, "action") or ""
    state = (text_at(alert, "state") or _ACTIONS.get(action, action)).casefold()
    if state == "resolved":
        resolution = text_at(alert, "resolution")
        gone: Reason = "resolved" if resolution in _GONE else "suppressed"
        return Skipped(index, external_id, gone, _revision(alert, action))
    if state not in _STATES:
        return rejected(
            index, external_id, "unknown_status", f"{state[:40]!r} is no state of an alert.", "/alert/state"
        )
    if (reason := _STATES[state]) is not None:
        return Skipped(index, external_id, reason, _revision(alert, action))
    mapped, flags = fields.mapped(body, kind)
    mapped["source"] = {"external_id": external_id}
    return finished(
        index,
        mapped,
        flags,
        context,
        system=(text_at(body, "repository", "full_name") or "")[:100] or None,
        revision=_revision(alert, action),
        escaped=escaped,
        theirs=_THEIRS,
    )


def _revision(alert: Mapping[str, Any], action: str) -> datetime | None:
    """When the alert last changed; None where that is not said.

    Code scanning leaves `updated_at` as it was at the beginning when an alert is reopened: that names no revision.
    """
    created, updated = when([], text_at(alert, "created_at")), when([], text_at(alert, "updated_at"))
    if updated is not None and (created is None or updated > created):
        return updated
    return created if action == "created" else None
