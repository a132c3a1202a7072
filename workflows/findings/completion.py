"""What is stated of a finding in triage, beside its source: what it lacks, or says so that nobody could answer it.

A nonconformity is recorded against a specific requirement, with a clear statement that identifies the objective
evidence in detail (ISO/IEC 17021-1, 9.4.5.3). The auditor sees to that, whatever a scanner or another body wrote.
"""

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, StringConstraints

from workflows.findings.model import Finding, Requirement
from workflows.findings.values import REQUIREMENTS, TITLE, Names, Text, listed
from workflows.people import Frozen

Completable = Literal["title", "requirements", "statement", "objective_evidence", "sites", "department", "process"]
"""What can be completed of a finding. Who reported what, when, of which client and audit stays as its source says."""

COMPLETABLE: tuple[Completable, ...] = get_args(Completable)

Cited = Annotated[Requirement, BeforeValidator(lambda value: value, json_schema_input_type=str | Requirement)]
"""A requirement, or one line that names it, `ISO/IEC 27001:2022 A.5.18`."""

Named = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class Completion(Frozen):
    """What is stated of a finding: None leaves a field as it is, an empty one is as its source has it."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, max_length=TITLE)] | None = None
    requirements: Annotated[tuple[Cited, ...], BeforeValidator(listed), Field(max_length=REQUIREMENTS)] | None = None
    statement: Text | None = None
    objective_evidence: Text | None = None
    sites: Names | None = None
    department: Named | None = None
    process: Named | None = None

    @property
    def stated(self) -> dict[Completable, Any]:
        """The fields that are stated, empty ones among them."""
        return {name: value for name in COMPLETABLE if (value := getattr(self, name)) is not None}


def completed(finding: Finding, source: Finding, completion: Completion) -> Finding:
    """A finding with what is stated of it; `source` is as its source has it.

    A requirement that is named without its text has the one that is known of it.
    """
    values: dict[str, Any] = {name: value or getattr(source, name) for name, value in completion.stated.items()}
    if completion.requirements:
        known = {one.line: one for one in (*source.requirements, *finding.requirements)}
        values["requirements"] = tuple(one if one.text else known.get(one.line, one) for one in completion.requirements)
    return finding.model_copy(update=values)


def in_words(finding: Finding, name: Completable) -> str:
    """What a finding says in a field, each entry of a list on a line; empty where it says nothing."""
    match getattr(finding, name):
        case tuple() as several:
            return "\n".join(one.line if isinstance(one, Requirement) else one for one in several)
        case value:
            return value or ""


def reworded(source: Finding, now: Finding) -> tuple[Completable, ...]:
    """The fields in which what the source states does not stand any more; one that only says more is not among them."""
    return tuple(name for name in COMPLETABLE if not _stands(getattr(source, name), getattr(now, name)))


def _stands(stated: Any, now: Any) -> bool:
    """Whether what is stated stands in what is said now: a text word for word, a list with each of its entries."""
    if not stated:
        return True
    return stated in now if isinstance(stated, str) else set(stated) <= set(now)
