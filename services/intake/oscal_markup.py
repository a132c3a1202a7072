"""The markup of OSCAL's XML as the Markdown that its JSON and YAML have in the same place."""

import re
from collections.abc import Mapping, Sequence

_MARKS = {"code": "`", "em": "*", "i": "*", "strong": "**", "b": "**", "sub": "~", "sup": "^", "q": '"'}
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | {"blockquote", "ol", "p", "pre", "table", "tr", "ul"}
_INLINE = {
    "a": "[{text}]({href})",
    "br": " ",
    "img": "![{alt}]({src})",
    "insert": "{{{{ insert: {type}, {id-ref} }}}}",
    "pre": "```\n{text}\n```",
}
_SPACE = re.compile(r"[ \t\r\n]+")

Part = str | tuple[str, str]
"""A run of text as it stands, or a markup element's name and the Markdown of it."""


def markdown(name: str, attributes: Mapping[str, str], parts: Sequence[Part]) -> str:
    """The Markdown of one markup element by what it holds, its own children being Markdown already."""
    if name in _MARKS:
        return f"{_MARKS[name]}{_joined(parts)}{_MARKS[name]}"
    if name in _INLINE:
        said = {"href": "", "alt": "", "src": "", "type": "", "id-ref": "", **attributes}
        return _INLINE[name].format_map({**said, "text": _joined(parts)})
    entries = [part[1] for part in parts if not isinstance(part, str)]
    match name:
        case "li":
            return prose(parts).replace("\n", "\n  ")
        case "ul":
            return "\n".join(f"* {entry}" for entry in entries)
        case "ol":
            return "\n".join(f"{number}. {entry}" for number, entry in enumerate(entries, 1))
        case "tr":
            return f"| {' | '.join(entries)} |"
        case "table":
            columns = entries[0].count(" | ") + 1 if entries else 0
            return "\n".join([*entries[:1], "|" + " --- |" * columns, *entries[1:]])
        case "blockquote":
            return "> " + prose(parts).replace("\n", "\n> ")
    return "#" * int(name[1]) + " " + inline(parts) if name in _HEADINGS else inline(parts)


def prose(parts: Sequence[Part]) -> str:
    """The Markdown of a field: its blocks, an empty line between them."""
    blocks: list[str] = []
    run: list[Part] = []
    for part in [*parts, ("p", "")]:
        if isinstance(part, str) or part[0] not in _BLOCKS:
            run.append(part)
            continue
        blocks += [inline(run), part[1]]
        run = []
    return "\n\n".join(block for block in blocks if block)


def inline(parts: Sequence[Part]) -> str:
    """One line: white space in XML is how it was laid out."""
    return _SPACE.sub(" ", _joined(parts)).strip(" ")


def _joined(parts: Sequence[Part]) -> str:
    return "".join(part if isinstance(part, str) else part[1] for part in parts)
