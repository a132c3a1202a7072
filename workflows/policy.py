"""Deadline policies: which dates, limits and rights hold for a nonconformity, as data.

A policy is chosen by tenant, scheme, audit stage and grade when a nonconformity is issued, and copied whole into the
case, with the closed days that it counts by: changing a file changes no open case.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from workflows.calendars import Calendar, frozen
from workflows.durations import Duration
from workflows.people import Frozen, Role

Grade = Literal["major", "minor", "ofi"]
Stage = Literal["stage1", "stage2", "surveillance", "recertification", "special", "internal"]
Anchor = Literal["issue", "receipt", "audit_end", "detection"]
LimitAnchor = Literal["issue", "receipt", "audit_end", "detection", "certificate_expiry"]
Counted = Literal["calendar", "working"]
Breach = Literal["warn", "committee", "upgrade"]
Held = Literal["correction", "plan", "evidence"]

PACKAGED = Path(__file__).parent / "policies"


class Step(Frozen):
    """One deadline: how long after the anchor, and what its breach does.

    `anchor` and `days` replace the policy's. A step `at` the next audit comes due when that audit ends; `within` is then
    the longest that it may wait. A breach warns, calls the committee, or makes a minor a major (`upgrade`).
    """

    within: Duration
    anchor: Anchor | None = None
    days: Counted | None = None
    at: Literal["next_audit"] | None = None
    on_breach: Breach = "warn"


class Extensions(Frozen):
    """Caps on extensions of one deadline: how many a reviewer grants before the committee is asked, how long in all."""

    reviewer_grants: int = Field(default=1, ge=0)
    longest: Duration = Duration(days=30)


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

    within: Duration = Duration(days=30)
    anchor: Anchor = "issue"
    decide_within: Duration = Duration(days=30)


class Committee(Frozen):
    """How a committee review decides: how many members must vote, by what share, and by when."""

    within: Duration = Duration(days=14)
    quorum: int = Field(default=3, ge=1)
    majority: Literal["simple", "two_thirds", "unanimous"] = "simple"


class Deferral(Frozen):
    """Verification at the next audit: how long it may wait, and what a case becomes that is not verified there."""

    longest: Duration = Duration(months=12)
    unverified: Literal["upgrade", "warn"] = "upgrade"


class Suspension(Frozen):
    """How long a certificate may stay suspended, and what then becomes of it (17021-1 9.6.5.5)."""

    longest: Duration = Duration(months=6)
    then: Literal["withdraw", "warn"] = "withdraw"


class Audits(Frozen):
    """The clocks of audits: the window in which areas of concern of stage 1 are repaired, and how long after its last
    day a stage 2 may still lead to certification (17021-1 9.5.3.2).
    """

    repair: Duration = Duration(months=3)
    conclude: Duration = Duration(months=6)


class Patterns(Frozen):
    """When open minors on one requirement, department or process are proposed as one systemic major, and how far back a
    requirement that failed before counts as repeated.
    """

    propose_at: int = Field(default=3, ge=2)
    cycle: Duration = Duration(months=36)


class Policy(Frozen):
    """One version of one set of rules for deadlines, rounds, extensions and rights.

    `tenants`, `schemes`, `stages` and `grades` say where it applies (empty: everywhere), `effective_from` since when, and
    `source` where the rules were published. `labels` are the scheme's own words for grades.

    Dates are counted from `anchor` in calendar or working `days`; a date that falls on a closed day of the `calendar`
    goes where `roll` says; a policy without a calendar knows no closed days but weekends. `minimum_response` is what a
    client gets at least when a counted date is already past at issue. `stops` stand still while the certification body
    holds the item, and `review` is its own clock for that. `tolerance` is how far an action's date may move after
    acceptance without voiding it. `limits` are the hard limits of close-out. Where `sites` is `each`, the extent is
    stated for each site of the client before evidence is submitted.
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
    deemed_receipt: Duration = Duration(days=3)
    minimum_response: Duration = Duration(days=7)
    end_of_day: bool = True
    remind_at: time = time(9)
    reminders: tuple[Duration, ...] = ()
    stops: tuple[Held, ...] = ("plan", "evidence")
    review: Step | None = None
    resubmission: Duration = Duration(days=7)
    round_limit: int = Field(default=3, ge=1)
    tolerance: Duration = Duration(days=7)
    limits: tuple[Limit, ...] = ()

    major: Terms = Terms()
    minor: Terms = Terms()
    ofi: Terms = Terms()
    labels: Mapping[Annotated[str, Field(min_length=1, max_length=60)], Label] = Field(default_factory=dict)

    extensions: Extensions = Extensions()
    deferral: Deferral = Deferral()
    dispute: Window = Window()
    appeal: Window = Window()
    committee: Committee = Committee()
    suspension: Suspension = Suspension()
    audits: Audits = Audits()
    patterns: Patterns = Patterns()
    sites: Literal["stated", "each"] = "stated"
    reviewers: tuple[Role, ...] = (Role.AUDITOR, Role.REVIEWER)
    separate_closer: bool = True

    @model_validator(mode="after")
    def _working_days_are_days(self) -> "Policy":
        named = {"major": self.major, "minor": self.minor, "ofi": self.ofi, **self.labels}
        for grade, terms in named.items():
            for kind in ("correction", "plan", "evidence", "closure"):
                step: Step | None = getattr(terms, kind)
                if step is None or (step.days or self.days) == "calendar":
                    continue
                if step.within.months or not step.within.in_days:
                    raise ValueError(f"{grade}.{kind}: working days are counted in days, such as P10D")
        return self

    def terms(self, grade: Grade, label: str | None = None) -> Terms:
        """The deadlines of a grade; of a scheme's own label, where one is given and known."""
        own = self.labels.get(label) if label is not None else None
        return own or {"major": self.major, "minor": self.minor, "ofi": self.ofi}[grade]

    def caps(self, grade: Grade, label: str | None = None) -> Extensions:
        """The caps on extensions of a grade."""
        return self.terms(grade, label).extensions or self.extensions


