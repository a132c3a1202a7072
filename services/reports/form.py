"""What stands on the form of a nonconformity: its fields, as templates name them (docs/reports.md).

Every text is ready to be shown; what is not there is empty. The fields are those of the forms that certification bodies
use: identification, requirement, description, evidence, grade, acknowledgement, correction, cause, extent, corrective
action, review, evidence of implementation, effectiveness, close-out.
"""

from typing import ClassVar

from services.reports.paper import Paper
from workflows.people import Frozen


class Said(Frozen):
    """Something that somebody said or did at an instant."""

    text: str = ""
    by: str = ""
    at: str = ""


class Named(Frozen):
    """The client by its name and its key, or whoever has both."""

    key: str
    name: str


class Requirement(Frozen):
    """What was not fulfilled; `reference` is standard, edition and clause in one line."""

    reference: str
    standard: str
    edition: str
    clause: str
    title: str
    text: str


class Stated(Frozen):
    """A field of the finding that is worded otherwise than its source has it.

    By whom, when and why it was completed, where it was; and what the source states, empty where that is nothing.
    """

    what: str
    by: str
    at: str
    why: str
    source: str


class Audit(Frozen):
    """The audit in which it was found."""

    ref: str = ""
    stage: str = ""
    ended_on: str = ""
    team: tuple[str, ...] = ()


class Deadline(Frozen):
    """A date with its state at the instant of the report; `explanation` says how it came about."""

    kind: str
    due_at: str
    state: str
    first_due_at: str
    met_at: str
    limit: str
    extensions: int
    excused: str
    explanation: tuple[str, ...]


class Correction(Frozen):
    """What was done to contain and fix the thing itself."""

    text: str = ""
    done_on: str = ""
    not_possible_because: str = ""


class Cause(Frozen):
    """One cause under its key."""

    key: str
    text: str
    category: str


class Site(Frozen):
    """Whether a site is affected too."""

    site: str
    affected: str
    text: str


class Analysis(Frozen):
    """The root-cause analysis, and where else the same was looked for."""

    method: str = ""
    steps: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    looked_at: tuple[str, ...] = ()
    found: tuple[str, ...] = ()


class Action(Frozen):
    """A corrective action."""

    key: str
    text: str
    causes: str
    owner: str
    due_on: str
    after: str
    done_on: str
    state: str


class Evidence(Frozen):
    """A piece of evidence by its digest."""

    name: str
    shows: str
    produced_on: str
    attached_by: str
    attached_at: str
    site: str
    media_type: str
    size: str
    sha256: str


class Decision(Frozen):
    """A decision, or what led to one, in the order of the record."""

    at: str
    by: str
    what: str
    why: str


class Signature(Frozen):
    """Who signed what, with which meaning, over which content."""

    what: str
    meaning: str
    by: str
    at: str
    authenticated: str
    sha256: str


class Form(Paper):
    """The whole form. `zone` is that of all its times, `seq` and `head` say up to which event of the record it goes."""

    kind: ClassVar[str] = "nonconformity"

    body: str
    number: str
    status: str
    grade: str
    label: str
    client: Named
    sites: tuple[str, ...]
    department: str
    process: str
    language: str
    title: str
    statement: str
    objective_evidence: str
    requirements: tuple[Requirement, ...]
    stated: tuple[Stated, ...]
    audit: Audit
    source: str
    policy: str
    recurrence_of: str
    aggregates: tuple[str, ...]
    reported: Said
    issued: Said
    acknowledged: Said
    deadlines: tuple[Deadline, ...]
    correction: Correction
    analysis: Analysis
    sites_affected: tuple[Site, ...]
    plan: str
    actions: tuple[Action, ...]
    evidence: tuple[Evidence, ...]
    confirmation: Said
    follow_up: str
    deferral: str
    verification: Said
    closure: Said
    ended_at: str
    ended_because: str
    decisions: tuple[Decision, ...]
    signatures: tuple[Signature, ...]
    zone: str
    made_at: str
    seq: int
    head: str

    @property
    def heading(self) -> str:
        """What the document is called."""
        return f"Nonconformity report {self.number}".rstrip()
