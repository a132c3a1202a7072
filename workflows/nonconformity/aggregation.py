"""The finding of a systemic major: what several minors say together."""

from collections.abc import Iterable, Iterator, Sequence

from workflows.decider import Context
from workflows.entries import CaseEntry
from workflows.findings import Finding, Requirement, Source
from workflows.nonconformity import commands as c
from workflows.nonconformity.case import Case
from workflows.nonconformity.given import finding_of
from workflows.standards import reference

SYSTEM = "closeout"
"""The source of findings that were made of others here."""


def systemic_finding(case: Case, body: c.Aggregate, systemic: str, others: Sequence[CaseEntry]) -> Finding:
    """The finding of the case and of the others: all requirements and sites; audit, department, process of all.

    Raises pydantic's ValidationError where they say more together than one finding holds.
    """
    own = finding_of(case)
    evidence = [f"{case.number}: {own.objective_evidence}", *(f"{entry.number}: {entry.title}" for entry in others)]
    sites = dict.fromkeys([*own.sites, *(site for entry in others for site in entry.sites)])
    return Finding(
        source=Source(system=SYSTEM, external_id=systemic),
        client=own.client,
        title=body.title,
        statement=body.statement,
        objective_evidence="\n".join(evidence),
        grade="major",
        requirements=(*own.requirements, *_further(own.requirements, others)),
        sites=tuple(sites),
        audit=own.audit if own.audit and all(entry.audit == own.audit.ref for entry in others) else None,
        department=own.department if all(entry.department == own.department for entry in others) else None,
        process=own.process if all(entry.process == own.process for entry in others) else None,
        certificates=own.certificates,
        language=own.language,
        detected_at=own.detected_at,
    )


def left_to(body: c.RaiseSystemic, context: Context) -> tuple[c.Minor, ...]:
    """The minors that no other systemic major took since they were aggregated.

    By that one's own word too: it stands before its minors end.
    """
    taken = {entry.id for entry in context.facts.cases if entry.status == "superseded"}
    taken |= {minor for entry in context.facts.cases for minor in entry.aggregates}
    return tuple(minor for minor in body.aggregates if minor.id not in taken)


def _further(own: Iterable[Requirement], others: Iterable[CaseEntry]) -> Iterator[Requirement]:
    """The requirements of the others, those that can be read from one line."""
    stated = {f"{item.standard} {item.clause}" for item in own}
    for text in dict.fromkeys(text for entry in others for text in entry.requirements if text not in stated):
        try:
            yield Requirement(**reference(text)._asdict())
        except ValueError:
            continue
