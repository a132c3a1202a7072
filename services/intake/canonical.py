"""Findings in our own shape (CONTRACT, Findings): one JSON object, or an array of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from services.intake import text
from services.intake.items import Context, Found, Item, Limits, Rejected, TooLarge, Unreadable
from workflows import findings
from workflows.findings import Finding, Problem, Unfit

_FIELDS = frozenset(Finding.model_fields)


def read(document: bytes, context: Context) -> Iterator[Item]:
    """One item for each finding of a JSON document. Raises Unreadable and TooLarge before the first item."""
    content = text.Content.of(document, context.limits)
    value = content.only()
    if not isinstance(value, list | dict):
        raise Unreadable("no_finding", "A document of findings is a JSON object, or a list of them.", path="")
    many = value if isinstance(value, list) else [value]
    bound(len(many), context.limits)
    for index, one in enumerate(many):
        yield item(index, one, content, context)


def repeats(document: bytes, limits: Limits) -> bool:
    """Whether findings of a JSON document may share an external id. Raises Unreadable and TooLarge."""
    value = text.Content.of(document, limits).only()
    many = value if isinstance(value, list) else []
    names = [name for one in many if (name := named(one)) is not None]
    return len(set(names)) < len(names)


def named(value: Any) -> str | None:
    """The external id of a value that may be a finding, as findings have it."""
    external_id = _external_id(value)
    return None if external_id is None else external_id.strip()


def claims(value: Any) -> bool:
    """Whether a JSON value is for us: half of its fields or more are a finding's. A list's first object decides."""
    one = next((entry for entry in value if isinstance(entry, dict)), None) if isinstance(value, list) else value
    return not isinstance(one, dict) or 2 * len(_FIELDS & one.keys()) >= len(one)


def item(index: int, value: Any, content: text.Content, context: Context) -> Item:
    """The item that a value of a JSON text becomes: a finding, or every reason why it is none."""
    safe, where = content.held(value)
    if doubled := content.doubled(value):
        return Rejected(index, _external_id(safe), [twice(doubled)])
    try:
        finding, flags = findings.read(safe, context.system, context.client)
    except Unfit as unfit:
        return Rejected(index, _external_id(safe), unfit.problems)
    return Found(index, finding, flags, escaped=where)


def each(
    document: bytes,
    context: Context,
    opened: Callable[[Any], Sequence[Any]],
    becomes: Callable[[int, Any, text.Content, Context], Item],
) -> Iterator[Item]:
    """One item for each entry of JSON values that follow one another, each `opened` to its entries.

    Raises Unreadable and TooLarge before the first item.
    """
    content = text.Content.of(document, context.limits)
    found = [one for value in content.values() for one in opened(value)]
    bound(len(found), context.limits)
    for index, raw in enumerate(found):
        yield becomes(index, raw, content, context)


def bound(count: int, limits: Limits) -> None:
    """Raises TooLarge for more items than one document may have."""
    if count > limits.items:
        raise TooLarge("too_many_items", f"The document has {count:,} findings; {limits.items:,} are allowed at once.")


def bundled(value: Mapping[str, Any], names: Iterable[str], path: str) -> list[Any]:
    """What an object holds under the first of these names that it has, else itself. Raises Unreadable for no list."""
    for name in names:
        if name in value:
            if isinstance(value, text.Twice) and name in value.keys_twice:
                raise Unreadable("duplicate_key", f"{name} comes twice.", path=f"{path}/{name}")
            if not isinstance(value[name], list):
                raise Unreadable("not_a_list", f"{name} is not a list.", path=f"{path}/{name}")
            return list(value[name])
    return [value]


def twice(pointer: str) -> Problem:
    """The problem of a key that comes twice."""
    return Problem(
        code="duplicate_key",
        detail="This key comes twice in its object: which one holds is open.",
        pointer=text.held(pointer)[0],
    )


def _external_id(value: Any) -> str | None:
    source = value.get("source") if isinstance(value, dict) else None
    external_id = source.get("external_id") if isinstance(source, dict) else None
    return external_id if isinstance(external_id, str) else None
