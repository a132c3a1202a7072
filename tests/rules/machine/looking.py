"""What an invariant sees: the world, and what happened in it since the last look."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from tests.rules.machine.ground import Ground
from workflows.audit.audit import Audit
from workflows.certificate.certificate import Certificate
from workflows.client.state import ClientState
from workflows.committee.review import Review
from workflows.decider import Event, Happened, kind_of
from workflows.nonconformity.case import Case
from workflows.registry import DECIDERS
from workflows.simulator.world import Stream, Turn, Unheard

E = TypeVar("E", bound=Event)
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Change:
    """One event of a turn, with the state of its stream before and after it."""

    turn: Turn
    happened: Happened
    before: Any
    after: Any

    def __str__(self) -> str:
        """Where and what."""
        return f"{self.turn.stream} {self.happened.event.type} by {self.happened.actor}"


@dataclass(slots=True)
class Look:
    """One look at a world: the turns since the last one, event by event, and the reactions that were refused."""

    world: Ground
    turns: Sequence[Turn] = ()
    unheard: Sequence[Unheard] = ()
    changes: list[Change] = field(default_factory=list)

    def __post_init__(self) -> None:
        for turn in self.turns:
            before, decider = turn.before, DECIDERS[kind_of(turn.stream)]
            for happened in turn.happened:
                after = decider.evolve(before, happened)
                self.changes.append(Change(turn, happened, before, after))
                before = after

    @property
    def changed(self) -> list[Stream]:
        """The streams that changed, each once."""
        return [self.world.streams[name] for name in dict.fromkeys(turn.stream for turn in self.turns)]

    def of(self, *events: type[E]) -> Iterator[tuple[Change, E]]:
        """The changes by events of some types."""
        for change in self.changes:
            if isinstance(change.happened.event, events):
                yield change, change.happened.event

    def cases(self) -> Iterator[tuple[str, Case]]:
        """All nonconformities, by the id."""
        return self._states("nonconformity", Case)

    def reviews(self) -> Iterator[tuple[str, Review]]:
        """All committee reviews, by the id."""
        return self._states("committee_review", Review)

    def clients(self) -> Iterator[tuple[str, ClientState]]:
        """All clients, by the key."""
        return self._states("client", ClientState)

    def audits(self) -> Iterator[tuple[str, Audit]]:
        """All audits, by the key."""
        return self._states("audit", Audit)

    def certificates(self) -> Iterator[tuple[str, Certificate]]:
        """All certificates, by the key."""
        return self._states("certificate", Certificate)

    def _states(self, kind: str, state: type[S]) -> Iterator[tuple[str, S]]:
        for name in self.world.names(kind):
            found = self.world.streams[name].state
            assert isinstance(found, state)
            yield name.partition("/")[2], found


Invariant: TypeAlias = Callable[[Look], Iterable[str]]
"""What must always hold: says what does not."""
