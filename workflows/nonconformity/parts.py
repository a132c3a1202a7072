"""What a nonconformity consists of: the values that its state holds, as its events leave them."""

from datetime import date, datetime
from typing import Literal

from workflows.findings import Completable
from workflows.nonconformity.commands import (
    Cause,
    Choice,
    ClientDate,
    EscalationCause,
    Extent,
    Method,
    Passed,
    UpgradeCause,
    Wanted,
)
from workflows.people import Frozen


class Correction(Frozen):
    """Containment: what fixes the thing."""

    text: str
    done_on: date | None = None
    not_possible_because: str | None = None


class Analysis(Frozen):
    """The root-cause analysis as it stands."""

    method: Method
    steps: tuple[str, ...]
    causes: tuple[Cause, ...]
    extent: Extent


class Action(Frozen):
    """A corrective action; `done_on` once carried out, `agreed_due_on` its date in the plan as accepted."""

    key: str
    text: str
    causes: tuple[str, ...]
    owner: str | None
    due_on: date | None
    after: tuple[str, ...]
    done_on: date | None = None
    agreed_due_on: date | None = None


class Plan(Frozen):
    """Where the plan is. `version` counts submissions, `authors` are those who prepared the present draft."""

    version: int = 0
    state: Literal["draft", "proposed", "submitted", "accepted", "returned"] = "draft"
    sha256: str | None = None
    authors: tuple[str, ...] = ()


class Evidence(Frozen):
    """One piece of evidence."""

    shows: tuple[str, ...]
    name: str
    sha256: str
    media_type: str
    produced_on: date | None
    size: int | None
    attached_by: str
    attached_at: datetime
    site: str | None = None


class SourceWord(Frozen):
    """What its source said of a case after the report: a revision with the fields that changed, or that it `passed`.

    `at` is when it was recorded, `revision` when the source says that it was so.
    """

    at: datetime
    by: str
    passed: Passed | None = None
    changed: tuple[str, ...] = ()
    revision: datetime | None = None
    document: str | None = None


class Completed(Frozen):
    """A field of the finding that somebody completed in triage, and why, where they say so.

    `restated` says that the source stated it otherwise than before since then.
    """

    field: Completable
    by: str
    at: datetime
    reason: str | None = None
    restated: bool = False


class Statement(Frozen):
    """A signed statement: verification, close-out, internal confirmation."""

    text: str
    by: str
    at: datetime


class ExtensionRequest(Frozen):
    """A request for more time that waits for an answer."""

    deadline: ClientDate
    until: datetime
    reason: str
    containment: str
    by: str


class FollowUp(Frozen):
    """A special audit that is to find the corrective actions effective; `result` once it was held.

    `required_at` is since when it is asked for, `review` the committee review that decided on it, if one did.
    """

    on: date
    reason: str
    required_at: datetime | None = None
    review: str | None = None
    result: Literal["effective", "not_effective"] | None = None
    statement: str | None = None


class Deferral(Frozen):
    """Verification at an audit to come: at `audit`, else at whichever comes next, never after `latest`.

    `called_up` once that audit is under way; the auditors of its `team` may then verify on evidence seen on site.
    """

    audit: str | None
    reason: str
    latest: datetime
    called_up: bool = False
    team: tuple[str, ...] = ()


class Escalation(Frozen):
    """The latest call of the committee, and what it decided; `left` where the case ended before.

    `deciders` are the ids of those who voted.
    """

    cause: str
    review: str
    reason: str
    at: datetime
    state: Literal["under_review", "decided", "left"] = "under_review"
    choice: Choice | None = None
    effect: str | None = None
    deciders: tuple[str, ...] = ()


class Decision(Frozen):
    """The committee's latest decision, which can be appealed against whatever was called since."""

    review: str
    choice: Choice
    effect: str
    deciders: tuple[str, ...]
    at: datetime


class Touch(Frozen):
    """A certificate on which a committee decision on the case took effect."""

    review: str
    certificate: str


class Held(Frozen):
    """A call of the committee that waits for the end of a dispute."""

    cause: EscalationCause
    reason: str


class HeldUpgrade(Frozen):
    """A minor that was left undone, and becomes a major unless a dispute ends otherwise."""

    cause: UpgradeCause
    reason: str


class Dispute(Frozen):
    """The latest dispute; `left` where the case ended before it was decided.

    `held` is the call of the committee that it holds up, the first of several; `upgrade` likewise. `lowered` says that
    it, or one before it, made the grade lower.
    """

    wanted: Wanted
    reason: str
    by: str
    at: datetime
    state: Literal["open", "upheld", "rejected", "left"] = "open"
    held: Held | None = None
    upgrade: HeldUpgrade | None = None
    lowered: bool = False


class Appeal(Frozen):
    """The latest appeal: against which review, and who decided in that; `left` where the case ended before."""

    review: str
    reason: str
    by: str
    at: datetime
    deciders: tuple[str, ...]
    state: Literal["open", "upheld", "rejected", "left"] = "open"


class SiteExtent(Frozen):
    """Whether a site is affected too."""

    site: str
    affected: bool
    text: str
