"""From an event to what each person is told of it: pure."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from activities.directory.mail import DIGEST_AT, Contact, Mail
from activities.ledger.protocol import Recorded
from activities.reads.clients import Names
from services.console.frame.navigation import HOME, PATHS
from services.console.things.work import Task
from services.mail.concerns import CONCERNS, Concern
from services.mail.notices import Notice
from services.mail.parties import Scene, party
from workflows.certificate.certificate import Certificate
from workflows.committee.review import Review
from workflows.nonconformity.case import Case
from workflows.nonconformity.deadlines import CLIENT_DATES, latest_safe

_TOLD = ("reason", "text", "statement", "effect", "containment", "why", "note", "detail")
"""The fields in which events say why, in this order."""

Does = Callable[[Contact], Task | None]


@dataclass(frozen=True, slots=True)
class Happening:
    """An event beside the state of its stream, and of the case that it is about where it is one.

    `does` says what somebody has to do on the case now; `names` are those of people by id, `clients` those of clients.
    """

    event: Recorded
    state: object
    contacts: Sequence[Contact]
    does: Does
    names: Mapping[str, str]
    clock: datetime
    """The present instant."""
    clients: Names = field(default_factory=Names)
    colleagues: frozenset[str] = frozenset()
    """Of those in `names`, the people of its client: who else acted is the certification body to them."""


def told(one: Happening) -> list[Mail]:
    """What is to be written because of an event; nothing for one that concerns nobody, or whose payload is gone."""
    concern, data = CONCERNS.get(one.event.type), one.event.data
    if concern is None or data is None:
        return []
    scene = _scene(one)
    found = party(concern, scene, data, one.event.actor)
    mails = [_mail(one, concern, contact) for contact in found.contacts if contact.modes.of(concern.kind) != "off"]
    return mails + [_missing(one, concern, who) for who in dict.fromkeys(found.missing)]


def next_digest(now: datetime, zone: str) -> datetime:
    """When somebody's next digest is due."""
    here = now.astimezone(ZoneInfo(zone))
    day = here.date() + timedelta(days=here.time() >= DIGEST_AT)
    return datetime.combine(day, DIGEST_AT, ZoneInfo(zone))


def _scene(one: Happening) -> Scene:
    def can_act(contact: Contact) -> bool:
        return one.does(contact) is not None

    match one.state:
        case Case() as case:
            return Scene(case.client, case.issued_at is not None, one.contacts, can_act, case)
        case Review() as review:
            return Scene(review.client, False, one.contacts, can_act, sitting=review.sitting)
        case Certificate() as certificate:
            return Scene(certificate.client, True, one.contacts, can_act)
        case other:
            raise TypeError(f"{type(other).__name__} concerns nobody")


def _mail(one: Happening, concern: Concern, contact: Contact) -> Mail:
    person, event = contact.person, one.event
    zone = contact.zone or _zone(one.state)
    is_digest = contact.modes.of(concern.kind) == "digest"
    return Mail(
        event_id=event.event_id,
        person=person.id,
        org=person.client,
        position=event.position,
        notice=_notice(one, concern, contact, zone).model_dump_json(),
        digest=is_digest,
        state="pending" if person.email else "unaddressed",
        # Not by the zone of the case: who works on those of many clients has one digest a day all the same.
        next_at=next_digest(one.clock, contact.zone or "UTC") if is_digest else None,
    )


def _missing(one: Happening, concern: Concern, who: str) -> Mail:
    """What nobody can be told: kept, so that it is seen."""
    nobody = hashlib.sha256(who.encode()).hexdigest()[:16] if len(who) > 200 else who
    return Mail(
        event_id=one.event.event_id,
        person=nobody,
        position=one.event.position,
        notice=_notice(one, concern, None, "UTC").model_dump_json(),
        state="unaddressed",
        failure="Nobody here is known by this name.",
    )


