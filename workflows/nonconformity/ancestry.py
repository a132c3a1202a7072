"""The earlier case of which a finding says that it is a recurrence."""

import re

from workflows.decider import Context, stream_of
from workflows.entries import CaseEntry, CaseQuery
from workflows.findings import Finding
from workflows.people import Actor

_NUMBER = re.compile(r"NC-\d{4}-\d{4,}", re.ASCII)


def asked(finding: Finding) -> CaseQuery | None:
    """What to ask for, by number or by id; None where the finding names no case."""
    stated = finding.recurrence_of
    if stated is None:
        return None
    return CaseQuery(numbers=(stated,)) if _NUMBER.fullmatch(stated) else CaseQuery(ids=(stated,))


def named(stated: str, context: Context) -> CaseEntry | None:
    """The case of a number or an id."""
    return next((entry for entry in context.facts.cases if stated in (entry.id, entry.number)), None)


def visible(entry: CaseEntry, actor: Actor) -> bool:
    """Whether who reports sees a case: a machine those of its source or its client, others those of the tenant."""
    return actor.kind != "key" or actor.source == entry.source or actor.client == entry.client


def ancestor(finding: Finding, context: Context) -> str | None:
    """The stream of the case that the finding names."""
    found = None if finding.recurrence_of is None else named(finding.recurrence_of, context)
    return None if found is None else stream_of("nonconformity", found.id)
