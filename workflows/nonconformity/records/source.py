"""What commands about what its source says of a case after the report record."""

from workflows.decider import Context
from workflows.findings import differing
from workflows.nonconformity import commands as c
from workflows.nonconformity import events as e
from workflows.nonconformity.audits import as_registered, differences
from workflows.nonconformity.case import Case
from workflows.nonconformity.doubts import about
from workflows.nonconformity.given import told, with_completions
from workflows.nonconformity.records.common import Events
from workflows.nonconformity.records.triage import strange_label


def revise_finding(case: Case, body: c.ReviseFinding, context: Context) -> Events:
    """What its source says now, beside what it said last; nothing is graded by it."""
    finding = told(case, body)
    now = with_completions(case, finding) if case.status == "reported" else finding
    strange = strange_label(as_registered(now, context), context)
    return (
        e.FindingRevised(
            finding=finding,
            changed=differing(case.as_stated, finding),
            revision=body.revision,
            document=body.document,
            escaped=body.escaped,
            proposed_grade=finding.proposed_grade,
            flags=(strange,) if strange else (),
            warnings=(*differences(now, context), *about(now, context)),
        ),
    )


def note_pass(case: Case, body: c.NotePass, context: Context) -> Events:
    """That it found it no more."""
    return (e.FindingPassed(reason=body.reason, revision=body.revision, document=body.document),)