def _notice(one: Happening, concern: Concern, contact: Contact | None, zone: str) -> Notice:
    event, data = one.event, one.event.data or {}
    kind, _, name = event.stream.partition("/")
    task = one.does(contact) if contact else None
    path = f"{PATHS[kind]}/{name}" if kind in PATHS else HOME
    facts: dict[str, Any] = {"thread": event.stream.replace("/", "."), "path": path}
    match one.state:
        case Case() as case:
            facts |= _of_case(case, data, theirs=bool(contact and contact.person.client))
        case Review(papers=papers, due_at=due_at):
            facts |= {"due": "review", "due_at": due_at}
            if papers is not None:
                facts |= {"title": papers.title, "number": papers.number}
                facts["thread"] = papers.case.replace("/", ".")
        case Certificate(key=key) as certificate:
            facts |= {"number": key, "title": ", ".join(certificate.standards)}
            facts |= _of_certificate(certificate, data)
    return Notice(
        type=event.type,
        said=concern.said,
        at=event.at,
        client=_client(one, contact),
        **_actor(one, contact),
        why=tuple(_reasons(data)),
        todo=task.why if task else None,
        zone=zone,
        **facts,
    )


def _actor(one: Happening, contact: Contact | None) -> dict[str, Any]:
    """Who did it, by the rule of the pages: to a client's people, of the certification body that it was one of it."""
    is_hidden = contact is not None and contact.person.client is not None and one.event.actor not in one.colleagues
    name = one.names.get(one.event.actor, "")
    return {"by_body": bool(name)} if is_hidden else {"actor": name}


def _client(one: Happening, contact: Contact | None) -> str:
    """What the client is called, to who is not of it."""
    key = _scene(one).client
    return one.clients.called(key) if key and not (contact and contact.person.client) else ""


def _of_case(case: Case, data: Mapping[str, Any], theirs: bool) -> dict[str, Any]:
    """Number, title, and the date that matters: the event's own, else the next that is the reader's to keep."""
    facts: dict[str, Any] = {
        "number": case.number,
        "title": case.finding.title if case.finding else "",
    }
    running = sorted((one.due_at, one.kind) for one in case.deadlines if one.state == "running")
    ours = [(at, kind) for at, kind in running if (kind in CLIENT_DATES) == theirs] or running
    if "deadline" in data and "due_at" in data:
        facts |= {"due": data["deadline"], "due_at": data["due_at"]}
    elif ours:
        facts |= {"due": ours[0][1], "due_at": ours[0][0]}
    if theirs and case.policy is not None:
        safe = latest_safe(case.deadlines, case.policy, case.zone, case.owes)
        facts["safe_at"] = next((one.at for one in safe if one.kind == facts.get("due")), None)
    return facts


def _of_certificate(certificate: Certificate, data: Mapping[str, Any]) -> dict[str, Any]:
    cause = data.get("cause") or {}
    facts: dict[str, Any] = {}
    if isinstance(case := cause.get("case"), str) and case:
        facts["path"] = f"{PATHS['nonconformity']}/{case.rpartition('/')[2]}"
    if certificate.suspension is not None:
        facts |= {"due": "suspension", "due_at": certificate.suspension.until}
    elif certificate.term is not None:
        facts |= {"due": "expiry", "due_at": certificate.term.expires_at}
    return facts


def _zone(state: object) -> str:
    return state.zone if isinstance(state, Case | Certificate) else "UTC"


def _reasons(data: Mapping[str, Any]) -> list[str]:
    """What an event says of why: its own texts, the cause's, and those of the parts that were returned."""
    cause = data.get("cause")
    found = [data.get(name) for name in _TOLD] + [cause.get("reason") if isinstance(cause, dict) else None]
    for part in data.get("sections") or ():
        where = part.get("section") or part.get("shows")
        found.append(f"{where}: {part.get('reason', '')}" if where else part.get("reason"))
    return list(dict.fromkeys(text for text in found if isinstance(text, str) and text))[:50]
