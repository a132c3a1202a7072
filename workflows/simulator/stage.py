"""From a step as a scenario writes it to a command on a stream: who gives it, to what, when, with which body.

It knows nothing of how streams are kept: the world in memory and a ledger with an engine play the same scenario.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from workflows.decider import Command, kind_of, stream_of
from workflows.people import Actor, Authentication, Person, Role
from workflows.places import Place
from workflows.procedure import UnknownCommand
from workflows.registry import DECIDERS, PROCEDURES
from workflows.simulator import dates
from workflows.simulator.moments import OPENING, Reading, dated
from workflows.simulator.policies import merged
from workflows.simulator.routines import given
from workflows.simulator.scenario import REACTION, Player, Scenario, Step
from workflows.simulator.world import signature

FINDING: Mapping[str, Any] = {
    "title": "A requirement is not fulfilled",
    "statement": "What the requirement asks for is not done.",
    "objective_evidence": "Three of ten samples show it.",
    "requirements": [{"standard": "ISO 9001", "edition": "2015", "clause": "8.4.1"}],
}
"""What a finding says where a scenario leaves it out."""

FINDS = ("report", "revise_finding")
"""The commands that bring a finding."""


class Seen(Protocol):
    """What a step may count from: the present instant, the state of a stream, and when the clock is to wake it."""

    @property
    def now(self) -> datetime:
        """The present instant."""
        ...

    def state(self, name: str) -> BaseModel:
        """The state of a stream."""
        ...

    def due(self, name: str) -> datetime | None:
        """The next wake-up of a stream."""
        ...


class Scene(NamedTuple):
    """A step and its place in the scenario."""

    place: Place
    step: Step


@dataclass
class Stage:
    """A scenario being played: `names` are the streams of cases by the names that the scenario gives them."""

    scenario: Scenario
    seen: Seen
    names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.start = self.scenario.begins
        self.zone = ZoneInfo(self.scenario.client.zone)

    def scenes(self) -> Iterator[Scene]:
        """Everything that is played: clients, certificates and audits at the start, then the steps."""
        for place, client in self._registered():
            body = client.model_dump(mode="json", exclude_none=True)
            yield Scene(place, _given("admin", "register", stream_of("client", client.key), body))
        for position, body in enumerate(self.scenario.certificates):
            yield from self._certificate(("certificates", position), body)
        for position, body in enumerate(self.scenario.audits):
            whole = {"client": self.scenario.client.key, **body}
            on = stream_of("audit", str(body.get("key", "?")))
            yield Scene(("audits", position), _given("scheme_manager", "plan", on, whole))
        for position, step in enumerate(self.scenario.steps):
            yield from self._steps(("steps", position), step)

    def address(self, on: str) -> str:
        """The stream that a step means; ValueError for one that no kind of thing has."""
        noun, _, rest = on.partition("/")
        if noun == "client" and not rest:
            return stream_of("client", self.scenario.client.key)
        if noun == "review":
            reviews = getattr(self.seen.state(self.address(rest or "case")), "reviews", ())
            return stream_of("committee_review", reviews[-1] if reviews else "none")
        if rest:
            if noun not in DECIDERS:
                raise ValueError(f"there is no kind of thing called {noun!r}; there are {', '.join(sorted(DECIDERS))}")
            return on
        return self.names.get(on, stream_of("nonconformity", on))

    def instant(self, step: Step) -> datetime:
        """When a step happens; ValueError where what it is counted from is not known."""
        return self.seen.now if step.at is None else step.at.at(self.reading(step.on))

    def reading(self, on: str) -> Reading:
        """What instants are counted from; named ones belong to `on` where nothing else is said."""
        return Reading(self.seen.now, self.zone, lambda name, of: self._named(name, of or on))

    def command(self, step: Step) -> tuple[str, Command]:
        """The stream and the command of a step, dates and signature filled in; ValueError for an unknown command."""
        stream, name = self.address(step.on), (step.do or "").replace("-", "_")
        kind = kind_of(stream)
        try:
            row = PROCEDURES[kind].row(name)
        except UnknownCommand as refusal:
            raise ValueError(str(refusal)) from refusal
        body = self._found(step) if kind == "nonconformity" and name in FINDS else dict(step.body)
        body = dated(self._known(body), row.body, self.reading(step.on))
        if row.signs is not None and "signature" not in body:
            body["signature"] = signature(name, kind, self.seen.state(stream))
        return stream, Command(id="-", name=name, body=body, actor=self.actor(step.who or ""))

    def actor(self, who: str) -> Actor:
        """Somebody of the cast as they act now, or another thing's event."""
        if who == REACTION:
            return Actor(id="reaction:scenario", kind="reaction")
        player = self.scenario.players[who]
        proof = None if player.machine else Authentication(method="scenario", at=self.seen.now)
        return Actor(
            id=who,
            kind="key" if player.machine else "person",
            name=name_of(who, player),
            roles=frozenset(player.roles),
            client=self._client_of(player),
            may_state_grades=player.may_state_grades,
            authenticated=proof,
        )

    def people(self) -> list[Person]:
        """The people of the cast, as the registry of people has them."""
        return [
            Person(id=who, name=name_of(who, player), roles=frozenset(player.roles), client=self._client_of(player))
            for who, player in self.scenario.players.items()
            if not player.machine
        ]

    def _client_of(self, player: Player) -> str | None:
        return player.client or (self.scenario.client.key if player.is_clients else None)

    def _registered(self) -> Iterator[tuple[Place, Any]]:
        yield ("client",), self.scenario.client
        for position, client in enumerate(self.scenario.clients):
            yield ("clients", position), client

    def _steps(self, place: Place, step: Step) -> Iterator[Scene]:
        """A step; one that is repeated, or a routine, as a step a command, of which the last has its expectations."""
        if step.routine is None:
            for number in range(1, step.times):
                yield Scene(place, step.model_copy(update={"body": _numbered(step.body, number), "expect": None}))
            yield Scene(place, step.model_copy(update={"body": _numbered(step.body, step.times)}))
            return
        if step.at is not None:
            yield Scene(place, Step(at=step.at, on=step.on, asleep=step.asleep))
        on = f"review/{step.on}" if step.routine == "committee" else step.on
        for who, do, body in given(step.routine, step.body):
            yield Scene(place, _given(who, do, on, body))
        if step.expect is not None:
            yield Scene(place, Step(on=step.on, expect=step.expect))

    def _certificate(self, place: Place, body: Mapping[str, Any]) -> Iterator[Scene]:
        """An application, and where the days of a term are stated its stage 2 and its grant; or a transfer."""
        on = stream_of("certificate", str(body.get("key", "?")))
        whole = {"client": self.scenario.client.key, "scope": "All that the client does.", **body}
        if "from_body" in whole:
            yield Scene(place, _given("scheme_manager", "transfer_in", on, whole))
            return
        term: dict[str, Any] = {key: whole.pop(key) for key in ("issued_on", "expires_on") if key in whole}
        yield Scene(place, _given("scheme_manager", "apply", on, whole))
        if term:
            for step in self._stage2(whole):
                yield Scene(place, step)
            decided = {**term, "reason": "As the audit recommended."}
            yield Scene(place, _given(self._first(Role.COMMITTEE_MEMBER), "grant", on, decided))

    def _stage2(self, applied: Mapping[str, Any]) -> Iterator[Step]:
        """The audit on which a certificate is granted that a scenario begins with: held and concluded at its start."""
        key, lead = f"{applied.get('key', '?')}-stage2", self._first(Role.AUDITOR)
        planned = {
            "key": key,
            "client": applied["client"],
            "stage": "stage2",
            "standards": applied.get("standards"),
            "team": [{"person": lead, "role": "lead"}],
            "starts_on": "now",
            "ends_on": "now",
            "stage1_waived": "Both stages were held as one, before the scenario begins.",
        }
        on = stream_of("audit", key)
        yield _given("scheme_manager", "plan", on, planned)
        yield _given(lead, "start", on, {})
        yield _given(lead, "end", on, {"on": "now"})
        yield _given(lead, "conclude", on, {"recommendation": "recommended", "reasons": "All is fulfilled."})

    def _first(self, role: Role) -> str:
        """Somebody of the cast in a role."""
        return next(who for who, one in self.scenario.players.items() if role in one.roles)

    def _found(self, step: Step) -> dict[str, Any]:
        """A body with a finding: the step's over the scenario's finding, over the defaults."""
        own = {"source": {"system": "audit", "external_id": step.on}, "client": self.scenario.client.key}
        over = step.body.get("finding", step.body)
        rest = {key: value for key, value in step.body.items() if "finding" in step.body and key != "finding"}
        return {"finding": merged(merged({**FINDING, **own}, self.scenario.finding), over), **rest}

    def _known(self, value: Any) -> Any:
        """A body in which `@name` is the id of the case of that name."""
        match value:
            case str() if value.startswith("@") and value[1:] in self.names:
                return self.names[value[1:]].partition("/")[2]
            case Mapping():
                return {key: self._known(item) for key, item in value.items()}
            case list() | tuple():
                return [self._known(item) for item in value]
        return value

    def _named(self, name: str, of: str) -> datetime:
        if name == "start":
            return self.start
        stream = self.address(of)
        found = self.seen.due(stream) if name == "wake-up" else dates.at(self.seen.state(stream), name)
        if found is None:
            raise ValueError(f"{of} has no date called {name!r}")
        return found if isinstance(found, datetime) else _opening(found, self.zone)


def name_of(who: str, player: Player) -> str:
    """What somebody is called."""
    return player.name or who.replace("_", " ").title()


def _numbered(value: Any, number: int) -> Any:
    """A body in which `{n}` is the number of the repetition."""
    match value:
        case str():
            return value.replace("{n}", str(number))
        case Mapping():
            return {key: _numbered(item, number) for key, item in value.items()}
        case list() | tuple():
            return [_numbered(item, number) for item in value]
    return value


def _given(who: str, do: str, on: str, body: Mapping[str, Any]) -> Step:
    return Step.model_validate({"who": who, "do": do, "on": on, "with": body})


def _opening(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, OPENING, zone)
