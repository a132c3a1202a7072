"""A tiny decider: a sum with reminders, enough to put a ledger through everything that it promises."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from pydantic import TypeAdapter

from activities.ledger.projections import Owner, Projection
from activities.ledger.protocol import Stream
from workflows.canonical import instant
from workflows.decider import Command, Context, Event, Happened, Reaction, Refusal, Registry, Wants
from workflows.entries import CaseQuery
from workflows.people import Frozen

DEFERRED = 12
"""The total at which a tally is deferred, where it is a nonconformity."""
FIRST = datetime(2026, 1, 5, tzinfo=UTC)
"""When it was issued."""


class State(Frozen):
    client: str = ""
    number: int | None = None
    ref: str = ""
    total: int = 0
    status: str = "new"
    remind_at: datetime | None = None
    shown: bool = True
    notes: tuple[str, ...] = ()


class Opened(Event):
    type: ClassVar[str] = "opened"
    client: str = ""
    number: int | None = None
    ref: str = ""
    shown: bool = True
    note: str = ""


class Added(Event):
    type: ClassVar[str] = "added"
    amount: int


class ReminderSet(Event):
    type: ClassVar[str] = "reminder_set"
    at: datetime


class Reminded(Event):
    type: ClassVar[str] = "reminded"
    again: datetime | None = None


class Closed(Event):
    type: ClassVar[str] = "closed"


class Moved(Event):
    type: ClassVar[str] = "moved"
    client: str


EVENTS: dict[str, type[Event]] = {cls.type: cls for cls in (Opened, Added, ReminderSet, Reminded, Closed, Moved)}


class Negative(Refusal):
    kind = "invalid"
    code = "negative"
    says = "{amount} is below zero."


class NotOpen(Refusal):
    code = "not_open"
    says = "It is {status}."


class UnknownClient(Refusal):
    kind = "invalid"
    code = "unknown_client"
    says = "Nobody knows {client}."


class Tally:
    state = State

    def __init__(self, kind: str, version: int = 1) -> None:
        self.kind = kind
        self.version = version

    def initial(self) -> State:
        return State()

    def wants(self, state: State, command: Command, now: datetime) -> Wants:
        body = command.body
        return Wants(
            client=body.get("wanted_client"),
            series="tally" if body.get("numbered") else None,
            committee=bool(body.get("committee")),
            audits=bool(body.get("audits")),
            certificates=bool(body.get("certificates")),
            cases=CaseQuery.model_validate(body["cases"]) if "cases" in body else None,
        )

    def decide(self, state: State, command: Command, context: Context) -> Sequence[Event]:
        body, facts = command.body, context.facts
        if body.get("wanted_client") and facts.client is None:
            raise UnknownClient(client=body["wanted_client"])
        if body.get("amount", 0) < 0:
            raise Negative("/amount", amount=body["amount"])
        if command.name != "open" and state.status != "open":
            raise NotOpen(status=state.status)
        match command.name:
            case "open":
                known = [person.id for person in facts.committee]
                known += [audit.key for audit in facts.audits] + [one.key for one in facts.certificates]
                known += [case.id for case in facts.cases]
                note = body.get("note") or ",".join(known)
                note = body.get("recurrence_of") or note
                opened = Opened(
                    client=body.get("client", ""),
                    number=facts.number,
                    ref=body.get("ref", ""),
                    shown=body.get("shown", True),
                    note=note,
                )
                return [opened, ReminderSet(at=datetime.fromisoformat(body["at"]))] if "at" in body else [opened]
            case "add":
                return [Added(amount=amount) for amount in body.get("amounts", [body.get("amount")])]
            case "remind":
                return [ReminderSet(at=datetime.fromisoformat(body["at"]))]
            case "close":
                return [Closed()]
            case "move":
                return [Moved(client=body["client"])]
            case _:
                return []

    def evolve(self, state: State, happened: Happened) -> State:
        match happened.event:
            case Opened(client=client, number=number, ref=ref, shown=shown, note=note):
                changed: dict[str, Any] = {"client": client, "number": number, "shown": shown, "status": "open"}
                changed |= {"ref": ref, "notes": (note,) if note else ()}
            case Added(amount=amount):
                changed = {"total": state.total + amount}
            case ReminderSet(at=at):
                changed = {"remind_at": at}
            case Moved(client=client):
                changed = {"client": client}
            case Reminded(again=again):
                changed = {"remind_at": again}
            case _:
                changed = {"status": "closed", "remind_at": None}
        return state.model_copy(update=changed)

    def lives(self, state: State) -> bool:
        return state.status == "open" and state.remind_at is not None

    def next_wakeup(self, state: State) -> datetime | None:
        return state.remind_at

    def on_wakeup(self, state: State, now: datetime) -> Sequence[Event]:
        if state.remind_at is None or state.remind_at > now:
            return []
        if state.total == 13:
            return [Reminded(again=now)]
        return [Reminded(again=state.remind_at + timedelta(days=1) if state.total else None)]

    def react(self, state: State, happened: Happened) -> Sequence[Reaction]:
        if isinstance(happened.event, Added) and happened.event.amount >= 100:
            return [Reaction("tally/audit", "open")]
        return []

    def status(self, state: State) -> str:
        return state.status


class Early(Tally):
    """The second version of a tally, which reminds a day earlier."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind, version=2)

    def next_wakeup(self, state: State) -> datetime | None:
        return state.remind_at and state.remind_at - timedelta(days=1)


