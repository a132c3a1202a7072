"""What the text of a nonconformity should not say: its cause and its solution are the client's to find.

A check of words by lists of phrases (workflows.nonconformity.phrases), a heuristic: words do not know what they mean.
It marks some that mean something else, misses what is said in others, and so it warns and never refuses.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, get_args

from workflows.findings import Finding
from workflows.nonconformity.phrases import PHRASES, Kind
from workflows.people import Frozen

Field = Literal["title", "statement", "objective_evidence"]
_QUOTED = re.compile('"[^"\n]{1,300}"|“[^”\n]{1,300}”|„[^“”\n]{1,300}[“”]|«[^»\n]{1,300}»|»[^«\n]{1,300}«')
"""What stands in quotation marks is the client's own text, or the standard's."""


class Mark(Frozen):
    """Words that suggest a cause or a solution: in which field, from which character to before which, and what."""

    field: Field
    start: int
    end: int
    words: str
    kind: Kind


def marks(finding: Finding) -> tuple[Mark, ...]:
    """Every mark in the texts of a finding (ISO/IEC 17021-1, 9.4.5.3), by field, from the first word to the last."""
    texts: Iterable[tuple[Field, str]] = ((name, getattr(finding, name)) for name in get_args(Field))
    return tuple(mark for name, text in texts for mark in marks_in(name, text, finding.language))


def marks_in(field: Field, text: str, language: str | None = None) -> Sequence[Mark]:
    """The marks in one text: by the words of its language, where that is one we know, else by all."""
    # Blanks keep the places of what is left.
    own = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), text)
    found = (
        Mark(field=field, start=hit.start(), end=hit.end(), words=text[hit.start() : hit.end()], kind=kind)
        for kind, pattern in _patterns(language)
        for hit in pattern.finditer(own)
    )
    return sorted(found, key=lambda mark: (mark.start, mark.end))


def warnings(finding: Finding) -> tuple[str, ...]:
    """What to tell the person who issues it: a sentence for each field and kind, with the words."""
    found: dict[tuple[Field, Kind], list[str]] = {}
    for mark in marks(finding):
        found.setdefault((mark.field, mark.kind), []).append(repr(mark.words))
    said = {place: ", ".join(dict.fromkeys(words)) for place, words in found.items()}
    return tuple(
        f"The {field.replace('_', ' ')} suggests a {kind} ({words}): that is for the client to find."
        for (field, kind), words in said.items()
    )


def _patterns(language: str | None) -> Iterator[tuple[Kind, re.Pattern[str]]]:
    spoken = (language or "").partition("-")[0].casefold()
    for name in [spoken] if spoken in _COMPILED else _COMPILED:
        yield from _COMPILED[name]


def _compiled(words: Mapping[Kind, Sequence[str]]) -> Sequence[tuple[Kind, re.Pattern[str]]]:
    """Whole words, with any space between them; an elided one (`d'`) ends with its apostrophe."""
    joined = {kind: "|".join(several).replace(" ", r"\s+") for kind, several in words.items()}
    return [(kind, re.compile(rf"(?<!\w)(?:{one})(?:(?!\w)|(?<=['’]))", re.IGNORECASE)) for kind, one in joined.items()]


_COMPILED = {language: _compiled(words) for language, words in PHRASES.items()}
