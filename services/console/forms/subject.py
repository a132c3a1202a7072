"""What a form is about: a case, a committee review, an audit or a certificate, as somebody sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from activities.ledger.histories import whole_history
from activities.ledger.protocol import Recorded, Scope, Stream
from activities.reads import desk
from services.api import streams
from services.api.context import Api, now
from services.api.views import Standing
from services.auth import Caller
from services.console.forms import choices, holdings
from services.console.forms.fields import Options
from services.console.forms.typed import Typed, written
from services.console.things import history
from services.ready import CONSOLE
from workflows.audit.audit import Audit
from workflows.certificate.certificate import Certificate
from workflows.committee.review import Review
from workflows.decider import Facts, Wants
from workflows.nonconformity.case import Case
from workflows.people import Actor
from workflows.policy_book import PolicyBook

PATHS: Mapping[str, str] = {
    "nonconformity": f"{CONSOLE}/cases",
    "committee_review": f"{CONSOLE}/reviews",
    "audit": f"{CONSOLE}/audits",
    "certificate": f"{CONSOLE}/certificates",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing, its history, what somebody may do with it, and names by id.

    `committee` are all who could sit on a review, `beside` the client, audits and certificates beside an audit or a
    certificate.
    """

    kind: str
    stream: Stream
    standing: Standing
    history: Sequence[Recorded]
    names: Mapping[str, str]
    committee: Mapping[str, str] = field(default_factory=dict)
    beside: Facts | None = None

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
        """Number, grade, the scheme's word for it, and title, as far as they are known."""
        match self.stream.state:
            case Case(number=number, grade=grade, label=label, finding=finding):
                return {"number": number, "grade": grade, "label": label, "title": finding.title if finding else ""}
            case Review(papers=papers) if papers:
                return {"number": papers.number, "grade": papers.grade, "label": None, "title": papers.title}
            case Audit(outline=outline) if outline:
                title = f"{outline.client}, {', '.join(outline.standards)}"
                return {"number": outline.key, "grade": None, "label": None, "title": title}
            case Certificate(client=client) as certificate:
                title = f"{client or ''}, {', '.join(certificate.standards)}"
                return {"number": self.standing.id, "grade": None, "label": None, "title": title}
        return {"number": None, "grade": None, "label": None, "title": ""}

    def options(self, command: str, actor: Actor, policies: PolicyBook) -> Options:
        """What may be chosen for the fields of a command."""
        match self.stream.state:
            case Case() as case:
                return choices.options(case, command, actor, self.stream.client, self.names, policies)
            case Review() as review:
                return choices.of_review(review, command, self.names, self.committee)
            case Audit() as audit if self.beside:
                return holdings.of_audit(audit, command, self.beside)
            case Certificate() as certificate if self.beside:
                return holdings.of_certificate(certificate, command, self.beside)
        return {}

    def beginning(self, command: str, asked: Mapping[str, str]) -> Typed:
        """What the form of a command begins with."""
        today = self.standing.now.astimezone(self.zone).date()
        known: Any = None
        match self.stream.state:
            case Case() as case:
                known = choices.known(case, command, asked, today)
            case Audit() as audit:
                known = holdings.known_of_audit(audit, command, today)
            case Certificate():
                known = holdings.known_of_certificate(command, today)
        return {**written(known), **{name: [text] for name, text in asked.items()}}


async def seen(api: Api, caller: Caller, kind: str, id: str) -> Subject:
    """A thing with all that its pages show of it. Raises UnknownThing, and Unavailable."""
    stream = await streams.visible(api, caller, kind, id)
    standing = await streams.standing(api, caller, stream, now())
    events = await whole_history(api.ledger, caller.scope, stream.name)
    events = [event for event in events if event.seq <= stream.seq]
    committee: dict[str, str] = {}
    beside: Facts | None = None
    people = {event.actor for event in events}
    team: set[str] = set()
    match stream.state:
        case Case() as case:
            people |= history.people(events, case)
            team = set(case.audit_team)
        case Review() as review:
            people |= {*review.members, *(one.person for one in review.recused)}
            known = await api.ledger.facts(caller.scope, Wants(committee=True))
            committee = {person.id: person.name for person in known.committee}
        case Audit(client=client) | Certificate(client=client) as state if client:
            beside = await api.ledger.facts(caller.scope, Wants(client=client, audits=True, certificates=True))
            if isinstance(state, Audit) and state.outline:
                team = {*(member.person for member in state.outline.team), *state.left}
    names = dict(await desk.names(api.database, caller.scope, people | team))
    if team and caller.scope.client is not None:
        # Whoever is audited is told who audits them (ISO/IEC 17021-1, 9.2.3.5), and of nobody else at the body.
        names |= await desk.names(api.database, Scope(caller.tenant), team, caller.scope.client)
    return Subject(kind, stream, standing, events, names, committee, beside)
