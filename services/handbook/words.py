"""How what stands in the rules is written in Markdown."""

from collections.abc import Iterable, Sequence


def first_paragraph(documented: object) -> str:
    """The first paragraph of a docstring, in one line."""
    return one_line((documented.__doc__ or "").strip().partition("\n\n")[0])


def whole(documented: object) -> str:
    """A docstring's text, a line a paragraph."""
    paragraphs = (documented.__doc__ or "").strip().split("\n\n")
    return "\n\n".join(one_line(paragraph) for paragraph in paragraphs)


def one_line(text: str) -> str:
    """A text without its line breaks."""
    return " ".join(text.split())


def code(names: Iterable[str]) -> str:
    """Names as code, behind each other."""
    return ", ".join(f"`{name}`" for name in names)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a bar inside a cell is escaped."""
    lines = [list(heads), ["---"] * len(heads), *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
