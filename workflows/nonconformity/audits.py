"""What a finding says of its audit beside what is registered of it: the registered audit counts."""

from collections.abc import Iterator, Sequence

from workflows.decider import Context
from workflows.entries import AuditEntry
from workflows.findings import Finding
from workflows.people import Person, folded


def registered(finding: Finding, context: Context) -> AuditEntry | None:
    """The audit of its client that is registered under the reference it names; None where none is."""
    audit = context.facts.audit
    if audit is None or finding.audit is None or (audit.key, audit.client) != (finding.audit.ref, finding.client):
        return None
    return audit


def as_registered(finding: Finding, context: Context) -> Finding:
    """The finding with the stage of its audit as registered, and with the day on which it ended, once it was held."""
    audit, stated = registered(finding, context), finding.audit
    if audit is None or stated is None:
        return finding
    changes = {"stage": audit.stage, "ended_on": audit.ended_on or stated.ended_on}
    return finding.model_copy(update={"audit": stated.model_copy(update=changes)})


def as_planned(finding: Finding, context: Context) -> Finding:
    """The same with the planned last day, where its audit has not ended and none is stated: dates count from it.

    It is no day on which anything ended, so that no record says so.
    """
    audit, known = registered(finding, context), as_registered(finding, context)
    if audit is None or known.audit is None or known.audit.ended_on is not None:
        return known
    return known.model_copy(update={"audit": known.audit.model_copy(update={"ended_on": audit.ends_on})})


def differences(finding: Finding, context: Context) -> tuple[str, ...]:
    """What the finding says otherwise: a sentence each, for the person who reads the case."""
    audit = registered(finding, context)
    return tuple(_differences(finding, audit, context.facts.team)) if audit is not None else ()


def _differences(finding: Finding, audit: AuditEntry, known: Sequence[Person]) -> Iterator[str]:
    stated = finding.audit
    if stated is None:
        return
    if stated.stage != audit.stage:
        yield f"The finding says that the audit {audit.key} is {stated.stage}: it is registered as {audit.stage}."
    if audit.ended_on is not None and stated.ended_on not in (None, audit.ended_on):
        yield f"The finding says that the audit {audit.key} ended on {stated.ended_on}: it ended on {audit.ended_on}."
    team = {folded(member) for member in (*audit.team, *(person.name for person in known))}
    strangers = ", ".join(member for member in stated.team if folded(member) not in team)
    if strangers:
        yield f"The finding names members of the audit {audit.key} who are not registered on its team: {strangers}."
