"""What would become of the items of a document: asked about by their references alone, before anything is sent."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import StringConstraints, model_validator

from activities.ledger.database import Database
from activities.ledger.protocol import Mention, Word
from activities.ledger.refusals import of_another
from activities.reads import clients, nonconformities, references
from activities.reads.clients import Called
from activities.reads.nonconformities import Known
from activities.reads.references import Foreseen
from services.auth import Caller
from services.problems import Problem, refused
from services.reporting import MANUAL, ClientAmbiguous, registrable, source_of
from workflows.findings import Part
from workflows.nonconformity import commands as nonconformity
from workflows.nonconformity.refusals.triage import ClientUnknown
from workflows.people import Frozen
from workflows.procedure import AnotherClient, Instant
from workflows.shapes import Kept

Text = Annotated[Kept, StringConstraints(min_length=1, max_length=2000)]


class Item(Frozen):
    """An item by its reference: an open finding by the digest of what it `said`, else one that `passed`, and why.

    Of a finding that is stated in part, `said` is the digest of that `part`.
    `system` and `client` are what the document calls its source and its client, `revision` when it was so.
    """

    external_id: Text
    system: Text | None = None
    client: Text | None = None
    said: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")] | None = None
    passed: nonconformity.Passed | None = None
    revision: Instant | None = None
    part: Part | None = None

    @model_validator(mode="after")
    def _one(self) -> "Item":
        if (self.said is None) == (self.passed is None):
            raise ValueError("Either said or passed is expected here.")
        if self.part is not None and self.said is None:
            raise ValueError("What passed has no part.")
        return self


class Items(Frozen):
    """The items of a document in their order, and the client of those that name none."""

    items: tuple[Item, ...]
    client: Text | None = None


async def told(database: Database, caller: Caller, asked: Items) -> Sequence[Mapping[str, object]]:
    """What would become of each item, and of which case, as its receipt would say it. Raises Unavailable.

    What only the rules would say of a finding that opens a case is not foreseen.
    """
    names = {name for one in asked.items if (name := one.client or asked.client) is not None}
    called = await clients.called(database, caller.tenant, names)
    mentions = [_mention(caller, one, one.client or asked.client, called) for one in asked.items]
    meant = [one for one in mentions if isinstance(one, Mention)]
    foreseen = await references.foreseen(database, caller.tenant, meant)
    if caller.scope.viewer is not None:
        streams = sorted({one.stream for one in foreseen if one.stream})
        seen = await nonconformities.seen_among(database, caller.scope, streams) if streams else frozenset()
        foreseen = [Foreseen("another") if one.stream and one.stream not in seen else one for one in foreseen]
    cases = sorted({_case(one.stream) for one in foreseen if one.stream})
    known = await nonconformities.known(database, caller.tenant, cases) if cases else {}
    found = iter(foreseen)
    return [_refused(one) if isinstance(one, Problem) else _view(one, next(found), known) for one in mentions]


def _mention(caller: Caller, one: Item, name: str | None, called: Called) -> Mention | Problem:
    """An item as the ledger would be told of it; a problem where its client is in doubt."""
    bound, client = caller.actor.client, caller.actor.client
    if name is not None:
        if name in called.ambiguous:
            return refused(ClientAmbiguous("/client", client=name).data())
        client = called.keys.get(name, name)
        if bound not in (None, client):
            return refused(AnotherClient("/client").data())
        if one.said and name not in called.keys and not (caller.may_create_clients and registrable(name)):
            return refused(ClientUnknown("/client", client=name).data())
    word = Word("", one.said or one.passed or "", one.revision, whole=one.part is None)
    source = source_of(caller, one.system or MANUAL)
    return Mention(source, one.external_id, word, one.said is not None, client, one.part)


def _view(one: Mention, foreseen: Foreseen, known: Mapping[str, Known]) -> dict[str, object]:
    if foreseen.result == "another":
        return _refused(refused(of_another(one)))
    name = _case(foreseen.stream) if foreseen.stream else None
    case = known.get(name or "")
    number, status = (case.number, case.status) if case else (None, None)
    return {"result": foreseen.result, "id": name, "number": number, "status": status}


def _refused(problem: Problem) -> dict[str, object]:
    return {"result": "rejected", "id": None, "number": None, "status": None, "problem": problem.document()}


def _case(stream: str) -> str:
    return stream.partition("/")[2]
