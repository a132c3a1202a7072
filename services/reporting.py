"""From a document to reports, and from what became of them to the answer (CONTRACT, Findings)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple, get_args

import uuid_utils
from pydantic import ValidationError

from activities.directory.imports import Result
from activities.ledger.protocol import Outcome, Report, Word
from activities.reads.nonconformities import Known
from services.auth import Caller
from services.intake import Found, Item, Rejected, Skipped
from services.problems import Fault, Problem, refused
from services.withheld import withheld
from workflows import findings
from workflows.canonical import canonical, instant
from workflows.client.commands import Register
from workflows.decider import Command, Refusal, Refused, stream_of
from workflows.findings import SYSTEM, Flag, Source
from workflows.findings import Problem as Unfitness
from workflows.nonconformity import commands as nonconformity
from workflows.nonconformity import events
from workflows.people import Role
from workflows.procedure import AnotherClient, Body
from workflows.sentences import Fact, Parts, Sentence

UNKNOWN = Known(None, "", recurred=False)
TRIAGE = "reported"
NOT_ISSUED = "not_issued"
"""The flag of a receipt whose finding states a grade, and waits in triage for all that."""

IN_TRIAGE = Known(None, TRIAGE, recurred=False)
MANUAL = "manual"
"""The source of what a person reports without naming a system."""

BY_HAND = f"{MANUAL}/"
"""How the sources begin that a person names: no machine's references are among theirs, nor theirs among a machine's."""


class ClientAmbiguous(Refusal):
    """A name that several clients have, from a time when they still could."""

    code = "client_ambiguous"
    says = "Several clients are called {client}: name the one that is meant by its key."


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request: who reports what and when. `document` is the digest of the kept original, `key` what repeats share.

    `new_id` is an id for what is reported without a key, `client` what the request calls the client of what names none.
    `clients` are the keys of clients by the names that the findings use; a missing one is unknown, or `ambiguous`.
    """

    caller: Caller
    at: datetime
    request_id: str
    new_id: str
    key: str | None
    single: bool
    document: str | None = None
    client: str | None = None
    clients: Mapping[str, str] = field(default_factory=dict)
    ambiguous: Collection[str] = ()


_PASSES: Mapping[str, nonconformity.Passed] = {reason: reason for reason in get_args(nonconformity.Passed)}
"""Why an item is skipped that says something of a case which is open."""

