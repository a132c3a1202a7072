"""Catalogues of clauses and controls, as data: numbers and short titles (facts), no text of any standard."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from workflows.standards.names import Reference, Standard, clause, is_known, reference, references, standard

__all__ = [
    "Catalogue",
    "Reference",
    "Standard",
    "catalogue",
    "clause",
    "controls_for_check",
    "is_known",
    "reference",
    "references",
    "standard",
]

_HERE = Path(__file__).parent
_CHECKS = "prowler_checks.json"
_LETTER = re.compile(r"[\s(]+[a-z0-9]{1,3}\)?$", re.IGNORECASE)
_FOURTH = re.compile(r"(\d+\.\d+\.\d+)\.\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One edition of one standard: its clauses and controls with their short titles."""

    standard: str
    edition: str
    titles: Mapping[str, str]

    def title(self, clause: str) -> str | None:
        """The short title of a clause or control; None for an unknown one.

        A lettered item (`7.5.3 a)`) and a fourth level (`7.1.5.2`) have that of the clause that holds them: the
        catalogues end there.
        """
        plain = _LETTER.sub("", clause)
        return self.titles.get(clause) or self.titles.get(plain) or self.titles.get(_FOURTH.sub(r"\1", plain))


@cache
def _catalogues() -> Mapping[tuple[str, str], Catalogue]:
    found = {}
    for file in sorted(_HERE.glob("*.json")):
        if file.name != _CHECKS:
            data = json.loads(file.read_text(encoding="utf-8"))
            found[data["standard"], data["edition"]] = Catalogue(data["standard"], data["edition"], data["titles"])
    return found


def catalogue(standard: str, edition: str | None) -> Catalogue | None:
    """The catalogue of a standard by its normal name, None where we hold none; without an edition, the newest."""
    if edition is not None:
        return _catalogues().get((standard, edition))
    held = [known for known in _catalogues().values() if known.standard == standard]
    return max(held, key=lambda known: known.edition, default=None)


@cache
def _checks() -> Mapping[str, tuple[str, ...]]:
    data = json.loads((_HERE / _CHECKS).read_text(encoding="utf-8"))
    return {check: tuple(controls) for check, controls in data["checks"].items()}


def controls_for_check(provider: str, check_id: str) -> tuple[str, ...]:
    """The ISO/IEC 27001:2022 controls that a Prowler check (`aws`, `iam_root_mfa_enabled`) bears on, if we know it."""
    return _checks().get(f"{provider}/{check_id}", ())
