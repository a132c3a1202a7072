"""Why a finding that states its grade waits in triage: by which rule it was not issued at once (CONTRACT, Findings)."""

from workflows.decider import Refused
from workflows.findings import Finding, missing_for_issue
from workflows.nonconformity.records.triage import may_state_grades, stated_grade
from workflows.nonconformity.refusals.triage import FindingIncomplete, LabelUnknown, MayNotStateGrade, NoPolicy
from workflows.people import Actor


def withheld(actor: Actor, finding: Finding) -> Refused | None:
    """The rule that kept a finding in triage which its reporter graded; None for one that states no grade.

    Of a label its case says more (`flags`): which policies there are is not known here.
    """
    if stated_grade(finding) is None:
        return None
    if not may_state_grades(actor):
        return MayNotStateGrade("/grade").data()
    if missing := missing_for_issue(finding):
        return FindingIncomplete(missing[0].pointer, missing="; ".join(one.words for one in missing)).data()
    if finding.label is not None:
        detail = "No policy of its requirements has its label as a word for its grade."
        return Refused(kind=LabelUnknown.kind, code=LabelUnknown.code, detail=detail, pointer="/label")
    return NoPolicy("/grade", why="no policy covers it").data()