_NEWS = (events.FindingRevised.type, events.FindingPassed.type)


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one item of a document; `repeated` says that its key was used before, for the same.

    `withheld` is the rule that left its new case in triage although it states a grade.
    """

    index: int
    external_id: str | None
    result: Result
    id: str | None = None
    number: str | None = None
    status: str | None = None
    reason: str | None = None
    flags: tuple[Flag, ...] = ()
    escaped: tuple[str, ...] = ()
    withheld: Refused | None = None
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
        flags: list[dict[str, Any]] = [flag.model_dump() for flag in self.flags]
        if self.withheld is not None:
            rule = self.withheld
            flags.append({"code": NOT_ISSUED, "pointer": rule.pointer, "rule": rule.code, "detail": rule.detail})
        if flags:
            shown["flags"] = flags
        if self.escaped:
            shown["escaped"] = list(self.escaped)
        if self.problem:
            shown["problem"] = self.problem.document()
        return shown


def names(items: Collection[Item]) -> set[str]:
    """What the findings call their clients."""
    return {item.finding.client for item in items if isinstance(item, Found)}


def names_of_passes(delivery: Delivery, items: Collection[Item]) -> set[str]:
    """What the clients are called of items that are no open findings."""
    called = (item.client or delivery.client for item in items if isinstance(item, Skipped))
    return {name for name in called if name is not None}


def registrable(name: str) -> bool:
    """Whether what a source calls a client can be the key under which it is registered."""
    try:
        Register.model_validate({"key": name, "name": name})
    except ValidationError:
        return False
    return True


def registration(delivery: Delivery, name: str) -> Command | None:
    """The command by which a source that may create clients registers one; None for a name that is no key.

    The right was given to the key by those who may register, so the command carries their role.
    """
    if not registrable(name):
        return None
    body = {"key": name, "name": name}
    caller = delivery.caller
    registrar = caller.actor.model_copy(update={"roles": caller.actor.roles | {Role.SCHEME_MANAGER}})
    return Command(id=f"report:{name}", name="register", body=body, actor=registrar, correlation_id=delivery.request_id)


def report(delivery: Delivery, found: Found) -> Report | Problem:
    """The report of a finding; a problem where its client is in doubt, or another than the caller is bound to."""
    finding = found.finding
    client = _client(delivery, finding.client)
    if isinstance(client, Problem):
        return client
    source = source_of(delivery.caller, finding.source.system)
    if len(source) > SYSTEM:
        says = "What a person reports has a system of {most} characters."
        return _fault("/source/system", Sentence(says, most=SYSTEM - len(BY_HAND)))
    stated = finding.source.stated or (finding.source.system if finding.source.system != source else None)
    said = finding.source.model_copy(update={"system": source, "stated": stated})
    finding = finding.model_copy(update={"client": client, "source": said})
    body = nonconformity.Report(
        finding=finding,
        revision=found.revision,
        escaped=tuple(found.escaped),
        document=delivery.document,
        part=found.part,
    )
    revises = nonconformity.ReviseFinding.command
    word = Word(revises, findings.said(finding), found.revision, whole=found.part is None)
    return _report(delivery, finding.source, body, _id(delivery, found, source), word, client)


def passed(delivery: Delivery, skipped: Skipped) -> Report | Problem | None:
    """What the case of an item is told that its source finds no more; None for an item that says nothing of the kind.

    It is among the references among which the finding was. Where nobody says of which client it is, its reference alone
    tells. A problem as of a finding.
    """
    actor = delivery.caller.actor
    reason = _PASSES.get(skipped.reason)
    if reason is None or skipped.external_id is None:
        return None
    try:
        system = source_of(delivery.caller, skipped.system or MANUAL)
        named = Source(system=system, external_id=skipped.external_id)
    except ValidationError:
        return None
    name = skipped.client or delivery.client
    client = actor.client if name is None else _client(delivery, name)
    if isinstance(client, Problem):
        return client
    body = nonconformity.NotePass(reason=reason, revision=skipped.revision, document=delivery.document, client=client)
    word = Word(body.command, body.reason, skipped.revision)
    command_id = str(uuid_utils.uuid7()) if delivery.key is None else _keyed(delivery.key, skipped.index)
    return _report(delivery, named, body, command_id, word, client, opens=False)


def _client(delivery: Delivery, name: str) -> str | Problem:
    """The key of the client of that name; a problem where that is in doubt, or another than the caller is bound to."""
    if name in delivery.ambiguous:
        return refused(ClientAmbiguous("/client", client=name).data())
    client, bound = delivery.clients.get(name, name), delivery.caller.actor.client
    return refused(AnotherClient("/client").data()) if bound not in (None, client) else client


def _report(
    delivery: Delivery,
    source: Source,
    body: Body,
    command_id: str,
    word: Word,
    client: str | None,
    *,
    opens: bool = True,
) -> Report:
    command = Command.saying(
        body,
        id=command_id,
        name=body.command,
        actor=delivery.caller.actor,
        received_at=delivery.at,
        correlation_id=delivery.request_id,
    )
    stream = stream_of("nonconformity", str(uuid_utils.uuid7()))
    return Report(source.system, source.external_id, stream, command, word, opens, client)


def source_of(caller: Caller, system: str) -> str:
    """Whose references a finding's is among: the key's, whatever its document says, or people's own of that system."""
    if caller.actor.source is not None:
        return caller.actor.source
    return system if system == MANUAL or system.startswith(BY_HAND) else f"{BY_HAND}{system}"


def _fault(pointer: str, detail: str) -> Problem:
    return Problem(
        422, "invalid", Sentence("{field}: {problem}", field=pointer, problem=detail), (Fault(pointer, detail),)
    )


def _id(delivery: Delivery, found: Found, source: str) -> str:
    """The command's id: the caller's key; else the revision, where there is one; else what brought it, or a new one.

    A source that finds the same again after close-out reports a recurrence, so content alone makes no repeat.
    """
    if delivery.key is not None:
        return delivery.key if delivery.single else _keyed(delivery.key, found.index)
    if found.revision is not None:
        revision = [source, found.finding.source.external_id, instant(found.revision)]
        return str(uuid_utils.uuid5(uuid_utils.NAMESPACE_URL, canonical(revision).decode()))
    if found.delivery is not None:
        return str(uuid_utils.uuid5(uuid_utils.NAMESPACE_URL, f"{source}|{found.delivery}"))
    return delivery.new_id if delivery.single else str(uuid_utils.uuid7())