def decode(type: str, v: int, data: Mapping[str, Any]) -> Event:
    event: Event = TypeAdapter(EVENTS[type]).validate_python(data)
    return event


KINDS = ("tally", "nonconformity", "committee_review", "client", "audit", "certificate")


def registry(version: int = 1) -> Registry:
    return Registry({kind: Tally(kind, version) for kind in KINDS}, decode)


def early() -> Registry:
    return Registry({kind: Early(kind) for kind in KINDS}, decode)


def owner(stream: Stream) -> Owner:
    state = stream.state
    assert isinstance(state, State)
    kind, _, name = stream.name.partition("/")
    badges = {f"{'case' if kind == 'nonconformity' else kind}:{name}", *(f"person:{note}" for note in state.notes)}
    badges |= {f"client:{state.client}"} if state.client and state.shown else set()
    badges |= {f"audit:{state.ref}"} if state.ref else set()
    return Owner(state.client or None, state.shown, tuple(sorted(badges)))


def nonconformity(stream: Stream) -> dict[str, Any]:
    state = stream.state
    assert isinstance(state, State)
    return {
        "number": state.number and f"NC-{state.number}",
        "status": state.status,
        "grade": "major",
        "client": state.client,
        "title": f"A sum of {state.total}",
        "requirements": ["ISO 27001 6.1.2"],
        "terms": ["ISO 27001 6.1.2", "27001 6.1.2", "6.1.2"],
        "standards": ["ISO 27001"],
        "audit_ref": state.ref or None,
        "stage": "stage2",
        "department": "IT",
        "process": None,
        "sites": ["Vienna"],
        "plan": "accepted",
        "deferred": state.total == DEFERRED,
        "deferred_to": None,
        "certificates": [],
        "causes": list(state.notes),
        "categories": [],
        "recurrence_of": None,
        "aggregating": None,
        "aggregates": [],
        "issued_at": instant(FIRST),
        "ended_at": None,
        "assignees": ["anna"],
        "due_at": _due(state),
        "due_kind": None,
        "act_at": "infinity",
        "asks_client": False,
        "asks_body": False,
        "escalated": False,
        "body": " ".join(state.notes),
    }


def committee_review(stream: Stream) -> dict[str, Any]:
    state = stream.state
    assert isinstance(state, State)
    return {"case_id": "1", "cause": "breach", "status": state.status, "members": list(state.notes), "recused": []}


def client(stream: Stream) -> dict[str, Any]:
    state = stream.state
    assert isinstance(state, State)
    key = stream.name.partition("/")[2]
    return {
        "name": key.title(),
        "zone": "Europe/Vienna",
        "country": "AT",
        "subdivision": "9",
        "sites": ["Vienna", "Linz"],
        "four_eyes": False,
        "internal_confirmation": True,
        "merged_into": state.ref or None,
        "view": {"total": state.total},
        "aliases": [f"{key} Ltd"],
    }


def audit(stream: Stream) -> dict[str, Any]:
    state = stream.state
    assert isinstance(state, State)
    key = stream.name.partition("/")[2]
    view: dict[str, Any] = {
        "key": key,
        "client": state.client,
        "stage": "stage2",
        "status": "planned",
        "team": list(state.notes),
    }
    view |= {"standards": ["ISO 9001"], "starts_on": "2026-05-04", "total": state.total}
    return {"client": state.client, "status": state.status, "due_at": _due(state), "view": view}


def certificate(stream: Stream) -> dict[str, Any]:
    state = stream.state
    assert isinstance(state, State)
    key = stream.name.partition("/")[2]
    view: dict[str, Any] = {
        "key": key,
        "client": state.client,
        "status": "active",
        "standards": ["ISO 9001", "ISO 14001"],
    }
    view |= {"expires_on": "2028-02-29", "total": state.total}
    return {"client": state.client, "status": state.status, "due_at": _due(state), "view": view}


def _due(state: State) -> str | None:
    return instant(state.remind_at) if state.remind_at else None


def reference(stream: Stream) -> tuple[str, str] | None:
    state = stream.state
    assert isinstance(state, State)
    return ("scanner", state.ref) if state.ref else None


def number(stream: Stream) -> tuple[str, int] | None:
    state = stream.state
    assert isinstance(state, State)
    return ("tally", state.number) if state.number else None


PROJECTIONS = {
    "tally": Projection(owner),
    "nonconformity": Projection(owner, nonconformity, reference, number, moves=False),
    "committee_review": Projection(owner, committee_review),
    "client": Projection(owner, client),
    "audit": Projection(owner, audit, model="entries"),
    "certificate": Projection(owner, certificate, model="entries"),
}
