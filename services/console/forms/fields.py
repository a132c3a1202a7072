"""Forms made from the schema of a command's body: what is asked, what was typed, and what is wrong with it. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.console.forms.typed import Schema, Typed, holds_rows, resolved, rows
from services.console.frame.catalogue import gettext, mark
from services.console.frame.words import humanised, word
from workflows.people import Frozen

Options = Mapping[str, Sequence[tuple[str, str]]]
"""What may be chosen for a field, by its name without the numbers of rows: value and words."""

LONG = 300
"""A text that may be longer than this has a field of several lines."""

SHORT = frozenset({"category", "media_type", "name", "owner", "title"})
"""Texts that take one line, however long they may be."""

WORDED = frozenset({"choice", "deadline", "effect", "grade", "outcome", "recommendation", "stage", "wanted"})
"""Choices that have words of their own."""

FIRST = frozenset({"client", "key"})
"""What a form is about: it is asked first where it has to be said."""

WHY = frozenset({"note", "reason", "reasons", "summary"})
"""Fields in which somebody says why: they come last, when all else is said."""

AT_ONCE = frozenset({"audit", "steps"})
"""Fields that keep their place before what has to be said, though they can be left empty: they lead to it."""

COUNTED = 100
"""The characters of a text are counted for whoever writes it where its bound is at least this."""

NEAR = 0.9
"""From this part of its bound on, a text's length is told."""

FEW = 5
"""So many choices stand side by side; more are in a list."""

MANY = 30
"""So many known values of a list are there to be ticked; any other is typed."""

LABELS: Mapping[str, str] = {
    "aliases": mark("Also called, one a line"),
    "after": mark("Waits for these actions"),
    "cases": mark("What is open there, by number or id, one a line"),
    "causes": mark("Causes"),
    "containment": mark("How the matter is contained meanwhile"),
    "deadline": mark("Which date"),
    "done_on": mark("Done on"),
    "due_on": mark("Due on"),
    "ends_on": mark("Last day"),
    "expires_on": mark("Holds until the end of"),
    "extent": mark("Extent: where else it was looked for"),
    "found": mark("What was found there, one a line"),
    "four_eyes": mark("Whoever submits a plan is not who prepared it"),
    "from_body": mark("Body that issued it"),
    "internal_confirmation": mark("Its internal auditor confirms that actions are effective"),
    "into": mark("The client that stays"),
    "issued_on": mark("Holds from"),
    "key": mark("Short name"),
    "label": mark("The scheme's own word for it"),
    "looked_at": mark("Where it was looked for, one a line"),
    "media_type": mark("Media type"),
    "not_possible_because": mark("Not possible, because"),
    "on": mark("On"),
    "others": mark("The other minors, by id"),
    "produced_on": mark("Produced on"),
    "rate": mark("Requests a minute at most"),
    "replaces": mark("Instead of the packaged ones"),
    "sections": mark("What goes back, and why"),
    "secret": mark("A secret that the sender has already"),
    "sha256": mark("SHA-256 of the file"),
    "shows": mark("Which actions or causes it shows"),
    "size": mark("Size in bytes"),
    "stage1_waived": mark("It needs no stage 1, because"),
    "starts_on": mark("First day"),
    "steps": mark("Steps, one a line"),
    "text": mark("Text"),
    "texts": mark("Reasons, one a line"),
    "to": mark("It goes back to"),
    "until": mark("Until"),
    "url": mark("Address, https"),
}
HINTS: Mapping[str, str] = {
    "actions.key": mark("Others refer to the action by it: letters, digits, . _ -"),
    "causes.key": mark("Actions and evidence refer to the cause by it: letters, digits, . _ -"),
    "causes.category": mark("For a fishbone: one of the six that are offered, or your own"),
    "steps": mark("For five whys: each answer asks the next why"),
    "secret": mark("One is made where none is given"),
    "requirements": mark("One a line, such as ISO/IEC 27001:2022 A.5.18"),
    "reference": mark("Your own word for it, by which it is known again; one is made up where you have none"),
    "country": mark("Two letters, such as AT: its holidays count where a policy counts working days"),
    "subdivision": mark("Of a country that has holidays of its own there, such as BY for Bavaria"),
    "into": mark("By its key"),
    "zone": mark("Such as Europe/Vienna: its days end by this clock"),
    "label": mark("Leave it empty unless the scheme has one, such as critical or level 1"),
}


