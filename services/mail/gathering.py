"""What deciding on an event needs to know: the state of its stream, who is around, and what each of them can do now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from activities.directory import mail
from activities.directory.mail import Contact
from activities.ledger import folding
from activities.ledger.database import Database
from activities.ledger.protocol import Ledger, Recorded, Scope, Stream
from activities.reads import desk
from activities.reads.clients import Names, names
from services.console.things import sitting, work
from services.console.things.work import Task
from services.mail.deciding import Does, Happening
from services.mail.parties import acting
from workflows.committee.review import Review
from workflows.decider import Command, Context, kind_of
from workflows.nonconformity.case import Case
from workflows.people import CLOCK
from workflows.policy_book import PolicyBook
from workflows.registry import PROCEDURES, REGISTRY


@dataclass(frozen=True, slots=True)
class Gathering:
    """Reads what is known of a tenant's events at an instant."""

    database: Database
    ledger: Ledger
    policies: PolicyBook
    tenant: str
    now: datetime

    async def happenings(self, events: Sequence[Recorded]) -> Sequence[Happening]:
        """The events, in order, each with what is known beside it. Raises Unavailable."""
        scope = Scope(self.tenant)
        streams: dict[str, Stream] = {}
        for name in dict.fromkeys(event.stream for event in events):
            stream = await self.ledger.load(scope, name)
            if stream is not None:
                streams[name] = stream
        clients = {client for stream in streams.values() if (client := getattr(stream.state, "client", None))}
        contacts = await mail.contacts(self.database, self.tenant, clients)
        called = await names(self.database, scope, clients) if clients else Names()
        people = await desk.names(self.database, scope, {event.actor for event in events})
        ours = {
            client: await desk.names(self.database, Scope(self.tenant, client), people.keys()) for client in clients
        }
        does = {name: await self._does(scope, stream) for name, stream in streams.items()}
        return [
            self._happening(event, streams[event.stream], contacts, does[event.stream], people, called, ours)
            for event in events
            if event.stream in streams
        ]

    def _happening(
        self,
        event: Recorded,
        stream: Stream,
        contacts: Sequence[Contact],
        does: Does,
        people: Mapping[str, str],
        called: Names,
        ours: Mapping[str, Mapping[str, str]],
    ) -> Happening:
        known = ours.get(getattr(stream.state, "client", None) or "", {})
        return Happening(event, stream.state, contacts, does, people, self.now, called, frozenset(known))

    async def _does(self, scope: Scope, stream: Stream) -> Does:
        """What somebody has to do on a case or review, by the rules that would decide it; on others nothing is told."""
        state = stream.state
        if not isinstance(state, Case | Review):
            return lambda _: None
        command = Command(id="", name="", actor=CLOCK)
        wants = REGISTRY.of(stream.name).wants(state, command, stream.moment(self.now))
        facts = folding.known(self.policies, stream, wants) or await self.ledger.facts(scope, wants)
        known: dict[str, Task | None] = {}

        def does(contact: Contact) -> Task | None:
            actor = acting(contact)
            if actor.id not in known:
                context = Context(
                    tenant=stream.tenant,
                    stream=stream.name,
                    seq=stream.seq,
                    now=stream.moment(self.now),
                    actor=actor,
                    facts=facts,
                    received_at=self.now,
                )
                allowed = PROCEDURES[kind_of(stream.name)].allowed(state, context)
                known[actor.id] = (
                    work.task(state, actor, allowed, stream.client)
                    if isinstance(state, Case)
                    else sitting.task(state, actor, allowed)
                )
            return known[actor.id]

        return does
