"""What a form is about: a case, a committee review, an audit, a certificate or a client, as somebody sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from activities.ledger.histories import whole_history
from activities.ledger.protocol import Recorded, Scope, Stream
from activities.reads import desk
from activities.reads.clients import Names
from services.api import streams
from services.api.context import Api, now
from services.api.views import Standing
from services.auth import Caller
from services.console.forms import choices, committee, completing, extending, holdings
from services.console.forms.consequences import advice_of_grade
from services.console.forms.fields import Advice, Options
from services.console.forms.typed import Typed, written
from services.console.frame.navigation import PATHS
from services.console.things import clients, elsewhere, history
from services.console.things.digest import Digest, digest
from workflows.audit.audit import Audit
from workflows.certificate.certificate import Certificate
from workflows.client.state import ClientState
from workflows.committee.review import Review
from workflows.decider import Facts, Wants
from workflows.nonconformity.case import Case
from workflows.people import Actor, Person
from workflows.policy_book import PolicyBook


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing, its history, what somebody may do with it, and names by id.

    `left` says since when those have left who are to do something about it, by id or name as the thing names them.
    `committee` are all who could sit on a review, `digest` its papers in short; `beside` are the client, audits and
    certificates beside an audit or a certificate; `clients` has the name of the client whose it is, or into which it
    was merged.
    """

    kind: str
    stream: Stream
    standing: Standing
    history: Sequence[Recorded]
    names: Mapping[str, str]
    left: Mapping[str, datetime]
    committee: Sequence[Person] = ()
    beside: Facts | None = None
    clients: Names = field(default_factory=Names)
    digest: Digest | None = None

    @property
    def path(self) -> str:
        """Its page."""
        return f"{PATHS[self.kind]}/{self.standing.id}"

    @property
    def state(self) -> Any:
        """What its events come to."""
        return self.stream.state

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the days and hours that are typed: the client's, in which its dates are counted."""
        match self.stream.state:
            case Case(zone=zone) | Audit(zone=zone) | Certificate(zone=zone):
                return ZoneInfo(zone)
            case Review(papers=papers) if papers:
                return ZoneInfo(papers.zone)
        return ZoneInfo("UTC")

    @property
    def heading(self) -> Mapping[str, Any]:
        """Number, grade, the scheme's word for it, and title, as far as they are known; a client has name and key."""
        match self.stream.state:
            case Case(number=number, grade=grade, label=label, finding=finding):
                return {"number": number, "grade": grade, "label": label, "title": finding.title if finding else ""}
            case Review(papers=papers) if papers:
                return {"number": papers.number, "grade": papers.grade, "label": None, "title": papers.title}
            case Audit(outline=outline) if outline:
                title = f"{self.clients.called(outline.client)}, {', '.join(outline.standards)}"
                return {"number": outline.key, "grade": None, "label": None, "title": title}
            case Certificate(client=client) as certificate:
                title = f"{self.clients.called(client or '')}, {', '.join(certificate.standards)}"
                return {"number": self.standing.id, "grade": None, "label": None, "title": title}
            case ClientState(entry=entry) if entry:
                return {"number": entry.name, "grade": None, "label": None, "title": entry.key}
        return {"number": None, "grade": None, "label": None, "title": ""}

    @property
    def links(self) -> Mapping[str, tuple[str, str]]:
        """The page of the case that it is, or is about, and what that is called, by the names that the record has."""
        match self.stream.state:
            case Case(number=number, finding=finding):
                stream, title = self.stream.name, finding.title if finding else ""
            case Review(papers=papers) if papers:
                stream, number, title = papers.case, papers.number, papers.title
            case _:
                return {}
        path = f"{PATHS['nonconformity']}/{stream.partition('/')[2]}"
        called = {stream: " ".join(filter(None, (number, title))), **({number: title} if number else {})}
        return {name: (path, words) for name, words in called.items() if words}

    def recorded(self, seq: str) -> Sequence[Recorded]:
        """What the reader has just recorded, by an event of each command in the address: these, and what followed."""
        told = frozenset(seq.split(","))
        own = {event.command_id for event in self.history if str(event.seq) in told}
        return [event for event in self.history if event.command_id in own]

    def event(self, seq: str) -> Recorded | None:
        """One event of its history, by its number as an address has it."""
        return next((event for event in self.history if seq == str(event.seq)), None)

    def options(self, command: str, actor: Actor, policies: PolicyBook) -> Options:
        """What may be chosen for the fields of a command."""
        match self.stream.state:
            case Case() as case:
                here = {one: name for one, name in self.names.items() if one not in self.left}
                offered = choices.options(case, command, actor, self.stream.client, here, policies)
                return {**offered, **extending.of_extension(case, command, self.standing.now)}
            case Review() as review:
                return committee.of_review(review, command, actor, self.names, self.committee)
            case Audit() as audit if self.beside:
                return holdings.of_audit(audit, command, self.beside)
            case Certificate() as certificate if self.beside:
                return holdings.of_certificate(certificate, command, self.beside)
        return {}

    def advice(self, command: str) -> Mapping[str, Advice]:
        """What the form of a command says of its fields."""
        match self.stream.state:
            case Case() as case if command == completing.COMMAND:
                return completing.advice(case)
            case Case() as case:
                now = self.standing.now
                return {**extending.advice_of_extension(case, command, now), **advice_of_grade(case, command, now)}
            case Review() as review:
                return committee.advice_of_review(review, command, self.committee, self.digest)
        return {}

    def beginning(self, command: str, asked: Mapping[str, str]) -> Typed:
        """What the form of a command begins with."""
        return {**written(self.known(command, asked)), **{name: [text] for name, text in asked.items()}}

    def known(self, command: str, asked: Mapping[str, str]) -> Any:
        """What is known already of what the form of a command says."""
        today = self.standing.now.astimezone(self.zone).date()
        known: Any = None
        match self.stream.state:
            case Case() as case if command == completing.COMMAND:
                known = completing.begun(case)
            case Case() as case:
                known = choices.known(case, command, asked, today)
            case Review() as review:
                known = committee.known_of_review(review, command)
            case Audit() as audit:
                known = holdings.known_of_audit(audit, command, today)
            case Certificate():
                known = holdings.known_of_certificate(command, today)
            case ClientState(entry=entry) if entry:
                known = holdings.known_of_client(entry, command)
        return known


