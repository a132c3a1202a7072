"""How what stands in the rules is written in Markdown."""

import re
import textwrap
from collections.abc import Iterable, Sequence

_WIDTH = 120
_FENCED = re.compile(r"(```.*?```)", re.DOTALL)
_PARAGRAPH = re.compile(r"^(?![|#]).+(?:\n(?![|#]).+)*", re.MULTILINE)
_MARK = re.compile(r"(?:\d+\.|-) ")


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


def reflowed(page: str) -> str:
    """A page whose paragraphs and lists are broken anew; headings, tables and code stay."""
    parts = _FENCED.split(page)
    return "".join(part if part.startswith("```") else _PARAGRAPH.sub(_broken, part) for part in parts)


def _broken(paragraph: re.Match[str]) -> str:
    """Each item of a list, or the whole paragraph, in lines of one length."""
    items = re.split(r"\n(?=(?:\d+\.|-) )", paragraph[0])
    return "\n".join(_filled(item) for item in items)


def _filled(text: str) -> str:
    mark = _MARK.match(text)
    return textwrap.fill(
        one_line(text), _WIDTH, subsequent_indent=" " * (mark.end() if mark else 0), break_on_hyphens=False
    )


def code(names: Iterable[str]) -> str:
    """Names as code, behind each other."""
    return ", ".join(f"`{name}`" for name in names)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a bar inside a cell is escaped."""
    lines = [list(heads), ["---"] * len(heads), *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
