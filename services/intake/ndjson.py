"""Findings in our own shape, one JSON object a line. A line that cannot be read loses no other."""

from collections.abc import Iterator

from services.intake import canonical, text
from services.intake.items import Context, Item, Rejected, TooLarge, Unreadable
from workflows.findings import Problem


def read(document: bytes, context: Context) -> Iterator[Item]:
    """One item for each line that is not blank. Raises Unreadable and TooLarge before the first item."""
    # Not splitlines(): U+2028 and its like may stand inside a JSON text.
    content = text.Content.of(document, context.limits)
    filled = [(number, line) for number, line in enumerate(content.text.split("\n"), 1) if line.strip()]
    canonical.bound(len(filled), context.limits)
    for index, (number, line) in enumerate(filled):
        yield _item(index, number, line, content, context)


def _item(index: int, number: int, line: str, content: text.Content, context: Context) -> Item:
    try:
        value = content.only(line)
    except Unreadable as error:
        detail = f"Line {number}, column {error.column}: {error.detail}"
        return Rejected(index, None, [Problem(code=error.code, detail=detail)])
    except TooLarge as error:
        return Rejected(index, None, [Problem(code=error.code, detail=f"Line {number}: {error.detail}")])
    return canonical.item(index, value, content, context)
