"""A certification body with several clients, cases, audits and certificates under hand, that counts what is tried."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar

from tests.rules.life import KEYS, ROLES, World, fill
from workflows.decider import Command, Event, Refusal, kind_of
from workflows.durations import Duration
from workflows.people import CLIENT_SIDE, Actor, Authentication, Role
from workflows.policy import Limit, Policy
from workflows.policy_book import PolicyBook
from workflows.registry import PROCEDURES
from workflows.simulator.world import signature

PEOPLE: Mapping[str, tuple[str | None, tuple[Role, ...]]] = {
    **ROLES,
    "globex_owner": ("globex", (Role.CLIENT_OWNER,)),
    "globex_approver": ("globex", (Role.CLIENT_APPROVER,)),
    "initech_all": ("initech", (Role.CLIENT_OWNER, Role.CLIENT_APPROVER, Role.INTERNAL_AUDITOR)),
    "admin": (None, (Role.ADMIN,)),
}
ACTORS = (*PEOPLE, *KEYS, "machine:reviewer")
STRICTER = Limit(anchor="issue", within=Duration(days=70))
"""The hard limit of a policy that holds where it is named only."""

CLIENTS = ("acme", "globex", "initech")
AUDITS = ("A-1", "A-2", "A-3")
CERTIFICATES = ("C-1", "C-2")
CASES = ("0190-case", "0190-sister", "0190-third", "0190-fourth", "0190-fifth")
NEW: Mapping[str, tuple[str, ...]] = {
    "client": CLIENTS,
    "audit": AUDITS,
    "certificate": CERTIFICATES,
    "nonconformity": CASES,
    "committee_review": ("none",),
}
"""The ids under which people begin streams; reviews and systemic majors begin by reaction."""


class Ground(World):
    """A world that counts what becomes of each command that people give once `begun`."""

    tries: ClassVar[Counter[tuple[str, str, str]]] = Counter()
    """By kind, command and the code of the refusal, empty where it was accepted."""

    reacted: ClassVar[Counter[tuple[str, str]]] = Counter()
    """How often each command was carried out by reaction or by a report, by kind and command."""

    begun = False

    def __init__(self, policy: Policy, zone: str) -> None:
        super().__init__(policy, zone=zone)
        named = {"name": "stricter", "version": "1", "limits": (STRICTER,)}
        self.policies = PolicyBook([*self.policies.policies, policy.model_copy(update=named)])

    def send(self, name: str, command: Command) -> list[Event]:
        """Counts, then as ever."""
        kind, code = kind_of(name), ""
        try:
            return super().send(name, command)
        except Refusal as refusal:
            code = refusal.code
            raise
        finally:
            if command.actor.kind not in ("reaction", "source"):
                self.tries[kind, command.name, code] += self.begun
            elif not code:
                self.reacted[kind, command.name] += self.begun

    def actor(self, name: str) -> Actor:
        """Anybody of `PEOPLE` and of the world that stories are told in, and what a source says (`source:name`)."""
        if name.startswith("source:"):
            return Actor(id=name, kind="source")
        if name in ROLES or name not in PEOPLE:
            return super().actor(name)
        client, roles = PEOPLE[name]
        proof = Authentication(method="test", at=self.authenticated)
        return Actor(id=name, name=name.title(), roles=frozenset(roles), client=client, authenticated=proof)

    def give(self, actor: str, name: str, command: str, body: Mapping[str, Any]) -> list[Event]:
        """One command by one actor to one stream; raises its Refusal."""
        state = self.streams[name].state if name in self.streams else self.stream(name).state
        given = fill(body, self.now, lambda: signature(command, kind_of(name), state))
        return self.send(name, Command(id="-", name=command, body=given, actor=self.actor(actor)))

    def names(self, kind: str) -> list[str]:
        """The streams of a kind to which something happened."""
        return [name for name, stream in self.streams.items() if stream.history and kind_of(name) == kind]

    def client_of(self, name: str) -> str | None:
        """The key of the client whose a stream is."""
        key: str | None = PROCEDURES[kind_of(name)].client(self.stream(name).state)
        return key

    def survivor(self, client: str) -> str:
        """Where a client's key leads after merges: to itself where it was not merged."""
        for _ in CLIENTS:
            entry = self.stream(f"client/{client}").state.entry
            if entry is None or entry.merged_into is None:
                break
            client = entry.merged_into
        return client


def sides(actor: str) -> frozenset[Role]:
    """The roles of whoever an event names; none for clock, reactions and what is unknown."""
    if actor in KEYS:
        return KEYS[actor].roles
    _, roles = PEOPLE.get(actor.removeprefix("machine:"), (None, ()))
    return frozenset(roles)


def is_client_side(actor: str) -> bool:
    """Whether an actor belongs to a client."""
    return bool(sides(actor) & CLIENT_SIDE)
