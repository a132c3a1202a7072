"""Findings in our own shape, one JSON object a line. A line that cannot be read loses no other."""

from collections.abc import Iterator

from services.intake import canonical, text
from services.intake.items import Context, Item, Limits, Rejected, TooLarge, Unreadable
from workflows.findings import Problem


def read(document: bytes, context: Context) -> Iterator[Item]:
    """One item for each line that is not blank. Raises Unreadable and TooLarge before the first item."""
    content = text.Content.of(document, context.limits)
    filled = _filled(content)
    canonical.bound(len(filled), context.limits)
    for index, (number, line) in enumerate(filled):
        yield _item(index, number, line, content, context)


def repeats(document: bytes, limits: Limits) -> bool:
    """Whether findings on two lines share an external id. Raises Unreadable and TooLarge for the document alone."""
    content = text.Content.of(document, limits)
    names: set[str] = set()
    for _, line in _filled(content):
        try:
            name = canonical.named(content.only(line))
        except (Unreadable, TooLarge):  # no finding, which its item will say
            continue
        if name in names:
            return True
        if name is not None:
            names.add(name)
    return False


def _filled(content: text.Content) -> list[tuple[int, str]]:
    # Not splitlines(): U+2028 and its like may stand inside a JSON text.
    return [(number, line) for number, line in enumerate(content.text.split("\n"), 1) if line.strip()]


def _item(index: int, number: int, line: str, content: text.Content, context: Context) -> Item:
    try:
        value = content.only(line)
    except Unreadable as error:
        detail = f"Line {number}, column {error.column}: {error.detail}"
        return Rejected(index, None, [Problem(code=error.code, detail=detail)])
    except TooLarge as error:
        return Rejected(index, None, [Problem(code=error.code, detail=f"Line {number}: {error.detail}")])
    return canonical.item(index, value, content, context)