@dataclass(frozen=True, slots=True)
class Note:
    """What is said of one choice; one that is `shut` is shown, and cannot be made."""

    said: str
    shut: bool = False


@dataclass(frozen=True, slots=True)
class Advice:
    """What a form says of a field beyond its schema: a hint, when it is `needed`, and notes on choices by value.

    Choices with notes stand side by side, however many they are.
    """

    hint: str = ""
    needed: str = ""
    notes: Mapping[str, Note] = field(default_factory=dict)


@dataclass(slots=True)
class Field:
    """One field of a form.

    `needed` says that the schema asks for it, `unless` when else it is, `required` that a browser may insist on it.
    `kind` is what draws it: text, line, number, date, moment, select, radios, checks, lines, group, rows. `values` are
    what was typed, `known` what exists and may be named, `notes` what is said of choices, `parts` the fields of a
    group, `rows` those of each row, `most` how many characters a text may have.
    """

    name: str
    label: str
    kind: str
    needed: bool
    required: bool
    values: Sequence[str] = ()
    options: Sequence[tuple[str, str]] = ()
    known: Sequence[tuple[str, str]] = ()
    hint: str = ""
    fault: str = ""
    unless: str = ""
    notes: Mapping[str, Note] = field(default_factory=dict)
    parts: Sequence["Field"] = ()
    rows: Sequence[Sequence["Field"]] = ()
    most: int | None = None

    @property
    def value(self) -> str:
        """What was typed into a field of one value."""
        return self.values[0] if self.values else ""

    @property
    def lines(self) -> str:
        """What was typed into a field of several values, one a line."""
        return "\n".join(self.values)

    @property
    def listed(self) -> Sequence[str]:
        """The values of a field of several."""
        return [line.strip() for text in self.values for line in text.splitlines() if line.strip()]

    @property
    def others(self) -> str:
        """Those of them that are not known, one a line."""
        known = {value for value, _ in self.known}
        return "\n".join(one for one in self.listed if one not in known)

    @property
    def length(self) -> int:
        """How many characters of its bound a text takes, as the record counts them."""
        return len(self.value.replace("\r\n", "\n").strip())

    @property
    def near(self) -> int:
        """From how many characters on a text's length is told."""
        return int((self.most or 0) * NEAR)

    @property
    def place(self) -> str:
        """Its id in the page."""
        return f"f-{self.name.replace('.', '-')}"


@dataclass(frozen=True, slots=True)
class Asking:
    """What the fields of a form are made with.

    `faults` are by JSON pointer, `advice` by a field's name as `options` are, `more` names a list that gets another
    row. `known` are what exists, by a field's name, beside which anything else may be typed, `begins` what a row
    that is added to a list begins with.
    """

    root: Schema
    typed: Typed
    options: Options = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    more: str = ""
    advice: Mapping[str, Advice] = field(default_factory=dict)
    known: Options = field(default_factory=dict)
    begins: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def schema_of(shape: type[Frozen]) -> Schema:
    """The schema of a body."""
    return shape.model_json_schema()


def fields(asking: Asking) -> list[Field]:
    """The fields of a body, its signature left out."""
    return [_field(asking, name, part, needed) for name, part, needed in _asked(asking.root) if name != "signature"]


def _asked(schema: Schema) -> list[tuple[str, Schema, bool]]:
    """What an object asks for, as a person fills it in: what it is, what has to be said, what may be, then why."""
    needed = schema.get("required", ())
    asked = [(name, part, name in needed) for name, part in schema.get("properties", {}).items()]
    return sorted(
        asked,
        key=lambda one: (one[0] in WHY, not one[2] and one[0] not in AT_ONCE, not (one[2] and one[0] in FIRST)),
    )


