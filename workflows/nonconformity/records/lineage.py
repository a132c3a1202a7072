"""What commands about lineage record."""

import uuid

from workflows.decider import Context
from workflows.entries import CaseEntry
from workflows.findings import Finding, Requirement, Source
from workflows.nonconformity import commands as c
from workflows.nonconformity import events as e
from workflows.nonconformity.case import Case
from workflows.nonconformity.given import finding_of
from workflows.nonconformity.records.common import Events
from workflows.nonconformity.records.triage import issue

SYSTEM = "closeout"
"""The source of findings that were made of others here."""


def aggregate(case: Case, body: c.Aggregate, context: Context) -> Events:
    """The systemic major as it will be raised; nothing ends before that exists."""
    known = {entry.id: entry for entry in context.facts.cases}
    others = [known[other] for other in body.others]
    systemic = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{case.stream}/systemic/{context.seq}"))
    return (
        e.Aggregated(
            systemic=systemic,
            others=tuple(c.Minor(id=entry.id, number=entry.number) for entry in others),
            finding=_systemic(case, body, systemic, others),
            reason=body.reason,
        ),
    )


def raise_systemic(case: Case, body: c.RaiseSystemic, context: Context) -> Events:
    """A major with a number, a policy and dates of its own, and the minors that it was made of."""
    reported = e.Reported(finding=body.finding)
    triaged = case.model_copy(update={"status": "reported", "finding": body.finding})
    issued = issue(triaged, c.Issue(grade="major", reason=body.reason), context)
    return (reported, *issued, e.SystemicRaised(aggregates=body.aggregates, reason=body.reason, by=body.by))


def supersede(case: Case, body: c.Supersede, context: Context) -> Events:
    """The systemic major stands in its place."""
    return (e.Superseded(by=body.by, number=body.number),)


def change_client(case: Case, body: c.ChangeClient, context: Context) -> Events:
    """Another client's from now on."""
    return (e.ClientChanged(client=body.client, was=case.client),)


def _systemic(case: Case, body: c.Aggregate, systemic: str, others: list[CaseEntry]) -> Finding:
    """What the minors say together: all requirements and sites; audit, department and process where all have them."""
    own = finding_of(case)
    stated = {f"{item.standard} {item.clause}" for item in own.requirements}
    more = dict.fromkeys(text for entry in others for text in entry.requirements if text not in stated)
    sites = dict.fromkeys([*own.sites, *(site for entry in others for site in entry.sites)])
    evidence = [f"{case.number}: {own.objective_evidence}", *(f"{entry.number}: {entry.title}" for entry in others)]
    return own.model_copy(
        update={
            "source": Source(system=SYSTEM, external_id=systemic),
            "title": body.title,
            "statement": body.statement,
            "objective_evidence": "\n".join(evidence),
            "grade": "major",
            "severity": None,
            "history": None,
            "requirements": (*own.requirements, *(Requirement.model_validate(text) for text in more)),
            "sites": tuple(sites),
            "audit": own.audit if all(own.audit and entry.audit == own.audit.ref for entry in others) else None,
            "department": own.department if all(entry.department == own.department for entry in others) else None,
            "process": own.process if all(entry.process == own.process for entry in others) else None,
        }
    )
