"""What can hardly be so: said to whoever reads or signs a case, and never refused."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from workflows.decider import Context
from workflows.findings import Finding, reworded
from workflows.nonconformity.case import Case
from workflows.nonconformity.given import finding_of


def about(finding: Finding, context: Context) -> tuple[str, ...]:
    """What it says of days to come, of two grades, of what nobody registered: a sentence each, for who issues it."""
    return tuple(_about(finding, context))


def _about(finding: Finding, context: Context) -> Iterator[str]:
    zone = ZoneInfo(context.facts.client.zone if context.facts.client else "UTC")
    detected = finding.detected_at.astimezone(zone).date() if finding.detected_at else None
    if detected is not None and detected > context.today:
        yield f"The finding says that it was detected on {detected}, which is still to come."
    ended = finding.audit.ended_on if finding.audit else None
    if ended is not None and ended > context.today:
        yield f"The finding says that its audit ended on {ended}, which is still to come."
    history = finding.history
    if history is not None and finding.grade not in (None, history.grade):
        yield f"The finding is graded {finding.grade}, and was issued as {history.grade}: that counts."
    yield from _unregistered(finding, context)


def _unregistered(finding: Finding, context: Context) -> Iterator[str]:
    """No decision of a committee would touch such a certificate. A client that registered no sites may name any."""
    client = context.facts.client
    strange = [site for site in finding.sites if client and client.sites and site not in client.sites]
    if client and strange:
        yield f"The finding names sites that are not registered of the client {client.key}: {', '.join(strange)}."
    known = {certificate.key for certificate in context.facts.certificates}
    others = ", ".join(key for key in finding.certificates if key not in known)
    if others:
        yield f"The finding names certificates that are not registered of the client {finding.client}: {others}."


def told(case: Case) -> tuple[str, ...]:
    """All that is to be told to whoever reads a case as it stands now."""
    return (*case.warnings, *restated(case), *unfinished(case))


def restated(case: Case) -> tuple[str, ...]:
    """What its source states otherwise since it was completed in triage, where that stands all the same."""
    stated = case.as_stated
    if case.status != "reported" or stated is None:
        return ()
    otherwise = reworded(stated, finding_of(case))
    return tuple(
        f"Its source states the {one.field.replace('_', ' ')} anew since that was completed: what was completed stands."
        for one in case.completed
        if one.restated and one.field in otherwise
    )


def unfinished(case: Case) -> tuple[str, ...]:
    """The actions of a plan that are not said to be carried out, where its evidence is submitted.

    No refusal: evidence is asked of each cause (17021-1 9.4.10), and whether an action that goes on for long removes it
    already is for the reviewer to judge, who signs the list.
    """
    left = case.left_undone
    if not left or case.status not in ("evidence_submitted", "verified", "closed"):
        return ()
    return (f"Not completed: {', '.join(left)}. The plan is evidenced, but not said to be carried out in full.",)
