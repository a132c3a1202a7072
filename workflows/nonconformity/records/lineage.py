"""What commands about lineage record."""

import uuid

from workflows.decider import Context
from workflows.nonconformity import commands as c
from workflows.nonconformity import events as e
from workflows.nonconformity.aggregation import left_to, systemic_finding
from workflows.nonconformity.case import Case
from workflows.nonconformity.records.common import Events
from workflows.nonconformity.records.triage import issue


def aggregate(case: Case, body: c.Aggregate, context: Context) -> Events:
    """The systemic major as it will be raised; nothing ends before that exists."""
    known = {entry.id: entry for entry in context.facts.cases}
    others = [known[other] for other in body.others]
    systemic = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{case.stream}/systemic/{context.seq}"))
    return (
        e.Aggregated(
            systemic=systemic,
            others=tuple(c.Minor(id=entry.id, number=entry.number) for entry in others),
            finding=systemic_finding(case, body, systemic, others),
            reason=body.reason,
        ),
    )


def raise_systemic(case: Case, body: c.RaiseSystemic, context: Context) -> Events:
    """A major with a number, a policy and dates of its own, and the minors that are left to it."""
    reported = e.Reported(finding=body.finding)
    triaged = case.model_copy(update={"status": "reported", "finding": body.finding})
    issued = issue(triaged, c.Issue(grade="major", reason=body.reason), context)
    return (reported, *issued, e.SystemicRaised(aggregates=left_to(body, context), reason=body.reason, by=body.by))


def lapse_aggregation(case: Case, body: c.LapseAggregation, context: Context) -> Events:
    """It may be aggregated again."""
    return (e.AggregationLapsed(systemic=body.by, code=body.code, detail=body.detail),)


def supersede(case: Case, body: c.Supersede, context: Context) -> Events:
    """The systemic major stands in its place."""
    return (e.Superseded(by=body.by, number=body.number),)


def change_client(case: Case, body: c.ChangeClient, context: Context) -> Events:
    """Another client's from now on."""
    return (e.ClientChanged(client=body.client, was=case.client),)