def _keyed(key: str, index: int) -> str:
    """The id of the command of one item of many that share a key."""
    return str(uuid_utils.uuid5(uuid_utils.NAMESPACE_URL, f"{key}#{index}"))


SHOWN = 200
"""Characters of an external id that a receipt shows where it was not taken: it may be of any length."""


def _cut(external_id: str | None) -> str | None:
    return None if external_id is None else external_id[:SHOWN]


def told(delivery: Delivery, item: Item, outcome: Outcome | Problem | None, known: Mapping[str, Known]) -> Entry:
    """What became of one item."""
    keyed = delivery.key is not None
    match item, outcome:
        case Skipped(), Outcome() if outcome.result != "skipped":
            became = _became(outcome, "skipped", known, keyed)
            return Entry(item.index, item.external_id, reason=item.reason, **became._asdict())
        case Skipped(), Problem():
            return Entry(item.index, item.external_id, "rejected", reason=item.reason, problem=outcome)
        case Skipped(), _:
            return Entry(item.index, item.external_id, "skipped", reason=item.reason)
        case Rejected(), _:
            return Entry(item.index, _cut(item.external_id), "rejected", problem=unfit(item.problems))
        case Found(), Problem():
            return Entry(item.index, item.finding.source.external_id, "rejected", problem=_placed(item, outcome))
        case Found(), Outcome():
            opened: Result = "recurred" if item.finding.recurrence_of is not None else "created"
            became = _became(outcome, opened, known, keyed)
            if became.problem is not None:
                became = became._replace(problem=_placed(item, became.problem))
            waits = became.result in ("created", "recurred") and became.status == TRIAGE
            return Entry(
                item.index,
                item.finding.source.external_id,
                flags=tuple(item.flags),
                escaped=tuple(item.escaped),
                withheld=withheld(delivery.caller.actor, item.finding) if waits else None,
                **became._asdict(),
            )
    raise TypeError(f"item {item.index} has no outcome")


def says_all(outcome: Outcome) -> bool:
    """Whether an outcome says all that is told of its case: one in triage that this request found so has no number."""
    return outcome.answer is not None and not outcome.answer.repeated and outcome.answer.status == TRIAGE


class _Became(NamedTuple):
    """What an entry says of the case of its item; each as an Entry has it."""

    result: Result
    id: str | None = None
    number: str | None = None
    status: str | None = None
    problem: Problem | None = None
    repeated: bool = False


def _became(outcome: Outcome, opened: Result, known: Mapping[str, Known], keyed: bool) -> _Became:
    """What became of an item; `opened` is its result where it opened a case."""
    answer = outcome.answer
    refusal = answer.refusal if answer else None
    # Under an id made of its revision, another request about it (another document, another key) is the same report.
    again = refusal is not None and refusal.code == "key_reused" and not keyed
    if refusal is not None and not again:
        return _Became("rejected", problem=refused(refusal))
    case_id = (outcome.stream or "").partition("/")[2]
    case = IN_TRIAGE if says_all(outcome) else known.get(case_id, UNKNOWN)
    if not keyed or answer is None or not answer.repeated:
        result: Result = "duplicate" if again else opened if outcome.result == "created" else outcome.result
        return _Became(result, case_id, case.number, case.status)
    # The same key is answered as it was then: what it created it created, and a finding in triage had no number.
    updated = any(event.type in _NEWS for event in answer.events)
    result = "updated" if updated else "recurred" if case.recurred else opened
    number = None if answer.status == TRIAGE else case.number
    return _Became(result, case_id, number, answer.status, repeated=True)


def unfit(problems: Sequence[Unfitness]) -> Problem:
    """The problem of an item that is no finding."""
    faults = tuple(Fault(one.pointer, one.detail) for one in problems)
    says, whole = "{field}: {problem}", Sentence("the finding")
    each = tuple(Sentence(says, field=one.pointer or whole, problem=one.detail) for one in problems)
    return Problem(422, problems[0].code, Fact(" ".join(each), Parts(each, " ")), faults)


def _placed(found: Found, problem: Problem) -> Problem:
    """The problem of a finding with its place in the table from which that comes, if it comes from one."""
    if found.cells is None:
        return problem
    faults = tuple(Fault(one.pointer, found.cells.saying(one.pointer, one.detail)) for one in problem.errors)
    pointer = problem.errors[0].pointer if problem.errors else ""
    return replace(problem, detail=found.cells.saying(pointer, problem.detail), errors=faults)
