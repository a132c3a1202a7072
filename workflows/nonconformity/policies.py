"""Which policy holds for a nonconformity: by its finding and its grade, or by name."""

from workflows.decider import Context
from workflows.findings import Finding
from workflows.grades import Grade
from workflows.nonconformity.case import Case
from workflows.nonconformity.given import finding_of
from workflows.policy import Case as Chosen
from workflows.policy import Policy
from workflows.policy_book import snapshot


def in_question(finding: Finding, grade: Grade, context: Context) -> Chosen:
    """What a policy is chosen for: a finding of a grade, at this certification body."""
    stage = finding.audit.stage if finding.audit else None
    return Chosen(context.tenant, [item.standard for item in finding.requirements], stage, grade)


def policy_for(finding: Finding, grade: Grade, context: Context) -> Policy:
    """The policy under which a finding is issued now, frozen; raises PolicyError where none is in force."""
    return _frozen(context.facts.policies.choose(in_question(finding, grade, context), context.today), context)


def policy_under(case: Case, grade: Grade, context: Context) -> Policy:
    """The policy of a case under a grade: its own where that covers it, else one that is chosen now.

    Raises PolicyError where none is in force.
    """
    finding = finding_of(case)
    if case.policy is not None and case.policy.covers(in_question(finding, grade, context)):
        return case.policy
    return policy_for(finding, grade, context)


def another_policy(case: Case, grade: Grade, context: Context) -> Policy | None:
    """The policy that takes the place of a case's own under a grade; None where that stays."""
    rules = policy_under(case, grade, context)
    return None if rules is case.policy else rules


def policy_named(name: str, context: Context) -> Policy | None:
    """The newest version of this body's policy of a name that is in force, frozen; None where there is none.

    Raises PolicyError where its calendar is not known.
    """
    found = context.facts.policies.named(name, context.today)
    if found is None or (found.tenants and context.tenant not in found.tenants):
        return None
    return _frozen(found, context)


def _frozen(rules: Policy, context: Context) -> Policy:
    client = context.facts.client
    return snapshot(rules, client.country if client else None, client.subdivision if client else None, context.now)
