"""What the text of a nonconformity should not say: its cause and its solution are the client's to find.

A check of words, in English, German, French and Spanish. It warns and never refuses: words do not know what they mean.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, get_args

from workflows.findings import Finding
from workflows.people import Frozen

Field = Literal["title", "statement", "objective_evidence"]
Kind = Literal["cause", "solution"]

_DO = "be|have|implement|introduce|establish|define|train|document|review|update|ensure|consider|provide|add|use|check"
_WORDS: dict[str, dict[Kind, Sequence[str]]] = {
    "en": {
        "cause": (
            "because",
            # Not what was due to happen on a day.
            r"due to(?! (?:be|expire|end|start|begin|take|arrive|finish|happen)\b)",
            "caused by",
            # The analysis itself can be what is missing.
            r"root[- ]cause\s*(?:is|was|lies|seems|appears|:)",
            r"(?:the|a) reason (?:is|was|for (?:this|that|it))",
            "as a (?:result|consequence) of",
            "owing to",
            r"result(?:s|ed|ing) from",
            r"stem(?:s|med|ming) from",
            r"attribut(?:ed|able) to",
            r"(?:for|through|out of) (?:a |the )?lack of",
            r"traced (?:back )?to",
        ),
        "solution": (
            rf"should (?:not )?(?:{_DO})",
            r"ought to",
            r"(?:we|i|auditors?|the (?:audit )?team) (?:would )?(?:recommends?|suggests?|advises?|proposes?)",
            r"(?:is|are) (?:recommended|advised|suggested|advisable)",
            r"recommendations?\s*:",
            rf"needs? to (?:{_DO})",
            r"(?:could|can) (?:easily )?be (?:fixed|solved|avoided|resolved|corrected|remedied|prevented) by",
            r"to (?:fix|solve|resolve|remedy|correct) (?:this|it)",
        ),
    },
    "de": {
        "cause": (
            "weil",
            r"auf(?: )?grund (?:von|der|des|einer|eines|fehlender|mangelnder)",
            "wegen",
            "infolge",
            r"(?:verursacht|bedingt|ausgelöst) durch",
            r"zurückzuführen",
            r"(?:die )?ursache (?:ist|war|liegt|dafür|hierfür)",
            r"(?:der )?grund (?:dafür|hierfür|ist|war|liegt)",
            "mangels",
            r"liegt daran",
        ),
        "solution": (
            r"sollten?",
            r"(?:wir|ich) (?:empfehlen?|raten?|schlagen? vor)",
            r"(?:wird|werden) (?:empfohlen|vorgeschlagen|angeraten)",
            "empfehlenswert",
            r"empfehlung(?:en)?\s*:",
            r"müssten?",
        ),
    },
    "fr": {
        "cause": (
            r"parce qu(?:e|['’])",
            r"en raison (?:de|du|des|d['’])",
            r"à cause (?:de|du|des|d['’])",
            r"due?s? (?:à|au|aux)",
            r"dûe?s? (?:à|au|aux)",
            r"causée?s? par",
            r"(?:provien(?:t|nent)|résulten?t?) (?:de|du|des|d['’])",
            r"la cause (?:racine |profonde )?(?:est|était|réside)",
            r"faute (?:de|d['’])",
        ),
        "solution": (
            r"devrai(?:t|ent)",
            r"il (?:faut|faudrait)",
            r"nous (?:recommandons|suggérons|proposons|préconisons|conseillons)",
            r"il est (?:recommandé|conseillé|préférable|suggéré)",
            r"il convient (?:de|d['’])",
        ),
    },
    "es": {
        "cause": (
            "porque",
            r"debid[oa]s? a",
            r"a causa de",
            r"por falta de",
            r"causad[oa]s? por",
            r"la causa (?:raíz )?(?:es|fue|era|está)",
            r"se deb(?:e|en|ió|ía) a",
            r"como consecuencia de",
            r"ya que",
        ),
        "solution": (
            r"deberían?",
            r"(?:se recomienda|recomendamos|se sugiere|sugerimos|se aconseja)",
            r"(?:habría|hay) que",
            r"conviene",
        ),
    },
}
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


def _compiled(words: dict[Kind, Sequence[str]]) -> Sequence[tuple[Kind, re.Pattern[str]]]:
    """Whole words, with any space between them; an elided one (`d'`) ends with its apostrophe."""
    joined = {kind: "|".join(several).replace(" ", r"\s+") for kind, several in words.items()}
    return [(kind, re.compile(rf"(?<!\w)(?:{one})(?:(?!\w)|(?<=['’]))", re.IGNORECASE)) for kind, one in joined.items()]


_COMPILED = {language: _compiled(words) for language, words in _WORDS.items()}
