"""The words in which tests tell a life: who there is, steps, waits, markers for what a step finds; on the simulator."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from workflows.committee.review import Review
from workflows.decider import Command, Event, kind_of
from workflows.durations import Duration
from workflows.nonconformity.case import Case
from workflows.people import Actor, Authentication, Person, Role
from workflows.policy import Policy
from workflows.policy_book import PACKAGED, PolicyBook, read
from workflows.simulator import world as simulator
from workflows.simulator.world import signature

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CASE, CLIENT, AUDIT, CERTIFICATE = "nonconformity/0190-case", "client/acme", "audit/A-1", "certificate/C-1"
OTHER = "client/globex"
ADDRESSES: Mapping[str, str] = {
    "client": CLIENT,
    "globex": OTHER,
    "nonconformity": CASE,
    "sister": "nonconformity/0190-sister",
    "audit": AUDIT,
    "initial": "audit/S-1",
    "certificate": CERTIFICATE,
}
"""The stream of a kind that a step means; `globex` is the other client, `sister` the other case.

`initial` is the audit on which the certificate is granted.
"""

ROLES: Mapping[str, tuple[str | None, tuple[Role, ...]]] = {
    "owner": ("acme", (Role.CLIENT_OWNER,)),
    "approver": ("acme", (Role.CLIENT_APPROVER,)),
    "all_in_one": ("acme", (Role.CLIENT_OWNER, Role.CLIENT_APPROVER, Role.INTERNAL_AUDITOR)),
    "internal_auditor": ("acme", (Role.INTERNAL_AUDITOR,)),
    "stranger": ("globex", (Role.CLIENT_OWNER, Role.CLIENT_APPROVER, Role.INTERNAL_AUDITOR)),
    "auditor": (None, (Role.AUDITOR,)),
    "auditor2": (None, (Role.AUDITOR,)),
    "reviewer": (None, (Role.REVIEWER,)),
    "reviewer2": (None, (Role.REVIEWER,)),
    "member1": (None, (Role.COMMITTEE_MEMBER,)),
    "member2": (None, (Role.COMMITTEE_MEMBER,)),
    "member3": (None, (Role.COMMITTEE_MEMBER,)),
    "member4": (None, (Role.COMMITTEE_MEMBER, Role.REVIEWER)),
    "scheme_manager": (None, (Role.SCHEME_MANAGER,)),
    "observer": (None, (Role.OBSERVER,)),
}
KEYS: Mapping[str, Actor] = {
    "key_grades": Actor(id="key_grades", kind="key", roles=frozenset({Role.INTEGRATION}), may_state_grades=True),
    "key_plain": Actor(id="key_plain", kind="key", roles=frozenset({Role.INTEGRATION})),
    "key_globex": Actor(id="key_globex", kind="key", roles=frozenset({Role.INTEGRATION}), client="globex"),
}
PEOPLE = tuple(Person(id=name, name=name.title(), roles=frozenset(of[1]), client=of[0]) for name, of in ROLES.items())


@dataclass(frozen=True, slots=True)
class In:
    """An instant relative to the present one, as an ISO 8601 duration."""

    duration: str


@dataclass(frozen=True, slots=True)
class Day:
    """A date so many days from today."""

    days: int


@dataclass(frozen=True, slots=True)
class Sign:
    """A signature over what is signable now, as it is meant; or over something else, or meant otherwise."""

    sha256: str | None = None
    meaning: str | None = None


SIGN = Sign()


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a story: who, what, with which body (markers In, Day and Sign are filled in), on what."""

    actor: str
    command: str
    body: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "nonconformity"


@dataclass(frozen=True, slots=True)
class Wait:
    """Time passes; `asleep` as in an outage: no wake-up is carried out before its end."""

    duration: str
    asleep: bool = False


Steps = tuple[Step | Wait, ...]


def policy(**changes: Any) -> Policy:
    """The packaged default with changes, as a policy file would state them."""
    default = read(PACKAGED / "default.toml").model_dump(mode="json")
    limits = {}
    if "limit" in changes:
        limit = changes.pop("limit")
        limits = {"limits": [{"anchor": "issue", "within": limit}] if limit else []}
    return Policy.model_validate(default | changes | limits)


