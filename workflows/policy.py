"""Deadline policies: which dates, limits and rights hold for a nonconformity, as data.

A policy is chosen by tenant, scheme, audit stage and grade when a nonconformity is issued, and copied whole into the
case, with the closed days that it counts by: changing a file changes no open case.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache
from typing import Annotated, Literal, get_args
from unicodedata import category

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from workflows.calendars import Calendar
from workflows.durations import Duration
from workflows.grades import Grade, Stage
from workflows.people import CB_SIDE, Frozen, Role
from workflows.sentences import Sentence
from workflows.standards import standard
from workflows.toml_lines import Place

Anchor = Literal["issue", "receipt", "audit_end", "detection"]
LimitAnchor = Literal["issue", "receipt", "audit_end", "detection", "certificate_expiry"]
Counted = Literal["calendar", "working"]
Breach = Literal["warn", "committee", "upgrade"]
Held = Literal["correction", "plan", "evidence"]


def _ahead(duration: Duration) -> Duration:
    if duration.months < 0 or duration.days < 0 or duration.exact < timedelta():
        raise ValueError(Sentence("{duration} leads back: only reminders and hard limits may", duration=duration))
    return duration


Span = Annotated[Duration, AfterValidator(_ahead)]
"""A duration that leads forward."""


class Step(Frozen):
    """One deadline: how long after the anchor, and what its breach does.

    `anchor` and `days` replace the policy's. A step `at` the next audit comes due when that audit ends; `within` is
    then the longest that it may wait. A breach warns, calls the committee, or makes a minor a major (`upgrade`).
    """

    within: Span
    anchor: Anchor | None = None
    days: Counted | None = None
    at: Literal["next_audit"] | None = None
    on_breach: Breach = "warn"


class Extensions(Frozen):
    """Caps on extensions of one deadline: how many a reviewer grants before the committee is asked, how long in all."""

    reviewer_grants: int = Field(default=1, ge=0)
    longest: Span = Duration(days=30)


class Terms(Frozen):
    """The deadlines of one grade; a missing step has no deadline.

    `extensions` replaces the policy's. Where `follow_up` is asked for, nothing is verified before a follow-up audit has
    found the corrective actions effective.
    """

    correction: Step | None = None
    plan: Step | None = None
    evidence: Step | None = None
    closure: Step | None = None
    extensions: Extensions | None = None
    follow_up: bool = False


class Label(Terms):
    """A scheme's own word for a grade (`critical`, `level 1`, `4`): the grade that it means, and its own deadlines."""

    grade: Grade


class Limit(Frozen):
    """A hard limit, past which nothing moves a close-out date: so long after its anchor, negative for before it.

    It holds for some grades and audit stages (none named: all). One whose anchor is unknown does not hold, and the
    date's explanation says so.
    """

    anchor: LimitAnchor
    within: Duration
    grades: tuple[Grade, ...] = ()
    stages: tuple[Stage, ...] = ()


class Window(Frozen):
    """Within what time something may be asked for, and by when it has to be decided."""

    within: Span = Duration(days=30)
    decide_within: Span = Duration(days=30)


class AnchoredWindow(Window):
    """A window that counts from an instant of the policy's choice."""

    anchor: Anchor = "issue"


class Committee(Frozen):
    """How a committee review decides: how many members must vote, by what share, and by when."""

    within: Span = Duration(days=14)
    quorum: int = Field(default=3, ge=1)
    majority: Literal["simple", "two_thirds", "unanimous"] = "simple"


class Deferral(Frozen):
    """Verification at the next audit: how long it may wait, and what a case becomes that is not verified there."""

    longest: Span = Duration(months=12)
    unverified: Literal["upgrade", "warn"] = "upgrade"


class Suspension(Frozen):
    """How long a certificate may stay suspended, and what then becomes of it (17021-1 9.6.5)."""

    longest: Span = Duration(months=6)
    then: Literal["withdraw", "warn"] = "withdraw"


class Certificates(Frozen):
    """The terms of certificates: how long a cycle lasts (17021-1 9.1.3.2)."""

    longest: Span = Duration(months=36)


