"""CloudEvents 0.3 and 1.0: an event or a batch in JSON, around documents of any other format.

In binary mode the attributes are headers and the body is the document itself: `binary` reads the former.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.intake import text
from services.intake.canonical import bound, twice
from services.intake.items import Context, Found, Item, Rejected, TooLarge, UnknownFormat, Unreadable
from services.intake.parts import key, rejected, text_at

VERSIONS = ("0.3", "1.0")
HEADER = "ce-"
_NAMED = ("specversion", "id", "source", "type")

Inner = Callable[[bytes, str | None, Context], Sequence[Item]]
"""Reads the document in an event, by its media type where one is stated. Raises what `intake.read` raises."""


@dataclass(frozen=True, slots=True)
class Named:
    """What names an event: source and id together."""

    source: str
    id: str

    @property
    def delivery(self) -> str:
        """The key that its deliveries share."""
        return key(self.source, self.id)


def binary(headers: Mapping[str, str]) -> Named | None:
    """The event of a request in binary mode, by its headers in lower case; None where they are of no event.

    Raises Unreadable for attributes that name no event.
    """
    stated = {name.removeprefix(HEADER): value for name, value in headers.items() if name.startswith(HEADER)}
    if "specversion" not in stated:
        return None
    if fault := _fault(stated):
        code, detail, lacking = fault
        raise Unreadable(code, detail, path=f"/{HEADER}{lacking}")
    return Named(stated["source"].strip(), stated["id"].strip())


def claims(value: Any) -> bool:
    """Whether a JSON value is an event, or a batch of them: it names the version of the specification."""
    one = next((entry for entry in value if isinstance(entry, dict)), None) if isinstance(value, list) else value
    return isinstance(one, dict) and "specversion" in one


def read(document: bytes, context: Context, inner: Inner) -> Iterator[Item]:
    """The items of the documents in a JSON event or batch. Raises Unreadable and TooLarge before the first item.

    An event whose document cannot be read is one rejected item, and loses no other.
    """
    content = text.Content.of(document, context.limits)
    value = content.only()
    events = value if isinstance(value, list) else [value]
    bound(len(events), context.limits)
    found = [item for event in events for item in _event(event, content, context, inner)]
    bound(len(found), context.limits)
    yield from (replace(item, index=index) for index, item in enumerate(found))


def _event(raw: Any, content: text.Content, context: Context, inner: Inner) -> Sequence[Item]:
    event, _ = content.held(raw)
    if not isinstance(event, dict):
        return [rejected(0, None, "not_an_object", "An event is a JSON object.")]
    if doubled := content.doubled(raw):
        return [Rejected(0, None, [twice(doubled)])]
    if fault := _fault(event):
        code, detail, lacking = fault
        return [rejected(0, None, code, detail, f"/{lacking}")]
    named = Named(event["source"].strip(), event["id"].strip()).delivery
    try:
        items = inner(_data(raw), text_at(event, "datacontenttype"), context)
    except (Unreadable, TooLarge, UnknownFormat) as error:
        path = error.path if isinstance(error, Unreadable) else None
        # What is said of a document may quote what cannot be held of it.
        detail, pointer = (text.held(said)[0] for said in (error.detail, f"/data{path or ''}"))
        return [rejected(0, named, error.code, detail, pointer)]
    return [replace(item, delivery=f"{named}#{item.index}") if isinstance(item, Found) else item for item in items]


def _fault(stated: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """What is wrong with the attributes: code, sentence and attribute."""
    lacking = next((name for name in _NAMED if text_at(stated, name) is None), None)
    if lacking is not None:
        return "missing", f"An event has the attribute {lacking}, as text.", lacking
    version = str(stated["specversion"]).strip()
    if version not in VERSIONS:
        return "unknown_version", f"CloudEvents {version[:20]!r} is none of {', '.join(VERSIONS)}.", "specversion"
    return None


def _data(event: Mapping[str, Any]) -> bytes:
    """The document in an event: base64 where it says so, a text as it is, any other JSON value as JSON.

    Raises Unreadable.
    """
    data = event.get("data")
    packed = event.get("data_base64")
    if packed is None and str(event.get("datacontentencoding")).casefold() == "base64":
        data, packed = None, data
    if data is not None and packed is not None:
        raise Unreadable("two_documents", "An event has either data or data_base64.", path="")
    if packed is not None:
        try:
            return base64.b64decode(packed if isinstance(packed, str) else "?", validate=True)
        except (binascii.Error, ValueError):
            raise Unreadable("not_base64", "The document in the event is not base64.", path="") from None
    if data is None:
        raise Unreadable("empty", "The event holds no document.", path="")
    if isinstance(data, str):
        return data.encode("utf-8", "surrogatepass")
    return json.dumps(data).encode()
