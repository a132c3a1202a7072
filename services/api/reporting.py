"""From a document to reports, and from what became of them to the answer (CONTRACT, Findings)."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from pydantic import ValidationError
from uuid_utils.compat import uuid7

from activities.ledger.protocol import Outcome, Report
from activities.reads.nonconformities import Known
from services.api.problems import Fault, Problem, refused
from services.auth import Caller
from services.intake import Found, Item, Rejected, Skipped
from workflows.canonical import canonical, instant
from workflows.client.commands import Register
from workflows.decider import Command, stream_of
from workflows.findings import Flag
from workflows.findings import Problem as Unfitness
from workflows.people import Role
from workflows.procedure import AnotherClient

UNKNOWN = Known(None, "", recurred=False)
MANUAL = "manual"
"""The source of what a person reports without naming a system."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request: who reports what and when. `document` is the digest of the kept original, `key` what repeats share.

    `clients` are the keys of clients by the names that the findings use; a missing one is unknown.
    """

    caller: Caller
    at: datetime
    request_id: str
    key: str | None
    single: bool
    document: str | None = None
    clients: Mapping[str, str] = field(default_factory=dict)


Result = Literal["created", "duplicate", "updated", "recurred", "skipped", "rejected"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one item of a document; `repeated` says that its key was used before, for the same."""

    index: int
    external_id: str | None
    result: Result
    id: str | None = None
    number: str | None = None
    status: str | None = None
    reason: str | None = None
    flags: tuple[Flag, ...] = ()
    problem: Problem | None = None
    repeated: bool = False

    def view(self) -> dict[str, Any]:
        """The entry as the answer says it."""
        shown: dict[str, Any] = {
            "index": self.index,
            "external_id": self.external_id,
            "id": self.id,
            "number": self.number,
            "status": self.status,
            "result": self.result,
        }
        if self.reason:
            shown["reason"] = self.reason
        if self.flags:
            shown["flags"] = [flag.model_dump() for flag in self.flags]
        if self.problem:
            shown["problem"] = self.problem.document()
        return shown


def names(items: Collection[Item]) -> set[str]:
    """What the findings call their clients."""
    return {item.finding.client for item in items if isinstance(item, Found)}


def registration(delivery: Delivery, name: str) -> Command | None:
    """The command by which a source that may create clients registers one; None for a name that is no key.

    The right was given to the key by those who may register, so the command carries their role.
    """
    body = {"key": name, "name": name}
    try:
        Register.model_validate(body)
    except ValidationError:
        return None
    caller = delivery.caller
    registrar = caller.actor.model_copy(update={"roles": caller.actor.roles | {Role.SCHEME_MANAGER}})
    return Command(id=f"report:{name}", name="register", body=body, actor=registrar, correlation_id=delivery.request_id)


def report(delivery: Delivery, found: Found) -> Report | Problem:
    """The report of a finding; a problem where the caller is bound to another client."""
    actor = delivery.caller.actor
    finding = found.finding
    client = delivery.clients.get(finding.client, finding.client)
    if actor.client is not None and client != actor.client:
        return refused(AnotherClient("/client").data())
    finding = finding.model_copy(update={"client": client})
    source = actor.source or finding.source.system
    body: dict[str, Any] = {"finding": finding.model_dump(mode="json"), "escaped": list(found.escaped)}
    if delivery.document is not None:
        body["document"] = delivery.document
    command = Command(
        id=_id(delivery, found, source),
        name="report",
        body=body,
        actor=actor,
        received_at=delivery.at,
        correlation_id=delivery.request_id,
    )
    return Report(source, finding.source.external_id, stream_of("nonconformity", str(uuid7())), command)


def _id(delivery: Delivery, found: Found, source: str) -> str:
    """The command's id: the caller's key; else the revision, where the source has revisions; else a new one.

    A source that finds the same again after close-out reports a recurrence, so content alone makes no repeat.
    """
    if delivery.key is not None:
        return delivery.key if delivery.single else str(uuid.uuid5(uuid.NAMESPACE_URL, f"{delivery.key}#{found.index}"))
    if found.revision is None:
        return str(uuid7())
    revision = [source, found.finding.source.external_id, instant(found.revision)]
    return str(uuid.uuid5(uuid.NAMESPACE_URL, canonical(revision).decode()))


def told(item: Item, outcome: Outcome | Problem | None, known: Mapping[str, Known], *, keyed: bool) -> Entry:
    """What became of one item; `keyed` says that the request brought its own key."""
    match item, outcome:
        case Skipped(), _:
            return Entry(item.index, item.external_id, "skipped", reason=item.reason)
        case Rejected(), _:
            return Entry(item.index, item.external_id, "rejected", problem=unfit(item.problems))
        case Found(), Problem():
            return Entry(item.index, item.finding.source.external_id, "rejected", problem=outcome)
        case Found(), Outcome():
            return _became(item, outcome, known, keyed=keyed)
    raise TypeError(f"item {item.index} has no outcome")


def _became(item: Found, outcome: Outcome, known: Mapping[str, Known], *, keyed: bool) -> Entry:
    answer = outcome.answer
    refusal = answer.refusal if answer else None
    # Under an id made of its revision, another request about it (another document, another key) is the same report.
    again = refusal is not None and refusal.code == "key_reused" and not keyed
    entry = Entry(
        item.index, item.finding.source.external_id, "duplicate" if again else outcome.result, flags=tuple(item.flags)
    )
    if refusal is not None and not again:
        return replace(entry, result="rejected", problem=refused(refusal))
    case_id = (outcome.stream or "").partition("/")[2]
    case = known.get(case_id, UNKNOWN)
    entry = replace(entry, id=case_id, number=case.number, status=case.status)
    if not keyed or answer is None or not answer.repeated:
        return entry
    # The same key is answered as it was then: what it created it created, and a finding in triage had no number.
    return replace(
        entry,
        result="recurred" if case.recurred else "created",
        status=answer.status,
        number=None if answer.status == "reported" else case.number,
        repeated=True,
    )


def unfit(problems: Sequence[Unfitness]) -> Problem:
    """The problem of an item that is no finding."""
    first = problems[0]
    faults = tuple(Fault(one.pointer, one.detail) for one in problems)
    return Problem(422, first.code, f"{first.pointer or 'the finding'}: {first.detail}", faults)