class PolicyError(ValueError):
    """A policy file that cannot be used: names the file, the line, the field and the rule."""


def read(path: Path) -> Policy:
    """One policy file; raises PolicyError that names file and field."""
    try:
        return Policy.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise PolicyError(f"{path.name}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path.name}: not readable as TOML: {error}") from error
    except ValidationError as error:
        lines = (f"{path.name}: {'.'.join(map(str, e['loc'])) or 'the file'}: {e['msg']}" for e in error.errors())
        raise PolicyError("\n".join(lines)) from error


@dataclass(frozen=True, slots=True)
class Case:
    """What a policy is chosen for: the tenant, the standards that were not fulfilled, the audit's stage, the grade."""

    tenant: str
    schemes: Iterable[str]
    stage: Stage | None
    grade: Grade


@dataclass(frozen=True, slots=True)
class PolicyBook:
    """The policies of an installation, each version of each."""

    policies: Sequence[Policy]

    @classmethod
    def load(cls, folder: Path | None = None) -> "PolicyBook":
        """The packaged policies and those of a folder (`*.toml`), which replace packaged ones of the same name.

        Raises PolicyError unless one of them is for all cases.
        """
        own = [read(path) for path in sorted(folder.glob("*.toml"))] if folder else []
        replaced = {policy.name for policy in own}
        packaged = [policy for path in sorted(PACKAGED.glob("*.toml")) if (policy := read(path)).name not in replaced]
        book = cls([*packaged, *own])
        if not any(not (p.tenants or p.schemes or p.stages or p.grades) for p in book.policies):
            raise PolicyError(
                f"{folder or PACKAGED}: no policy applies to every tenant, scheme, stage and grade; one must"
            )
        return book

    def choose(self, case: Case, at: datetime) -> Policy:
        """The policy that is in force for a case at an instant: the most specific, then the newest.

        A policy for a tenant goes before one for a scheme, that before one for a stage, that before one for a grade.
        """
        wanted = {scheme.casefold() for scheme in case.schemes}
        fitting = [
            policy
            for policy in self.policies
            if policy.effective_from <= at.date()
            and (not policy.tenants or case.tenant in policy.tenants)
            and (not policy.schemes or wanted & {scheme.casefold() for scheme in policy.schemes})
            and (not policy.stages or case.stage in policy.stages)
            and (not policy.grades or case.grade in policy.grades)
        ]
        if not fitting:
            names = ", ".join(sorted(wanted)) or "no standard"
            raise PolicyError(f"no policy is in force on {at.date()} for {names}, stage {case.stage}, {case.grade}")
        return max(
            fitting,
            key=lambda p: (
                bool(p.tenants),
                bool(p.schemes),
                bool(p.stages),
                bool(p.grades),
                p.effective_from,
                p.version,
            ),
        )

    def named(self, name: str, at: datetime) -> Policy | None:
        """The newest version of a policy by its name that is in force at an instant."""
        versions = [p for p in self.policies if p.name == name and p.effective_from <= at.date()]
        return max(versions, key=lambda p: (p.effective_from, p.version), default=None)


def snapshot(policy: Policy, country: str | None, subdivision: str | None, at: datetime) -> Policy:
    """The policy as a case keeps it: with the closed days of the years around `at`, as they are known now.

    A calendar of `client` becomes the client's country and subdivision. Raises PolicyError for a country or subdivision
    that no calendar is known of.
    """
    try:
        return policy.model_copy(update={"calendar": frozen(policy.calendar, country, subdivision, at.year)})
    except LookupError as error:
        raise PolicyError(f"{policy.name} {policy.version}: {error}") from error