def book(policy: Policy) -> PolicyBook:
    """A policy for everything, that of internal audits, and an `older` one which holds where it is named only."""
    internal = read(PACKAGED / "internal.toml")
    same = {name: getattr(policy, name) for name in ("effective_from", "tenants", "schemes", "stages", "grades")}
    return PolicyBook([policy, internal, internal.model_copy(update={"name": "older", "version": "1", **same})])


def fill(body: Any, now: datetime, signed: Callable[[], Mapping[str, str]]) -> Any:
    """A body with its markers filled in: at an instant, and with what is signable then."""
    match body:
        case In(duration):
            return Duration.parse(duration).after(now, ZoneInfo("UTC")).isoformat()
        case Day(days):
            return (now + timedelta(days=days)).date().isoformat()
        case Sign(sha256, meaning):
            seen = signed()
            return {"content_sha256": sha256 or seen["content_sha256"], "meaning": meaning or seen["meaning"]}
        case Mapping():
            return {name: fill(value, now, signed) for name, value in body.items()}
        case list() | tuple():
            return [fill(value, now, signed) for value in body]
        case _:
            return body


class World(simulator.World):
    """A certification body with one client, and at most one case under hand, its people as `ROLES` names them."""

    def __init__(
        self, policy: Policy, *, fresh: timedelta | None = None, now: datetime = START, zone: str = "UTC"
    ) -> None:
        super().__init__(book(policy), now=now, people=PEOPLE, fresh=fresh)
        self.authenticated = now
        self.do("scheme_manager", "register", {"key": "acme", "name": "Acme", "zone": zone}, kind="client")

    @property
    def case(self) -> Case:
        """The case as it stands."""
        state = self.stream(CASE).state
        assert isinstance(state, Case)
        return state

    @property
    def review(self) -> Review:
        """The latest review as it stands."""
        state = self.stream(self.address("committee_review")).state
        assert isinstance(state, Review)
        return state

    @property
    def refused(self) -> list[str]:
        """The rules by which reactions were refused."""
        return [one.refused.code for one in self.unheard]

    def address(self, kind: str) -> str:
        """The stream of a kind that a story means: of reviews the latest, of anything else the one there is."""
        if kind == "committee_review":
            reviews = self.stream(CASE).state.reviews
            return f"committee_review/{reviews[-1] if reviews else 'none'}"
        return ADDRESSES[kind]

    def actor(self, name: str) -> Actor:
        """A person, a key, the same person as a machine (`machine:name`), or another stream's reaction."""
        if name in KEYS:
            return KEYS[name]
        if name.startswith("reaction:"):
            return Actor(id=name, kind="reaction")
        client, roles = ROLES[name.removeprefix("machine:")]
        kind = "key" if name.startswith("machine:") else "person"
        proof = Authentication(method="test", at=self.authenticated)
        person = Actor(id=name, name=name.title(), roles=frozenset(roles), client=client, authenticated=proof)
        return person if kind == "person" else person.model_copy(update={"kind": "key"})

    def do(
        self, actor: str, command: str, body: Mapping[str, Any] | None = None, kind: str = "nonconformity"
    ) -> list[Event]:
        """One command by one actor; raises its Refusal."""
        name = self.address(kind)
        given = fill(body or {}, self.now, lambda: signature(command, kind_of(name), self.stream(name).state))
        return self.send(name, Command(id="-", name=command, body=given, actor=self.actor(actor)))

    def walk(self, steps: Steps) -> "World":
        """Steps that must be accepted."""
        for step in steps:
            match step:
                case Step():
                    self.do(step.actor, step.command, step.body, step.kind)
                case Wait():
                    self.wait(step.duration, asleep=step.asleep)
        return self

    def wait(self, duration: str, *, asleep: bool = False) -> None:
        """Time passes; wake-ups are carried out when they are due, or all at its end."""
        self.wait_until(Duration.parse(duration).after(self.now, ZoneInfo("UTC")), asleep=asleep)
        if self.fresh is None:
            self.authenticated = self.now

    def types(self, kind: str = "nonconformity") -> list[str]:
        """The types of all that happened to a stream, without their prefix."""
        return [happened.event.type.partition(".")[2] for happened in self.stream(self.address(kind)).history]
