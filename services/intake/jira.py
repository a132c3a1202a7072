"""Issues of Jira, Cloud and Server, as its webhooks and its automation send them: one issue in a body.

What a body says of anything else (a comment, a worklog) is skipped: it holds no issue, or part of one.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.intake import jira_fields as fields
from services.intake import text
from services.intake.canonical import bundled, each, twice
from services.intake.items import Context, Item, Reason, Rejected, Skipped, Unreadable
from services.intake.parts import at, finished, rejected, text_at

_ABOUT_ISSUES = "jira:issue_"
_DELETED = "jira:issue_deleted"
_DONE = "done"
"""The key of the category of states that end an issue, whatever a project calls them."""

_THEIRS = {"/title": "/fields/summary", "/source/external_id": "/id", "/source/system": "/self"}


def read(document: bytes, context: Context) -> Iterator[Item]:
    """One item for each issue; several bodies may follow one another. Raises Unreadable and TooLarge at first."""
    return each(document, context, _bodies, _item)


def claims(value: Any) -> bool:
    """Whether a JSON value is Jira's: it names a webhook's event, or is an issue with its fields."""
    try:
        one = next((entry for entry in _bodies(value) if isinstance(entry, dict)), None)
    except Unreadable:
        return False
    if one is None:
        return False
    issue = one.get("issue", one)
    event = one.get("webhookEvent")
    return isinstance(event, str) or (isinstance(at(issue, "fields"), dict) and "key" in issue and "id" in issue)


def _bodies(value: Any) -> Sequence[Any]:
    """The bodies of a value: itself, those of a list, or the issues of a search's answer."""
    if isinstance(value, list):
        return value
    return bundled(value, ("issues",), "") if isinstance(value, dict) else [value]


def _item(index: int, raw: Any, content: text.Content, context: Context) -> Item:
    body, escaped = content.held(raw)
    if not isinstance(body, dict):
        return rejected(index, None, "not_an_object", "What Jira sends is a JSON object.")
    if doubled := content.doubled(raw):
        return Rejected(index, None, [twice(doubled)])
    event = text_at(body, "webhookEvent")
    issue = body.get("issue") if event or "issue" in body else body
    if not isinstance(issue, dict) or (event and not event.startswith(_ABOUT_ISSUES)):
        return Skipped(index, None, "unrelated")
    if (external_id := fields.external_id(issue)) is None:
        return rejected(index, None, "missing", "An issue's id names it; it is absent.", "/issue/id")
    if (reason := _closed(issue, event)) is not None:
        return Skipped(index, external_id, reason, fields.revision(issue))
    mapped, flags = fields.mapped(issue)
    mapped["source"] = {"external_id": external_id}
    return finished(
        index,
        mapped,
        flags,
        context,
        system=fields.host(issue),
        revision=fields.revision(issue),
        escaped=escaped,
        theirs=_THEIRS,
    )


def _closed(issue: Mapping[str, Any], event: str | None) -> Reason | None:
    """Why an issue is not open: its state's category says so, or its resolution where states have no category."""
    if event == _DELETED:
        return "archived"
    category = text_at(issue, "fields", "status", "statusCategory", "key")
    done = category == _DONE if category else at(issue, "fields", "resolution") is not None
    return "resolved" if done else None
