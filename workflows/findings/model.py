"""The finding: the one shape into which every source is read (CONTRACT, Findings)."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import BeforeValidator, Field, StringConstraints, field_validator, model_validator

from workflows import standards
from workflows.findings.values import (
    MANY,
    REQUIREMENTS,
    TITLE,
    At,
    Day,
    Level,
    Name,
    Names,
    Reported,
    Text,
    folded,
    level,
    listed,
    numbered,
    proposed_grade,
    scored,
)
from workflows.grades import Grade, Stage
from workflows.sentences import Sentence

SYSTEM = 100
_KEY_BYTES = 1024
"""As the ledger's own bound: an external id is part of a unique index, whose entries Postgres bounds."""


class Source(Reported):
    """Which system reports, and under which of its own ids: together the identity of a finding within a tenant.

    Who reports decides what the `system` is: a machine by its key, and people by hand. `stated` is what their document
    calls it.
    """

    system: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=SYSTEM)]
    stated: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=SYSTEM)] | None = None
    external_id: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

    @field_validator("external_id")
    @classmethod
    def _fits_an_index(cls, value: str) -> str:
        if len(value.encode("utf-8", "surrogatepass")) > _KEY_BYTES:
            raise ValueError(f"longer than {_KEY_BYTES} bytes")
        return value


class Requirement(Reported):
    """What was not fulfilled: `ISO/IEC 27001`, `2022`, `A.5.18`. Also read from one line: `ISO 27001:2022 A.5.18`."""

    standard: Name
    edition: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] | None = None
    clause: Name
    text: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _as_we_write_it(cls, data: Any) -> Any:
        if isinstance(data, str):
            return standards.reference(data[:TITLE])._asdict()
        if not isinstance(data, Mapping) or not isinstance(data.get("standard"), str) or len(data["standard"]) > 200:
            return data
        edition, clause = numbered(data.get("edition")), data.get("clause")
        if edition is not None and not isinstance(edition, str):
            return data
        name, edition = standards.standard(data["standard"], (edition or "").strip() or None)
        if isinstance(clause, str) and len(clause) <= 200:
            clause = standards.clause(name, clause)
        return {**data, "standard": name, "edition": edition, "clause": clause}

    @property
    def line(self) -> str:
        """It in one line: ISO/IEC 27001:2022 A.5.18."""
        edition = f":{self.edition}" if self.edition else ""
        return f"{self.standard}{edition} {self.clause}"

    @property
    def unknown_clause(self) -> bool:
        """Whether we hold this standard's catalogue and it has no such clause: a warning, never a refusal."""
        held = standards.catalogue(self.standard, self.edition)
        return held is not None and held.title(self.clause) is None


class Audit(Reported):
    """The audit in which it was found."""

    ref: Name
    stage: Annotated[Stage, BeforeValidator(folded)]
    ended_on: Day | None = None
    team: Names = ()


class Attachment(Reported):
    """Something that belongs to the finding and stays with its source; a bare text is its address."""

    name: Name | None = None
    url: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] | None = None
    media_type: Name | None = None
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None

    @model_validator(mode="before")
    @classmethod
    def _address(cls, data: Any) -> Any:
        return {"url": data} if isinstance(data, str) else data


class Due(Reported):
    """A date that a case brought with it from the system in which it lived before; of the kinds that a client owes."""

    kind: Annotated[Literal["correction", "plan", "evidence", "closure"], BeforeValidator(folded)]
    due_at: At


class History(Reported):
    """What was decided elsewhere, for a case that moves in: `deadlines` as a list, or as an object of kind to time."""

    grade: Annotated[Grade, BeforeValidator(folded)]
    issued_on: Day
    deadlines: Annotated[tuple[Due, ...], Field(max_length=MANY)] = ()

    @field_validator("deadlines", mode="before")
    @classmethod
    def _by_kind(cls, value: Any) -> Any:
        return [{"kind": kind, "due_at": at} for kind, at in value.items()] if isinstance(value, Mapping) else value

    @field_validator("deadlines")
    @classmethod
    def _each_once(cls, value: tuple[Due, ...]) -> tuple[Due, ...]:
        if len({due.kind for due in value}) < len(value):
            raise ValueError(Sentence("each kind comes once"))
        return value

    @model_validator(mode="after")
    def _owed(self) -> Self:
        if self.grade == "ofi" and any(due.kind != "closure" for due in self.deadlines):
            raise ValueError(
                Sentence("an opportunity for improvement asks for no correction, plan or evidence, by no date")
            )
        return self


Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


class Finding(Reported):
    """One finding of one source. A title makes it fit to be reported; `missing_for_issue` says what issuing needs.

    `label` is the scheme's own word for its grade (`critical`, `4`), where that was stated so. `recurrence_of` is the
    number or id of an earlier case, closed since, of which it is a recurrence.
    """

    source: Source
    client: Name
    sites: Names = ()
    department: Name | None = None
    process: Name | None = None
    requirements: Annotated[tuple[Requirement, ...], BeforeValidator(listed), Field(max_length=REQUIREMENTS)] = ()
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TITLE)]
    statement: Text = ""
    objective_evidence: Text = ""
    grade: Annotated[Grade, BeforeValidator(folded)] | None = None
    label: Annotated[Label, BeforeValidator(numbered)] | None = None
    severity: Annotated[Name, BeforeValidator(scored)] | None = None
    detected_at: At | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$")] | None = None
    audit: Audit | None = None
    certificates: Names = ()
    attachments: Annotated[tuple[Attachment, ...], BeforeValidator(listed), Field(max_length=MANY)] = ()
    history: History | None = None
    recurrence_of: Name | None = None

    @property
    def level(self) -> Level:
        """The source's severity in one scale."""
        return level(self.severity)

    @property
    def proposed_grade(self) -> Grade | None:
        """The grade that the severity suggests to the person who decides; never a grade by itself."""
        return proposed_grade(self.level)


class Missing(NamedTuple):
    """Something that issuing needs and the finding lacks."""

    pointer: str
    words: str


def missing_for_issue(finding: Finding) -> Sequence[Missing]:
    """What must be there before the finding can be issued (ISO/IEC 17021-1, 9.4.5.3), the grade aside."""
    needed = (
        ("/requirements", "it names no requirement", finding.requirements),
        ("/statement", "it makes no statement", finding.statement),
        ("/objective_evidence", "it shows no objective evidence", finding.objective_evidence),
    )
    return [Missing(pointer, words) for pointer, words, value in needed if not value]