class Audits(Frozen):
    """The clocks of audits.

    `repair` is the window in which areas of concern of stage 1 are repaired, `conclude` how long after its last day a
    stage 2 may still lead to certification (17021-1 9.5.3.2).
    """

    repair: Span = Duration(months=3)
    conclude: Span = Duration(months=6)


class Patterns(Frozen):
    """What counts as a pattern.

    `propose_at` so many open minors on one requirement, department or process one systemic major is proposed; `cycle`
    is how far back a requirement that failed before counts as repeated.
    """

    propose_at: int = Field(default=3, ge=2)
    cycle: Span = Duration(months=36)


class Policy(Frozen):
    """One version of one set of rules for deadlines, rounds, extensions and rights.

    `tenants`, `schemes`, `stages` and `grades` say where it applies (empty: everywhere), `effective_from` since when,
    and `source` where the rules were published. `labels` are the scheme's own words for grades.

    Steps are counted from `anchor` in calendar or working `days`, everything else in calendar days; a date in days that
    falls on a closed day of the `calendar` goes where `roll` says, a hard limit stays. A policy without a country knows
    no closed days but weekends. `minimum_response` is what a client gets at least when a counted date is already past
    at issue. `stops` stand still while the certification body holds the item and are judged by the submission; a date
    that is none of them runs on and is judged by acceptance or verification. `review` is the body's own clock, from
    each submission to its decision. `tolerance` is how far an action's date may move after acceptance without voiding
    it. `limits` are the hard limits of close-out. Where `sites` is `each`, the extent is stated for each site of the
    client before evidence is submitted.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    version: str
    title: str = ""
    source: str = ""
    effective_from: date = date(2000, 1, 1)
    tenants: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    grades: tuple[Grade, ...] = ()

    anchor: Anchor = "issue"
    days: Counted = "calendar"
    calendar: Calendar = Calendar()
    roll: Literal["none", "forward", "backward"] = "none"
    deemed_receipt: Span = Duration(days=3)
    minimum_response: Span = Duration(days=7)
    end_of_day: bool = True
    remind_at: time = time(9)
    reminders: tuple[Duration, ...] = ()
    stops: tuple[Held, ...] = ("plan", "evidence")
    review: Step | None = None
    resubmission: Span = Duration(days=7)
    round_limit: int = Field(default=3, ge=1)
    tolerance: Span = Duration(days=7)
    limits: tuple[Limit, ...] = ()

    major: Terms = Terms()
    minor: Terms = Terms()
    ofi: Terms = Terms()
    labels: Mapping[Annotated[str, Field(min_length=1, max_length=60)], Label] = Field(default_factory=dict)

    extensions: Extensions = Extensions()
    deferral: Deferral = Deferral()
    dispute: AnchoredWindow = AnchoredWindow()
    appeal: Window = Window()
    committee: Committee = Committee()
    suspension: Suspension = Suspension()
    certificates: Certificates = Certificates()
    audits: Audits = Audits()
    patterns: Patterns = Patterns()
    sites: Literal["stated", "each"] = "stated"
    reviewers: tuple[Role, ...] = (Role.AUDITOR, Role.REVIEWER)
    separate_closer: bool = True

    @model_validator(mode="after")
    def _holds_together(self) -> "Policy":
        faults = [
            InitErrorDetails(type=PydanticCustomError("policy", "{says}", {"says": says}), loc=place, input=None)
            for place, says in (*_uncountable(self), *_unusable(self))
        ]
        if faults:
            raise ValidationError.from_exception_data("Policy", faults)
        return self

    def __hash__(self) -> int:
        """By what names it, and whose days it counts by: what else it says tells it from others of that name."""
        days = self.calendar.country, self.calendar.subdivision
        return hash((self.name, self.version, self.effective_from, days))

    @property
    def identity(self) -> tuple[object, ...]:
        """Which policy it is, in which version, and for which cases: no two that are read together share it."""
        schemes = frozenset(folded(scheme) for scheme in self.schemes)
        scope = (frozenset(self.tenants), schemes, frozenset(self.stages), frozenset(self.grades))
        return self.name, self.version, *scope

    def is_for(self, grade: Grade) -> bool:
        """Whether it is for a grade."""
        return not self.grades or grade in self.grades

    def covers(self, case: "Case") -> bool:
        """Whether it is for a case, as far as it says for what it is; standards by name, however they are written."""
        schemes = {folded(scheme) for scheme in case.schemes}
        return (
            (not self.tenants or case.tenant in self.tenants)
            and (not self.schemes or any(folded(scheme) in schemes for scheme in self.schemes))
            and (not self.stages or case.stage in self.stages)
            and self.is_for(case.grade)
        )

    def terms(self, grade: Grade, label: str | None = None) -> Terms:
        """The deadlines of a grade; of a scheme's own label, where one is given and known."""
        own = self.labels.get(label) if label is not None else None
        return own or {"major": self.major, "minor": self.minor, "ofi": self.ofi}[grade]

    def caps(self, grade: Grade, label: str | None = None) -> Extensions:
        """The caps on extensions of a grade."""
        return self.terms(grade, label).extensions or self.extensions


