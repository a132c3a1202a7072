"""DefectDojo's Generic Findings Import: `{"name": …, "type": …, "findings": [{"title": …, "severity": …}]}`, or CSV."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.intake import defectdojo_fields as fields
from services.intake import defectdojo_table as table
from services.intake import text
from services.intake.canonical import bound, twice
from services.intake.items import Context, Item, Rejected, Skipped, Unreadable
from services.intake.parts import Spots, finished, rejected

looks = table.looks


def read(document: bytes, context: Context) -> Iterator[Item]:
    """One item for each entry of `findings`, or row. Raises Unreadable and TooLarge before the first item."""
    return _rows(document, context) if looks(document) else _entries(document, context)


def _entries(document: bytes, context: Context) -> Iterator[Item]:
    content = text.Content.of(document, context.limits)
    value = content.only()
    entries = value.get("findings") if isinstance(value, dict) else None
    if not isinstance(entries, list):
        raise Unreadable("not_a_list", "A DefectDojo report is an object with a list `findings`.", path="/findings")
    if isinstance(value, text.Twice):
        name = value.keys_twice[0]
        raise Unreadable("duplicate_key", f"{name[:40]!r} comes twice.", path=f"/{text.escaped(name)}")
    bound(len(entries), context.limits)
    about, _ = content.held({name: one for name, one in value.items() if name != "findings"})
    spots = Spots()
    for index, raw in enumerate(entries):
        one, escaped = content.held(raw)
        if not isinstance(one, dict):
            yield rejected(index, None, "not_an_object", "A finding of DefectDojo is a JSON object.")
            continue
        external_id = fields.external_id(one, about, spots)
        if doubled := content.doubled(raw):
            yield Rejected(index, external_id, [twice(doubled)])
            continue
        yield _item(index, external_id, one, escaped, about, context)


def claims(value: Any) -> bool:
    """Whether a JSON value is such a report: its findings have titles and severities, or nothing at all yet."""
    entries = value.get("findings") if isinstance(value, dict) else None
    if not isinstance(entries, list):
        return False
    objects = [one for one in entries if isinstance(one, dict)]
    return bool(objects) and (
        any("title" in one and ("severity" in one or "cwe" in one or "description" in one) for one in objects)
        or not any(objects)
    )


def _rows(document: bytes, context: Context) -> Iterator[Item]:
    rows = table.rows(document, context.limits)
    bound(len(rows), context.limits)
    spots = Spots()
    for index, row in enumerate(rows):
        if row.fault is not None:
            yield Rejected(index, None, [row.fault])
            continue
        one, escaped = text.held(row.entry)
        item = _item(index, fields.external_id(one, {}, spots), one, escaped, {}, context)
        if isinstance(item, Rejected):
            problems = [one.model_copy(update={"detail": f"Line {row.number}: {one.detail}"}) for one in item.problems]
            item = Rejected(index, item.external_id, problems)
        yield item


def _item(
    index: int,
    external_id: str,
    one: Mapping[str, Any],
    escaped: Sequence[str],
    about: Mapping[str, Any],
    context: Context,
) -> Item:
    if (reason := fields.closed(one)) is not None:
        return Skipped(index, external_id, reason)
    mapped, flags = fields.mapped(one)
    mapped["source"] = {"external_id": external_id}
    return finished(index, mapped, flags, context, system=fields.system(about), escaped=escaped, theirs={})
