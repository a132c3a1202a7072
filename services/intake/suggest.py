"""A profile proposed from a table's headers and its first rows, with the reason for each choice; a person decides.

Nothing is guessed for good: a date whose day and month could be swapped is left open, and asked.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.intake import csv_table, profiles, tables, xlsx
from services.intake.items import Limits, Unreadable
from services.intake.profiles import FIELDS, NEEDED, Closed, Column, Profile, Skip, folded
from services.intake.suggest_words import ENDED, FORMATS, GRADES, HEADERS, STATUS, TIMES
from services.intake.table_values import Value, blank, dated, text
from services.intake.tables import HEADER_WITHIN, Layout, Opened, Table
from workflows import standards
from workflows.findings import level, moment

_SAMPLES = 200
_HEAD = 64 * 2**10
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A proposed profile: why each field is what it is, what is missing, and what only a person can answer."""

    profile: Profile
    layout: Layout
    reasons: Mapping[str, str]
    missing: Sequence[str]
    questions: Sequence[str]
    unused: Sequence[str]

    def toml(self) -> str:
        """The profile as a file to save, with reasons, questions and what is missing as comments."""
        asked = [f"# Missing: {line}" for line in self.missing] + [f"# To decide: {line}" for line in self.questions]
        return "\n".join([*(" ".join(line.split()) for line in asked), profiles.toml(self.profile, self.reasons)])


def suggest(document: bytes, limits: Limits | None = None) -> Suggestion:
    """A profile for a table as text or a workbook. Raises Unreadable and TooLarge."""
    limits = limits or Limits()
    is_workbook = xlsx.looks(document)
    if not is_workbook and csv_table.is_structured(document):
        raise _no_table("it begins as JSON or XML does")
    if not is_workbook and _is_binary(document):
        raise _no_table("it holds what no text does")
    opened = (xlsx if is_workbook else csv_table).opened(document, limits)
    table, at = _likeliest(opened)
    names = tables.headers(table, at)
    if not is_workbook and not _is_table(table, names):
        raise _no_table("no row has two headers that mean a field, and its rows have no one number of columns")
    samples = _samples(table, at, names)
    proposal = _Proposal(samples)
    proposal.by_headers()
    proposal.needs()
    several = sum(not other.hidden for other in opened.tables) > 1
    profile = Profile(
        encoding=opened.encoding if opened.flags else None,
        delimiter=opened.delimiter,
        sheet=table.sheet if several else None,
        fields=proposal.fields,
        skip=proposal.skip,
    )
    layout = Layout(table.rows[at].number, names, table.sheet, opened.encoding, opened.delimiter, opened.notes)
    used = {folded(header) for header in profile.headers}
    unused = [name for name in dict.fromkeys(names) if name and folded(name) not in used]
    return Suggestion(profile, layout, proposal.reasons, proposal.missing, proposal.questions, unused)


def _no_table(why: str) -> Unreadable:
    return Unreadable("no_table", f"The document is no table: {why}.", line=1, column=1)


def _is_binary(document: bytes) -> bool:
    """Whether one in a hundred of its first signs is a control character, in whichever encoding."""
    text = document[:_HEAD].decode(json.detect_encoding(document), "replace")
    return len(_CONTROLS.findall(text)) * 100 > len(text)


def _is_table(table: Table, names: Sequence[str]) -> bool:
    """Whether text is a table: two of its headers mean a field, or four in five rows have as many columns, two or more.

    Prose has commas, too.
    """
    width, times = Counter(len(row.values) for row in table.rows).most_common(1)[0]
    known = sum(_field(name) is not None for name in names)
    return known > 1 or (width > 1 and len(table.rows) > 1 and times * 5 >= len(table.rows) * 4)


def date_formats(samples: Sequence[str]) -> Sequence[str]:
    """Every format that all the samples have; more than one where day and month cannot be told apart."""
    return (
        [day + clock for day in FORMATS for clock in TIMES if all(_fits(sample, day + clock) for sample in samples)]
        if samples
        else []
    )