@lru_cache(maxsize=4096)
def folded(scheme: str) -> str:
    """A scheme as it is compared: by its normal name, without an edition, in any case of letters."""
    return standard(scheme[:200]).name.casefold()


def steps(policy: Policy) -> Iterator[tuple[Place, Grade, Step]]:
    """Each step of a policy for the client, with where it stands and the grade that it is for."""
    named: dict[Place, tuple[Grade, Terms]] = {
        ("major",): ("major", policy.major),
        ("minor",): ("minor", policy.minor),
        ("ofi",): ("ofi", policy.ofi),
        **{("labels", word): (label.grade, label) for word, label in policy.labels.items()},
    }
    for place, (grade, terms) in named.items():
        for kind in ("correction", "plan", "evidence", "closure"):
            step: Step | None = getattr(terms, kind)
            if step is not None:
                yield (*place, kind), grade, step


def _uncountable(policy: Policy) -> Iterator[tuple[Place, str]]:
    """Where a step says what cannot be."""
    for place, grade, step in steps(policy):
        if (step.days or policy.days) == "working" and not _in_working_days(step):
            yield (*place, "within"), "Working days are counted in days, such as P10D."
        if step.on_breach == "upgrade" and grade != "minor":
            yield (*place, "on_breach"), "Only a minor becomes a major."
    if policy.review is None:
        return
    if (policy.review.days or policy.days) == "working" and not _in_working_days(policy.review):
        yield ("review", "within"), "Working days are counted in days, such as P10D."
    if policy.review.on_breach == "upgrade":
        yield ("review", "on_breach"), "A late review does not make a minor a major."
    for name in ("anchor", "at"):
        if getattr(policy.review, name) is not None:
            yield ("review", name), "A review is counted from the submission."


def _unusable(policy: Policy) -> Iterator[tuple[Place, str]]:
    """Where a label or a reviewer is named of whom no command could make use."""
    written: dict[str, str] = {}
    for word, label in policy.labels.items():
        first = written.setdefault(word.casefold(), word)
        if word != word.strip() or any(category(sign) == "Cc" for sign in word):
            yield ("labels", word), "A label is a word, without space around it and without control characters."
        elif first != word:
            yield ("labels", word), f"Nobody could tell it from {first}: they differ in capitals only."
        elif word.casefold() in get_args(Grade) and word.casefold() != label.grade:
            yield ("labels", word), f"This is the name of another grade than {label.grade}, which it stands for."
    if not policy.reviewers:
        yield ("reviewers",), "Somebody reviews."
    for number, role in enumerate(policy.reviewers):
        if role not in CB_SIDE:
            yield ("reviewers", number), f"Nobody reviews as {role}: one of {', '.join(sorted(CB_SIDE))} does."


def _in_working_days(step: Step) -> bool:
    return step.within.in_days and not step.within.months


@dataclass(frozen=True, slots=True)
class Case:
    """What a policy is chosen for: the tenant, the standards that were not fulfilled, the audit's stage, the grade."""

    tenant: str
    schemes: Iterable[str]
    stage: Stage | None
    grade: Grade

    def words(self) -> Sentence:
        """What it is for."""
        names = ", ".join(sorted(set(self.schemes))) or Sentence("no standard")
        stage = Sentence("no stage stated") if self.stage is None else Sentence("stage {stage}", stage=self.stage)
        return Sentence("{standards}, {what}, {grade}", standards=names, what=stage, grade=self.grade)