async def seen(api: Api, caller: Caller, kind: str, id: str) -> Subject:
    """A thing with all that its pages show of it. Raises UnknownThing, and Unavailable."""
    stream = await streams.visible(api, caller, kind, id)
    standing = await streams.standing(api, caller, stream, now())
    events = await whole_history(api.ledger, caller.scope, stream.name)
    events = [event for event in events if event.seq <= stream.seq]
    could_sit: Sequence[Person] = ()
    beside: Facts | None = None
    short: Digest | None = None
    people = {event.actor for event in events}
    named: set[str] = set()
    team: set[str] = set()
    survivor: str | None = None
    match stream.state:
        case Case() as case:
            people |= history.people(events, case)
            named = {*case.assigned.values(), *(action.owner for action in case.actions if action.owner)}
            team = set(case.audit_team)
        case Review() as review:
            people |= set(review.papers.took_part if review.papers else ())
            people |= {*review.members, *(one.person for one in review.recused), *(review.could_sit or ())}
            named = set(review.sitting)
            known = await api.ledger.facts(caller.scope, Wants(committee=True))
            could_sit = known.committee
            short = await digest(api, caller, review)
        case ClientState(entry=entry) if entry:
            people |= set(entry.people)
            named = set(entry.people)
            survivor = entry.merged_into
        case Audit(client=client) | Certificate(client=client) as state if client:
            beside = await api.ledger.facts(caller.scope, Wants(client=client, audits=True, certificates=True))
            if isinstance(state, Audit) and state.outline:
                team = {*(member.person for member in state.outline.team), *state.left}
    names = dict(await desk.names(api.database, caller.scope, people | team))
    holder = id if kind == "client" else getattr(stream.state, "client", None)
    left = dict(await desk.left(api.database, caller.scope, people | named | team, holder))
    if team and caller.scope.client is not None:
        # Whoever is audited is told who audits them (ISO/IEC 17021-1, 9.2.3.5), and of nobody else at the body.
        names |= await desk.names(api.database, Scope(caller.tenant), team, caller.scope.client)
        left |= await desk.left(api.database, Scope(caller.tenant), team, caller.scope.client)
    names |= await elsewhere.named(api, caller, {event.actor for event in events}, stream.state)
    called = await clients.named(api, caller, [survivor if kind == "client" else holder])
    return Subject(kind, stream, standing, events, names, left, could_sit, beside, called, short)
