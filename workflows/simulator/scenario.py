"""A scenario: a life to be simulated, as data. Who there is, what is found, who does what when, what is expected."""

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from workflows.client.commands import Register
from workflows.durations import Duration
from workflows.people import CLIENT_SIDE, Frozen, Role
from workflows.places import Place, line_of
from workflows.policy import Policy
from workflows.shapes import faults
from workflows.simulator.moments import OPENING, Moment, in_our_time, span
from workflows.simulator.policies import stated
from workflows.simulator.routines import Routine

STARTING = datetime(2030, 3, 4, 9)  # noqa: DTZ001 - the zone is the client's
"""When a scenario starts that does not say: a Monday."""


class ScenarioError(ValueError):
    """A scenario that cannot be used: names the file, the line, the field and what is wrong, a line a fault."""


def _length(value: object) -> Duration:
    if isinstance(value, Duration):
        return value
    if not isinstance(value, str):
        raise ValueError("a length of time is written as text, such as '2 years' or 'P14D'")  # noqa: TRY004
    return span(value)


def _instant(value: object) -> object:
    """A day begins at nine; the zone comes from the client, so that here it may be missing."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, OPENING)
    return value


Length = Annotated[Duration, BeforeValidator(_length)]


class Player(Frozen):
    """Somebody in the cast. People on the client's side belong to the scenario's client where none is named.

    A `machine` is an integration with an API key; it may state grades where it is said so.
    """

    roles: tuple[Role, ...] = Field(min_length=1)
    name: str | None = None
    client: str | None = None
    machine: bool = False
    may_state_grades: bool = False

    @model_validator(mode="before")
    @classmethod
    def _roles_alone(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"roles": [value]}
        return {"roles": value} if isinstance(value, list) else value

    @property
    def is_clients(self) -> bool:
        """Whether it acts on the client's side."""
        return bool(set(self.roles) & CLIENT_SIDE)


COMPANY: Mapping[str, Player] = {
    "owner": Player(roles=(Role.CLIENT_OWNER,)),
    "approver": Player(roles=(Role.CLIENT_APPROVER,)),
    "internal_auditor": Player(roles=(Role.INTERNAL_AUDITOR,)),
    "auditor": Player(roles=(Role.AUDITOR,)),
    "auditor2": Player(roles=(Role.AUDITOR,)),
    "reviewer": Player(roles=(Role.REVIEWER,)),
    "reviewer2": Player(roles=(Role.REVIEWER,)),
    "member1": Player(roles=(Role.COMMITTEE_MEMBER,)),
    "member2": Player(roles=(Role.COMMITTEE_MEMBER,)),
    "member3": Player(roles=(Role.COMMITTEE_MEMBER,)),
    "scheme_manager": Player(roles=(Role.SCHEME_MANAGER,)),
    "admin": Player(roles=(Role.ADMIN,)),
    "observer": Player(roles=(Role.OBSERVER,)),
    "integration": Player(roles=(Role.INTEGRATION,), machine=True),
    "grading_integration": Player(roles=(Role.INTEGRATION,), machine=True, may_state_grades=True),
}
"""The cast of every scenario; its own is added, and replaces who has the same name."""

REACTION = "reaction"
"""Who gives the commands that other things' events cause, where one comes late, twice, or crosses something else."""


class Date(Frozen):
    """What is expected of a deadline: when it is `due`, its `state`, a part of its explanation.

    `safe` is the latest day on which the client can act so that no date is missed.
    """

    due: Moment | None = None
    safe: Moment | None = None
    state: str | None = None
    says: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _due_alone(cls, value: Any) -> Any:
        return value if isinstance(value, Mapping | Date) else {"due": value}


class Expect(Frozen):
    """What must be so, at the end of a step or of the scenario; `on` is the thing, the step's own where not named.

    `state` are values by dotted path into the thing's state (false: there is none), `events` the types of all that
    happened to it, in order,
    `counts` how often. `review` is how the latest review of the thing ended (or its status). `deadlines` are the dates
    of the thing, `certificates`, `audits` and `cases` a status by key or name. `wakeups` counts all of the clock's so
    far. Each of `calendar` is found in a line of the calendar, in this order.
    """

    on: str | None = None
    status: str | None = None
    state: Mapping[str, Any] = Field(default_factory=dict)
    events: tuple[str, ...] | None = None
    counts: Mapping[str, int] = Field(default_factory=dict)
    deadlines: Mapping[str, Date] = Field(default_factory=dict)
    review: str | None = None
    certificates: Mapping[str, str] = Field(default_factory=dict)
    audits: Mapping[str, str] = Field(default_factory=dict)
    cases: Mapping[str, str] = Field(default_factory=dict)
    wakeups: int | None = None
    calendar: tuple[str, ...] = ()