def places(fields: Sequence[Field]) -> Iterator[str]:
    """The pointers that some field of these shows; what is wrong elsewhere is said above the form."""
    for one in fields:
        at = "/" + one.name.replace(".", "/")
        yield from (at, *(f"{at}/{line}" for line in range(len(one.listed)) if one.kind == "lines"))
        yield from places(one.parts)
        for row in one.rows:
            yield from places(row)


def _field(asking: Asking, name: str, part: Schema, required: bool) -> Field:
    schema = resolved(part, asking.root)
    plain = ".".join(step for step in name.split(".") if not step.isdigit())
    own = plain.rpartition(".")[2]
    advice = asking.advice.get(plain, Advice())
    made = Field(
        name=name,
        label=gettext(LABELS[own]) if own in LABELS else humanised(own),
        kind="line",
        needed=required,
        required=required,
        values=tuple(asking.typed.get(name, ())),
        options=asking.options.get(plain, ()),
        known=asking.known.get(plain, ()),
        hint=advice.hint or (gettext(HINTS[plain]) if plain in HINTS and not asking.options.get(plain) else ""),
        fault=asking.faults.get("/" + name.replace(".", "/"), ""),
        unless=advice.needed,
        notes=advice.notes,
    )
    match schema.get("type"):
        case "object":
            made.kind, made.parts = "group", _parts(asking, name, schema)
        case "array" if holds_rows(schema, asking.root):
            made.kind, made.rows = "rows", _rows(asking, name, schema)
        case "array":
            made.kind = "checks" if plain in asking.options else "lines"
            made.known = made.known[:MANY]
            lines = ("/" + name.replace(".", "/") + f"/{line}" for line in range(len(made.listed)))
            made.fault = made.fault or next((asking.faults[line] for line in lines if line in asking.faults), "")
            if made.kind == "lines" and own not in LABELS and not made.known:
                made.hint = made.hint or gettext("One a line.")
        case "boolean":
            made.kind, made.options = "radios", (("true", gettext("Yes")), ("false", gettext("No")))
        case "integer":
            made.kind = "number"
        case _:
            _draw_text(made, schema)
    return made


def _draw_text(made: Field, schema: Schema) -> None:
    if (choices := schema.get("enum")) and not made.options:
        own = made.name.rpartition(".")[2]
        made.options = tuple((one, word(own, one) if own in WORDED else humanised(one)) for one in choices)
    if made.options:
        made.kind = "radios" if choices and (made.notes or len(made.options) <= FEW) else "select"
    elif schema.get("format") == "date":
        made.kind = "date"
    elif schema.get("format") == "date-time":
        made.kind = "moment"
    else:
        most = schema.get("maxLength") or 0
        made.most = most if most >= COUNTED else None
        made.kind = "text" if most > LONG and made.name.rpartition(".")[2] not in SHORT else "line"


def _parts(asking: Asking, name: str, schema: Schema) -> list[Field]:
    return [_field(asking, f"{name}.{key}", part, needed) for key, part, needed in _asked(schema)]


def _rows(asking: Asking, name: str, schema: Schema) -> list[list[Field]]:
    """The rows that were sent, one more where it was asked for, and at least one."""
    numbers = rows(asking.typed, name)
    if asking.more == name or not numbers:
        numbers.append(numbers[-1] + 1 if numbers else 0)
        begun = {f"{name}.{numbers[-1]}.{part}": [text] for part, text in asking.begins.get(name, {}).items()}
        asking = replace(asking, typed={**asking.typed, **begun})
    item = resolved(schema["items"], asking.root)
    found = [_parts(asking, f"{name}.{number}", item) for number in numbers]
    for part in (part for row in found[1:] for part in row):
        part.required = False  # a row in which nothing is typed is none
    return found


def unplaced(faults: Mapping[str, str], shown: Sequence[Field]) -> list[str]:
    """What is wrong with no field of a form in particular."""
    known = set(places(shown))
    return [detail for pointer, detail in faults.items() if pointer not in known]
