"""How people and tools write standards and clauses, and the one way in which we write them."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from workflows.sentences import Sentence

_JOINT = frozenset({"17021-1", "17025", "20000-1", "27001", "27002", "27005", "27017", "27018", "27701", "42001"})
_ISO_ONLY = frozenset({"9001", "13485", "14001", "21001", "22000", "22301", "37001", "45001", "50001", "55001"})

_ISO = re.compile(
    r"(?:(?P<body>ISO(?:[\s/_-]*IEC)?|IEC)[\s/_-]*)?(?P<number>\d{4,5}(?:-\d{1,2})?)(?:\s*[:/_\s-]\s*(?P<edition>(?:19|20)\d\d))?",
    re.IGNORECASE,
)
_SOC2 = re.compile(
    r"(?:AICPA[\s_-]*)?(?:SOC[\s_-]*2|TSC|TSP[\s_-]*100|Trust Services Criteria)"
    r"(?:\s*[:\s-]\s*(?P<edition>(?:19|20)\d\d))?",
    re.IGNORECASE,
)
_LAST = re.compile(r"(?P<standard>.*\S)\s+(?P<clause>§?[^\s]*\d[^\s]*(?:\s[a-z]\))?)", re.DOTALL)
_LINK = re.compile(r"[\s,;:-]*(?:\b(?:clause|control|section|annex(?:\s+A)?)|§|[,;])\s*$", re.IGNORECASE)
_LEAD = re.compile(r"^(?:(?:clause|control|section|cl\.)\s*|§\s*)", re.IGNORECASE)
_ANNEX = re.compile(
    r"(?:Annex\s+A|A)[.\s]?\s*(?:control\s+)?(?P<numbers>\d+(?:\.\d+)+)(?P<rest>.*)", re.IGNORECASE | re.DOTALL
)
_CLAUSE = re.compile(r"(?P<numbers>\d+(?:\.\d+)*)(?P<rest>(?:[\s(].*)?)", re.DOTALL)
_CRITERION = re.compile(
    r"(?:CC[\s_-]*)?(?P<series>CC|PI|A|C|P)?[\s_.-]*(?P<major>\d{1,2})[._-](?P<minor>\d{1,2})", re.IGNORECASE
)


class Standard(NamedTuple):
    """A standard and the edition that was named with it, if any: `ISO/IEC 27001`, `2022`."""

    name: str
    edition: str | None


class Reference(NamedTuple):
    """A requirement as one line of text names it."""

    standard: str
    edition: str | None
    clause: str


def standard(text: str, edition: str | None = None) -> Standard:
    """The standard that a name means: `iso27001`, `ISO 27001:2022` and `27001:2022` are ISO/IEC 27001.

    A name that we do not know stays as it is. Raises ValueError where the name holds another edition than `edition`.
    """
    text = " ".join(text.split())
    known = _known(text)
    if known is None:
        return Standard(text, edition)
    if known.edition and edition and known.edition != edition:
        raise ValueError(
            Sentence(
                "{text} names the edition {named}, beside the edition {edition}",
                text=repr(text),
                named=known.edition,
                edition=edition,
            )
        )
    return Standard(known.name, edition or known.edition)


def is_known(text: str) -> bool:
    """Whether we know which standard a name means."""
    return _known(" ".join(text.split())) is not None


def _known(text: str) -> Standard | None:
    if found := _SOC2.fullmatch(text):
        return Standard("SOC 2", found["edition"])
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    body, number = (found["body"] or "").upper(), found["number"]
    if number in _JOINT:
        return Standard(f"ISO/IEC {number}", found["edition"])
    if number in _ISO_ONLY and body != "IEC":
        return Standard(f"ISO {number}", found["edition"])
    if not body:
        return None
    return Standard(f"{'IEC' if body == 'IEC' else 'ISO/IEC' if 'IEC' in body else 'ISO'} {number}", found["edition"])


def clause(standard: str, text: str) -> str:
    """A clause or control as its catalogue writes it: `A5.01` is A.5.1, `cc_6_1` is CC6.1, `Clause 6.1.2` is 6.1.2.

    A bare `5.1` stays clause 5.1, also where the annex has a control of that number. What we cannot read stays.
    """
    text = _LEAD.sub("", " ".join(text.split())) or text
    if standard == "SOC 2":
        return _criterion(text)
    if not standard.startswith(("ISO", "IEC")):
        return text
    if found := _ANNEX.fullmatch(text):
        return f"A.{_plain(found['numbers'])}{found['rest']}"
    if found := _CLAUSE.fullmatch(text):
        return f"{_plain(found['numbers'])}{found['rest']}"
    return text


def _plain(numbers: str) -> str:
    # Sheets write A.5.01; lstrip and not int(), which refuses very long digits.
    return ".".join(part.lstrip("0") or "0" for part in numbers.split("."))


def _criterion(text: str) -> str:
    found = _CRITERION.fullmatch(text)
    if found is None or (found["series"] is None and text[:2].upper() != "CC"):
        return text
    return f"{(found['series'] or 'CC').upper()}{_plain(found['major'])}.{_plain(found['minor'])}"


def reference(text: str) -> Reference:
    """A requirement written as one line, `ISO 27001:2022 A.8.3`; raises ValueError where no clause can be told."""
    text = " ".join(text.split())
    found = None if _known(text) else _LAST.fullmatch(text)
    if found is None:
        raise ValueError(Sentence("{text} names no clause: write it as ISO/IEC 27001:2022 A.8.3", text=repr(text[:80])))
    before, last = found["standard"], found["clause"]
    bare = _LINK.sub("", before) or before
    if re.search(r"\bannex(?:\s+A)?\s*$", before, re.IGNORECASE) and last[0].isdigit():
        last = f"A.{last}"
    named = standard(bare)
    return Reference(named.name, named.edition, clause(named.name, last))


def references(text: str) -> Sequence[Reference]:
    """Every requirement on a line that names its standard once, `ISO 27001:2022 A.8.3 A.5.1`; none if unclear."""
    words = text.split()
    for count in range(len(words) - 1, 0, -1):
        if known := _known(" ".join(words[:count])):
            return [Reference(*known, clause(known.name, word.strip(",;"))) for word in words[count:]]
    try:
        return [reference(text)]
    except ValueError:
        return []
