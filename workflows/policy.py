"""Deadline policies: which dates, limits and rights hold for a nonconformity, as data.

A policy is chosen by scheme and audit stage when a nonconformity is issued, and copied whole into the case: changing a
file changes no open case.
"""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from workflows.durations import Duration
from workflows.people import Frozen, Role

Grade = Literal["major", "minor", "ofi"]
Stage = Literal["stage1", "stage2", "surveillance", "recertification", "special", "internal"]
Anchor = Literal["issue", "receipt", "audit_end", "detection"]
Breach = Literal["warn", "committee"]

PACKAGED = Path(__file__).parent / "policies"


class Step(Frozen):
    """One deadline: how long after the anchor, and what its breach does."""

    within: Duration
    on_breach: Breach = "warn"


class Terms(Frozen):
    """The deadlines of one grade; a missing step has no deadline."""

    plan: Step | None = None
    evidence: Step | None = None
    closure: Step | None = None


class Extensions(Frozen):
    """Caps on extensions of one deadline: how many a reviewer grants before the committee is asked, how long in all."""

    reviewer_grants: int = Field(default=1, ge=0)
    longest: Duration = Duration(days=30)


class Committee(Frozen):
    """How a committee review decides: how many members must vote, by what share, and by when."""

    within: Duration = Duration(days=14)
    quorum: int = Field(default=3, ge=1)
    majority: Literal["simple", "two_thirds", "unanimous"] = "simple"


class Policy(Frozen):
    """One version of one set of rules for deadlines, rounds, extensions and rights.

    `schemes` and `stages` say where it applies (empty: everywhere). `minimum_response` is what a client gets at least
    when a counted date is already past at issue. `tolerance` is how far an action's date may move after acceptance
    without voiding it. `limit` is the hard limit, counted from the anchor, past which nothing moves a closure.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")
    version: str
    title: str = ""
    effective_from: date = date(2000, 1, 1)
    schemes: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()

    anchor: Anchor = "issue"
    deemed_receipt: Duration = Duration(days=3)
    minimum_response: Duration = Duration(days=7)
    end_of_day: bool = True
    remind_at: time = time(9)
    reminders: tuple[Duration, ...] = ()
    resubmission: Duration = Duration(days=7)
    round_limit: int = Field(default=3, ge=1)
    tolerance: Duration = Duration(days=7)
    limit: Duration | None = None

    major: Terms = Terms()
    minor: Terms = Terms()
    ofi: Terms = Terms()

    extensions: Extensions = Extensions()
    committee: Committee = Committee()
    reviewers: tuple[Role, ...] = (Role.AUDITOR, Role.REVIEWER)
    separate_closer: bool = True

    def terms(self, grade: Grade) -> Terms:
        """The deadlines of a grade."""
        return {"major": self.major, "minor": self.minor, "ofi": self.ofi}[grade]


class PolicyError(ValueError):
    """A policy file that cannot be used: names the file, the field and the rule."""


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
class PolicyBook:
    """The policies of an installation."""

    policies: Sequence[Policy]

    @classmethod
    def load(cls, folder: Path | None = None) -> "PolicyBook":
        """The packaged policies and those of a folder (`*.toml`), which replace packaged ones of the same name.

        Raises PolicyError unless one of them is for all cases.
        """
        files = [*sorted(PACKAGED.glob("*.toml")), *(sorted(folder.glob("*.toml")) if folder else ())]
        book = cls(list({policy.name: policy for policy in map(read, files)}.values()))
        if not any(not policy.schemes and not policy.stages for policy in book.policies):
            raise PolicyError(f"{folder or PACKAGED}: no policy applies to every scheme and stage; one must")
        return book

    def choose(self, schemes: Iterable[str], stage: Stage | None, at: datetime) -> Policy:
        """The policy for these standards and this audit stage at an instant: the most specific, then the newest."""
        wanted = {scheme.casefold() for scheme in schemes}
        fitting = [
            policy
            for policy in self.policies
            if policy.effective_from <= at.date()
            and (not policy.schemes or wanted & {scheme.casefold() for scheme in policy.schemes})
            and (not policy.stages or stage in policy.stages)
        ]
        if not fitting:
            raise PolicyError(f"no policy is in force on {at.date()} for {', '.join(sorted(wanted))}, stage {stage}")
        return max(fitting, key=lambda p: (bool(p.schemes), bool(p.stages), p.effective_from, p.version))
