"""Conditions on commands about what its source says of a case after the report."""

from workflows.decider import Context
from workflows.findings import Finding
from workflows.nonconformity import commands as c
from workflows.nonconformity import refusals as r
from workflows.nonconformity.case import Case
from workflows.nonconformity.given import finding_of
from workflows.procedure import guard


@guard(r.AnotherFinding, needs_body=True)
def same_finding(case: Case, body: c.ReviseFinding, context: Context) -> None:
    """It has the case's reference and client."""
    if _named(body.finding) != _named(finding_of(case)):
        raise _another(case)


@guard(r.AnotherFinding, needs_body=True)
def same_client(case: Case, body: c.NotePass, context: Context) -> None:
    """Where it says whose finding it is, that is the case's client."""
    if body.client not in (None, case.client):
        raise _another(case)


def _named(finding: Finding) -> tuple[str, str, str]:
    return finding.source.system, finding.source.external_id, finding.client


def _another(case: Case) -> r.AnotherFinding:
    system, external_id, _ = _named(finding_of(case))
    return r.AnotherFinding(reference=f"{system} {external_id}")
