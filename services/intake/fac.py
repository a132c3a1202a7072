"""Audit findings as the US Federal Audit Clearinghouse takes them: one finding for each reference number.

Findings (one row for each award), their texts and the corrective action plans are workbooks of their own; what one
document brings of them is joined, and what several bring, on their case. A plan stays what the auditee wrote to its
auditor: evidence, and no plan of ours.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from services.intake import fac_books, text
from services.intake.canonical import bound
from services.intake.fac_books import CHART, PLAN, REFERENCE, REQUIREMENT, TEXT
from services.intake.items import Context, Found, Item, Rejected
from services.intake.parts import cut, finished, key, labelled, when
from services.intake.table_values import Misread
from workflows.findings import LONG, TITLE, Flag, Part, Problem, Share

SYSTEM = "Federal Audit Clearinghouse"
STANDARD = "2 CFR 200 Compliance Supplement"

_REQUIREMENTS = {
    "A": "Activities Allowed or Unallowed",
    "B": "Allowable Costs/Cost Principles",
    "C": "Cash Management",
    "E": "Eligibility",
    "F": "Equipment and Real Property Management",
    "G": "Matching, Level of Effort, Earmarking",
    "H": "Period of Performance",
    "I": "Procurement and Suspension and Debarment",
    "J": "Program Income",
    "L": "Reporting",
    "M": "Subrecipient Monitoring",
    "N": "Special Tests and Provisions",
    "P": "Other",
}
"""Types of compliance requirements (2 CFR Part 200, Appendix XI, Part 3); a cell may have several letters, `AB`."""

_MARKS = {
    "modified_opinion": "modified opinion",
    "other_matters": "other matters",
    "material_weakness": "material weakness",
    "significant_deficiency": "significant deficiency",
    "other_findings": "other findings",
    "questioned_costs": "questioned costs",
}
_NONE = frozenset({"", "N/A", "NA"})
_LETTERS = re.compile(r"[A-Z]")
_PLANNED = "Corrective action plan, in the auditee's words:"
_AWARDS_LONG = 10_000
"""Characters of the evidence that are its awards', at most; the rest is its plans'."""
_OF_AWARDS = ("title", "requirements", "severity")
_AWARDS = Share(field="objective_evidence", side="above", line=_PLANNED)
_PLANS = Share(field="objective_evidence", side="below", line=_PLANNED)
_THEIRS = {"/source/external_id": f"/{REFERENCE}"}

looks = fac_books.looks
claims = fac_books.claims


@dataclass(slots=True)
class _Finding:
    """What the rows of one reference number say."""

    auditee: str | None
    reference: str
    awards: list[Mapping[str, str]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    plans: list[str] = field(default_factory=list)
    has_chart: bool = False

    def add(self, row: Mapping[str, str]) -> None:
        """Joins a row of any of the workbooks."""
        if row.get(REQUIREMENT):
            self.awards.append(row)
        if row.get(TEXT):
            self.texts.append(row[TEXT])
        if row.get(PLAN):
            self.plans.append(row[PLAN])
        self.has_chart = self.has_chart or row.get(CHART, "").upper() == "Y"


def read(document: bytes, context: Context) -> Iterator[Item]:
    """One item for each reference number, where it comes first. Raises Unreadable and TooLarge before the first item.

    A finding that names no client is the auditee's, by its identifier (UEI).
    """
    found: dict[tuple[str | None, str | int], _Finding | Problem] = {}
    for place, book in enumerate(fac_books.opened(document, context.limits)):
        for number, row in book.rows:
            if isinstance(row, Misread):
                found[f"{place}", number] = _nameless(number, row.code, str(row))
            elif reference := row.get(REFERENCE):
                known = found.setdefault((book.auditee, reference), _Finding(book.auditee, reference))
                if isinstance(known, _Finding):
                    known.add(row)
            else:
                found[f"{place}", number] = _nameless(
                    number, "missing", "no reference number says which finding this is."
                )
    bound(len(found), context.limits)
    for index, one in enumerate(found.values()):
        yield _item(index, one, context) if isinstance(one, _Finding) else Rejected(index, None, [one])


def _nameless(number: int, code: str, detail: str) -> Problem:
    return Problem(code=code, detail=f"Row {number}: {detail}", pointer=f"/{REFERENCE}")


def _item(index: int, one: _Finding, context: Context) -> Item:
    flags: list[Flag] = []
    mapped, escaped = text.held(_mapped(one, flags, context))
    item = finished(index, mapped, flags, context, system=SYSTEM, escaped=escaped, theirs=_THEIRS)
    return replace(item, part=_part(one)) if isinstance(item, Found) else item


def _part(one: _Finding) -> Part:
    """What the workbooks of a document say of a finding: each of them comes alone, too, in any order."""
    fields = [*(_OF_AWARDS if one.awards else ()), *(("statement",) if one.texts else ())]
    shares = [*((_AWARDS,) if one.awards else ()), *((_PLANS,) if one.plans else ())]
    return Part(fields=tuple(fields), shares=tuple(shares))


def _mapped(one: _Finding, flags: list[Flag], context: Context) -> dict[str, Any]:
    letters = list(dict.fromkeys(letter for row in one.awards for letter in _LETTERS.findall(row[REQUIREMENT].upper())))
    known = [letter for letter in letters if letter in _REQUIREMENTS]
    if len(known) < len(letters):
        flags.append(Flag(code="requirement_unread", pointer=f"/{REQUIREMENT}"))
    if one.has_chart:
        flags.append(Flag(code="chart_lost", pointer="/statement"))
    names = "; ".join(_REQUIREMENTS[letter] for letter in known)
    when(flags)
    return {
        "source": {"external_id": key(one.auditee, one.reference)},
        "client": context.client or one.auditee,
        "title": cut(f"Audit finding {one.reference}{f': {names}' if names else ''}", TITLE, "/title", flags),
        "requirements": [
            {"standard": STANDARD, "edition": None, "clause": letter, "text": _REQUIREMENTS[letter]} for letter in known
        ],
        "statement": cut("\n\n".join(one.texts), LONG, "/statement", flags),
        "objective_evidence": "\n".join(filter(None, _evidence(one, flags))),
        "severity": _severity(one),
    }


def _severity(one: _Finding) -> str | None:
    """The worst that is said of any of its awards."""
    if any(_said(row, "material_weakness") for row in one.awards):
        return "high"
    return "medium" if any(_said(row, "significant_deficiency") for row in one.awards) else None


def _said(row: Mapping[str, str], name: str) -> bool:
    return row.get(name, "").upper() == "Y"


def _evidence(one: _Finding, flags: list[Flag]) -> Iterator[str | None]:
    """What its awards say, then its plans; each within bounds of its own, so that either may come without the other."""
    awards = "\n".join(" ".join(line.split()) for line in _awards(one))
    plans = "\n".join(f"{_PLANNED}\n{plan}" for plan in one.plans)
    yield cut(awards, _AWARDS_LONG, "/objective_evidence", flags)
    yield cut(plans, LONG - _AWARDS_LONG - len("\n"), "/objective_evidence", flags)


def _awards(one: _Finding) -> Iterator[str]:
    for row in one.awards:
        marks = [called for name, called in _MARKS.items() if _said(row, name)]
        parts = [f"compliance requirement {row[REQUIREMENT]}", *marks]
        yield f"Award {row.get('award_reference') or 'unnamed'}: {', '.join(parts)}"
    prior = dict.fromkeys(row.get("prior_references", "") for row in one.awards)
    yield from labelled(("Repeats", ", ".join(name for name in prior if name.upper() not in _NONE)))