def _nearest(samples: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The format that the most samples have, and those that do not have it."""
    formats = [day + clock for day in FORMATS for clock in TIMES]
    tried = [(one, [sample for sample in samples if not _fits(sample, one)]) for one in formats]
    return min(tried, key=lambda one: len(one[1]))


def _stated(name: str, header: str, format: str) -> str:
    """How a profile states the format of a date."""
    column = Column(columns=(header,), format=format)
    return f"such as {profiles.toml_field(name, column)}"


def _fits(sample: str, format: str) -> bool:
    try:
        at = dated(sample, format)
    except ValueError:
        return False
    return 1970 <= at.year < 2200


def _likeliest(opened: Opened) -> tuple[Table, int]:
    """The visible sheet and row that look most like a header: most words that we know, then most cells of text."""
    best: tuple[int, int, int] = (-1, -1, 0)
    found: tuple[Table, int] | None = None
    for table in opened.tables:
        for at in range(min(HEADER_WITHIN, len(table.rows)) if not table.hidden else 0):
            names = tables.headers(table, at)
            known = sum(_field(name) is not None for name in names)
            texts = sum(isinstance(value, str) and 0 < len(value) <= 100 for value in table.rows[at].values)
            if (known, texts, -at) > best:
                best, found = (known, texts, -at), (table, at)
    if found is None:
        raise Unreadable("empty", "No visible sheet has a row.")
    return found


def _words(header: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)).casefold().split())


def _field(header: str) -> tuple[int, str] | None:
    """The field that a header is likely to mean, with its rank among that field's words."""
    words = _words(header)
    for name, known in HEADERS.items():
        if words in known:
            return known.index(words), name
    return None


def _samples(table: Table, at: int, names: Sequence[str]) -> dict[str, Sequence[Value]]:
    """The filled cells under each header; a header that is there twice is no use."""
    rows = [row.values for row in table.rows[at + 1 : at + 1 + _SAMPLES] if row.fault is None]
    where: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        if name and len(name) <= 500:
            where.setdefault(name, []).append(index)
    return {
        name: [row[one] for one in indexes for row in rows if one < len(row) and not blank(row[one])]
        for name, indexes in where.items()
        if len(indexes) == 1
    }


@dataclass(slots=True)
class _Proposal:
    samples: Mapping[str, Sequence[Value]]
    fields: dict[str, Column] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    skip: tuple[Skip, ...] = ()

    def by_headers(self) -> None:
        """Each field from the header that means it most likely, where its samples don't speak against it."""
        ranked = sorted((*fit, header) for header in self.samples if (fit := _field(header)) is not None)
        for _, name, header in ranked:
            if name not in self.fields:
                self._propose(name, header)
        for header in self.samples:
            if _words(header) in STATUS and not self.skip:
                self._closed(header)
        if "grade" not in self.fields and "severity" not in self.fields:
            self.questions.append("no column holds a grade or a severity: people will grade every finding")

    def needs(self) -> None:
        """What no finding can do without, and what goes with what."""
        if "title" not in self.fields and "statement" in self.fields:
            self.fields["title"] = Column(columns=self.fields["statement"].columns)
            self.reasons["title"] = "no column looks like a title: the statement is cut to one"
        for name in NEEDED:
            if name not in self.fields:
                self.missing.append(f"{name}: no column looks like it; every finding needs one")
        if "clause" in self.fields and "standard" not in self.fields:
            header = self.fields.pop("clause").columns[0]
            reason = self.reasons.pop("clause")
            if self._reads_as_requirement(header):
                self.fields.setdefault("requirements", Column(columns=(header,)))
                self.reasons.setdefault("requirements", f"{reason}; its cells name standard and clause together")
            else:
                self.missing.append(
                    f"standard: {header!r} looks like clauses, but no column names their standard;"
                    ' state standard = { constant = "ISO 9001:2015" } and clause'
                )
        if not {"clause", "requirements"} & set(self.fields):
            self.missing.append("requirements: without one a finding is reported, but cannot be issued")
        if "client" not in self.fields:
            self.questions.append("no column names the client: the import or the key must")

    def _propose(self, name: str, header: str) -> None:
        filled = self.samples[header]
        said, reason = [text(value).strip() for value in filled], f"the header {header!r} means it"
        match FIELDS[name].kind:
            case "instant" | "day":
                column, why = self._date(name, header, filled)
            case "word" if name == "grade":
                column, why = self._grade(header, said)
            case "lines":
                column = Column(columns=(header,)) if self._reads_as_requirement(header) else None
                why = "its cells name standard and clause together"
            case _:
                column, why = Column(columns=(header,)), self._remark(name, said)
        if column is not None:
            self.fields[name], self.reasons[name] = column, f"{reason}; {why}" if why else reason

    def _remark(self, name: str, said: Sequence[str]) -> str:
        if name == "external_id" and said:
            distinct = len(set(said))
            if distinct == len(said):
                return f"no two of its {distinct} sampled values are the same"
            self.questions.append(
                f"external_id: only {distinct} of {len(said)} sampled values differ; join it with another"
            )
        if name == "severity" and said:
            unknown = sorted({one for one in said if level(one) == "unknown"})
            return f"not understood: {', '.join(map(repr, unknown[:5]))}" if unknown else "every word is known"
        return ""

    def _grade(self, header: str, said: Sequence[str]) -> tuple[Column | None, str]:
        distinct = list(dict.fromkeys(said))[:100]
        known = {one: GRADES[_words(one)] for one in distinct if _words(one) in GRADES}
        if not known:
            shown = ", ".join(map(repr, distinct[:5]))
            self.questions.append(f"grade: {header!r} has words that we don't know ({shown}): state their values")
            return None, ""
        if open_words := [one for one in distinct if one not in known]:
            self.questions.append(f"grade: state what these mean in values: {', '.join(map(repr, open_words[:10]))}")
        return Column(columns=(header,), values=known), f"{len(known)} of its {len(distinct)} words are grades"

    def _date(self, name: str, header: str, filled: Sequence[Value]) -> tuple[Column | None, str]:
        said = list(dict.fromkeys(value.strip() for value in filled if isinstance(value, str)))
        if not said:
            cells = all(isinstance(value, datetime) or hasattr(value, "year") for value in filled)
            return (Column(columns=(header,)), "its cells are dates") if cells else (None, "")
        if all(map(_is_iso, said)):
            return Column(columns=(header,)), "its texts are ISO 8601"
        fitting = date_formats(said)
        if len(fitting) == 1:
            return Column(columns=(header,), format=fitting[0]), "the only format that fits every sample"
        if fitting:
            listed = " or ".join(fitting)
            stated = _stated(name, header, fitting[0])
            self.questions.append(f"{name}: {said[0]!r} may be {listed}; each fits every sample: state one, {stated}")
            return Column(columns=(header,)), f"its format is open: {listed}"
        nearest, misfits = _nearest(said)
        listed = ", ".join(repr(one[:40]) for one in misfits[:3])
        but = f"{nearest} fits all but {listed}" if len(misfits) < len(said) else f"such as {listed}"
        stated = _stated(name, header, nearest)
        self.questions.append(f"{name}: no one format fits all samples of {header!r}, {but}: state one, {stated}")
        return Column(columns=(header,)), "its format is open: none fits all samples"

    def _closed(self, header: str) -> None:
        words = dict.fromkeys(text(value).strip() for value in self.samples[header])
        ended: dict[str, Closed] = {word: ENDED[folded(word)] for word in words if folded(word) in ENDED}
        if ended:
            self.skip = (Skip(column=header, values=ended),)
            listed = ", ".join(f"{word!r} is {reason}" for word, reason in ended.items())
            self.questions.append(f"skip: rows whose {header!r} says that they are no open finding: {listed}")

    def _reads_as_requirement(self, header: str) -> bool:
        said = [text(value) for value in self.samples[header]]
        return bool(said) and all(standards.references(line[:500]) for line in said)


def _is_iso(said: str) -> bool:
    try:
        moment(said)
    except ValueError:
        return False
    return True
