"""OSCAL in XML, as the JSON value that says the same: read by a parser that knows no entities and fetches nothing."""

from dataclasses import dataclass, field
from typing import Any, NoReturn
from xml.parsers import expat

from services.intake import text
from services.intake.items import Limits, TooLarge, Unreadable
from services.intake.oscal_markup import Part, markdown, prose
from services.intake.oscal_names import BARE, EMPTY, GROUPS, LISTS, MARKUP, NAMESPACE, SINGLE


def value(document: bytes, limits: Limits) -> Any:
    """The document as its JSON would be, an object of its root element's name. Raises Unreadable and TooLarge.

    A document type is refused whole: nothing that OSCAL has needs one, and entities, their expansion and what is
    fetched from elsewhere all begin there.
    """
    if len(document) > limits.bytes:
        raise TooLarge("too_many_bytes", f"The document has {len(document):,} bytes; {limits.bytes:,} are allowed.")
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    reader = _Reader(parser, limits)
    parser.StartElementHandler = reader.begin
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.data
    parser.StartDoctypeDeclHandler = reader.doctype
    try:
        parser.Parse(document, True)
    except (Unreadable, TooLarge):
        raise
    except expat.ExpatError as error:
        detail = f"{expat.ErrorString(error.code).capitalize()}."
        raise Unreadable("not_xml", detail, line=error.lineno, column=error.offset + 1) from None
    except (LookupError, ValueError) as error:  # an encoding that is none, or not of single bytes
        raise Unreadable("not_xml", f"The document's encoding cannot be read: {error}.", line=1, column=1) from None
    return reader.root


@dataclass(slots=True)
class _Element:
    """An element that is still open. `parts` are its texts and markup, `fields` its other children by their keys."""

    name: str
    attributes: dict[str, str]
    fields: list[tuple[str, Any]] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)


class _Reader:
    """What becomes of each element once it ends; nothing of it is kept but its value."""

    def __init__(self, parser: expat.XMLParserType, limits: Limits) -> None:
        self.parser, self.limits, self.count = parser, limits, 0
        self.open: list[_Element] = []
        self.root: Any = None

    def doctype(self, *_: object) -> NoReturn:
        detail = "The document declares a document type; leave it out: no entity is read, and nothing is fetched."
        self._refuse("doctype", detail)

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        namespace, _, name = tag.rpartition(" ")
        self.count += 1 + len(attributes)
        if self.count > self.limits.values:
            raise TooLarge("too_many_values", f"The document has more than {self.limits.values:,} values.")
        if len(self.open) >= self.limits.depth:
            raise TooLarge("too_deep", f"The document nests deeper than {self.limits.depth} levels.")
        if namespace not in ("", NAMESPACE):
            self._refuse("not_oscal", f"The element {name[:40]!r} is of the namespace {namespace[:80]!r}.")
        plain = {key: one for key, one in attributes.items() if " " not in key}
        self.open.append(_Element(name, plain))

    def data(self, data: str) -> None:
        self.open[-1].parts.append(data)

    def end(self, _: str) -> None:
        done = self.open.pop()
        if not self.open:
            self.root = {done.name: _value(done)}
        elif done.name in MARKUP:
            self.open[-1].parts.append((done.name, markdown(done.name, done.attributes, done.parts)))
        elif done.name in GROUPS:
            self.open[-1].fields += done.fields
        else:
            self.open[-1].fields.append((done.name, _value(done)))

    def _refuse(self, code: str, detail: str) -> NoReturn:
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        raise Unreadable(code, detail, line=line, column=column)


def _value(done: _Element) -> Any:
    """A text where the element holds nothing else; else an object of its attributes, its children and its text."""
    said = prose(done.parts)
    if not done.fields and not done.attributes:
        return {} if done.name in EMPTY else said
    pairs: list[tuple[str, Any]] = list(done.attributes.items())
    entries: dict[str, list[Any]] = {}
    for name, one in done.fields:
        if (plural := LISTS.get(name)) is None or (done.name, name) in SINGLE:
            pairs.append((name, one))
        elif plural in entries:
            entries[plural].append(one)
        else:
            entries[plural] = [one]
            pairs.append((plural, entries[plural]))
    if said:
        pairs.append((_key(done), said))
    return text.unique(pairs)


def _key(done: _Element) -> str:
    return "prose" if done.name in ("part", "guideline") else BARE.get(done.name, "value")