class Step(Frozen):
    """At an instant, somebody gives a command to a thing; or only time passes, and something is expected.

    A step without `at` follows at once. `do` is the command as the contract spells it, `with` its body, where dates and
    instants may be relative, and a signature is filled in. `on` is the case, or another by its name, `review`,
    `client`, `audit/KEY`, `certificate/KEY`, or a stream's name. `as` names the case that the step brings about.
    `refused` is the code of the refusal that is expected; `asleep` has the time before it pass as in an outage. A
    `routine` stands for several commands of the default cast (workflows.simulator.routines). A command with `times` is
    given so many times, with its number for `{n}` in its body; what is expected is expected after the last.
    """

    at: Moment | None = None
    who: str | None = None
    do: str | None = None
    routine: Routine | None = None
    times: int = Field(default=1, ge=1, le=1000)
    body: Mapping[str, Any] = Field(default_factory=dict, alias="with")
    on: str = "case"
    name: str | None = Field(default=None, alias="as", pattern=r"^[a-z][a-z0-9_-]*$")
    refused: str | None = None
    expect: Expect | None = None
    asleep: bool = False
    note: str = ""

    @model_validator(mode="after")
    def _sound(self) -> "Step":
        if (self.who is None) != (self.do is None):
            raise ValueError("a step that does something says who does it: `who` and `do` go together")
        if self.do is None and (self.refused or self.name or (self.body and self.routine != "committee")):
            raise ValueError("`with`, `refused` and `as` belong to a step that does something")
        if self.do is not None and self.routine is not None:
            raise ValueError("a step is a command or a `routine`, not both")
        if self.do is None and self.times > 1:
            raise ValueError("`times` belongs to a command")
        if self.do is None and self.at is None and self.expect is None and self.routine is None:
            raise ValueError("a step does something, lets time pass or expects something")
        return self


class Scenario(Frozen):
    """A life under a policy.

    `policy` holds for it: a packaged one by name, a table, or a table of changes to the packaged `base`; `policies` are
    further ones that the installation has. It `shows` published rules, by name. The `finding` is what `report` reports,
    with defaults for what it leaves out. `certificates` and `audits` are set up at the start. It ends at `until`: so
    long after the last step nobody acts any more.
    """

    title: str
    shows: tuple[str, ...] = ()
    start: Annotated[datetime, BeforeValidator(_instant), AfterValidator(in_our_time)] = STARTING
    until: Length = Duration(months=24)
    tenant: str = "cb"
    policy: Annotated[Policy | None, BeforeValidator(stated)] = None
    policies: tuple[Annotated[Policy, BeforeValidator(stated)], ...] = ()
    client: Register = Register(key="client", name="The client")
    clients: tuple[Register, ...] = ()
    cast: Mapping[str, Player] = Field(default_factory=dict)
    certificates: tuple[Mapping[str, Any], ...] = ()
    audits: tuple[Mapping[str, Any], ...] = ()
    finding: Mapping[str, Any] = Field(default_factory=dict)
    steps: tuple[Step, ...] = Field(min_length=1)
    expect: Expect | None = None

    @property
    def begins(self) -> datetime:
        """The instant at which it starts, in UTC; one without a zone is meant in the client's."""
        start = self.start if self.start.tzinfo else self.start.replace(tzinfo=ZoneInfo(self.client.zone))
        return start.astimezone(UTC)

    @property
    def players(self) -> Mapping[str, Player]:
        """The whole cast."""
        return {**COMPANY, **self.cast}


def read(path: Path) -> Scenario:
    """One scenario file; raises ScenarioError."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except OSError as error:
        raise ScenarioError(f"{path.name}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path.name}: not readable as TOML: {error}") from error
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        said = [(tuple(fault.pointer.split("/")[1:]), fault.detail) for fault in faults(error)]
        raise ScenarioError("\n".join(located(path, text, _place(place), why) for place, why in said)) from error
    strangers = [
        (("steps", position, "who"), f"nobody in the cast is called {step.who}")
        for position, step in enumerate(scenario.steps)
        if step.who not in (None, REACTION) and step.who not in scenario.players
    ]
    if strangers:
        raise ScenarioError("\n".join(located(path, text, place, why) for place, why in strangers))
    return scenario


def located(path: Path, text: str, place: Place, why: str) -> str:
    """A fault with its file, line and field."""
    field = ".".join(str(part + 1) if isinstance(part, int) else part for part in place)
    return f"{path.name}:{line_of(text, place)}: {field or 'the file'}: {why}"


def _place(steps: tuple[str, ...]) -> Place:
    return tuple(int(step) if step.isdigit() else step for step in steps)
