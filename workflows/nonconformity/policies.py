"""Which policy holds for a nonconformity: by its finding and its grade, or by name."""

from workflows import policy
from workflows.decider import Context
from workflows.findings import Finding
from workflows.nonconformity.case import Case
from workflows.nonconformity.given import finding_of
from workflows.policy import Grade, Policy


def covers(rules: Policy, grade: Grade) -> bool:
    """Whether a policy is for a grade."""
    return not rules.grades or grade in rules.grades


def policy_for(finding: Finding, grade: Grade, context: Context) -> Policy:
    """The policy under which a finding is issued now, frozen; raises PolicyError where none is in force."""
    stage = finding.audit.stage if finding.audit else None
    schemes = [item.standard for item in finding.requirements]
    return _frozen(
        context.facts.policies.choose(policy.Case(context.tenant, schemes, stage, grade), context.now), context
    )


def policy_under(case: Case, grade: Grade, context: Context) -> Policy:
    """The policy of a case under a grade: its own where that covers it, else one that is chosen now.

    Raises PolicyError where none is in force.
    """
    if case.policy is not None and covers(case.policy, grade):
        return case.policy
    return policy_for(finding_of(case), grade, context)


def policy_named(name: str, context: Context) -> Policy | None:
    """The newest version of this body's policy of a name that is in force, frozen; None where there is none.

    Raises PolicyError where its calendar is not known.
    """
    found = context.facts.policies.named(name, context.now)
    if found is None or (found.tenants and context.tenant not in found.tenants):
        return None
    return _frozen(found, context)


def _frozen(rules: Policy, context: Context) -> Policy:
    client = context.facts.client
    return policy.snapshot(
        rules, client.country if client else None, client.subdivision if client else None, context.now
    )
