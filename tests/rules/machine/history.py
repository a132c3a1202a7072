"""What must hold of the record: it only grows, and everything else can be told from it."""

import json
from collections.abc import Iterator
from typing import Any

from activities.ledger import projections
from activities.ledger.known import audits_of, cases_of, certificates_of, client_of
from activities.ledger.protocol import GENESIS
from activities.ledger.protocol import Stream as Kept
from activities.readmodels import READ_MODELS
from tests.rules.machine.ground import CLIENTS
from tests.rules.machine.looking import Invariant, Look
from workflows.audit.entry import audit_entry
from workflows.canonical import canonical, digest
from workflows.certificate.entry import certificate_entry
from workflows.decider import Happened, Wants, kind_of
from workflows.entries import CaseQuery
from workflows.nonconformity.entry import case_entry
from workflows.registry import DECIDERS, PROCEDURES, REGISTRY
from workflows.simulator.world import Stream

ENTRIES: dict[str, Any] = {
    "nonconformity": case_entry,
    "audit": audit_entry,
    "certificate": certificate_entry,
}


def history_only_grows(look: Look) -> Iterator[str]:
    """What was recorded stays, one event after the other, none before the one before it."""
    for turn in look.turns:
        stream, first = look.world.streams[turn.stream], turn.happened[0].seq
        if stream.history[first - 1 : first - 1 + len(turn.happened)] != list(turn.happened):
            yield f"{turn.stream}: what was recorded at {first} is not there any more"
    for stream in look.changed:
        if [one.seq for one in stream.history] != list(range(1, len(stream.history) + 1)):
            yield f"{stream.name}: its events are not numbered one by one"
        instants = [one.at for one in stream.history]
        if instants != sorted(instants) or instants[-1] > look.world.now:
            yield f"{stream.name}: its events go back in time"


def the_fold_is_the_state(look: Look) -> Iterator[str]:
    """The events as they are stored, folded from the beginning, make the state; JSON gives it back whole."""
    for stream in look.changed:
        if rebuilt(stream) != stream.state:
            yield f"{stream.name}: its state is not what its events tell"
        state = DECIDERS[kind_of(stream.name)].state
        if state.model_validate(json.loads(stream.state.model_dump_json())) != stream.state:
            yield f"{stream.name}: its state is another one when it is read back"


def rows_and_entries_are_those_of_a_rebuild(look: Look) -> Iterator[str]:
    """Rows that are written only when they change, and what others know of a stream, say what a rebuild would."""
    for change in look.changes:
        name = change.turn.stream
        was, now = _kept(look, name, change.before, change.happened.seq - 1), _kept(look, name, change.after)
        written = change.happened.seq == 1 or projections.moves(READ_MODELS, was, now)
        if not written and _row(was) != _row(now):
            yield f"{change}: its row in the list was to be written"
    for stream in look.changed:
        told = rebuilt(stream)
        if _row(_kept(look, stream.name, told)) != _row(_kept(look, stream.name, stream.state)):
            yield f"{stream.name}: its row is another one after a rebuild"
        entry, key = ENTRIES.get(kind_of(stream.name)), stream.name.partition("/")[2]
        if entry is not None and entry(key, told) != entry(key, stream.state):
            yield f"{stream.name}: its entry is another one after a rebuild"


def rows_tell_deciders_what_states_tell(look: Look) -> Iterator[str]:
    """What deciders learn of other streams is the same from the rows of lists as from states."""
    if not look.turns:
        return
    world = look.world
    rows = {kind: [_row(_kept(look, name)) for name in world.names(kind)] for kind in ENTRIES}
    for client in CLIENTS:
        facts = world.facts(Wants(client=client, audits=True, certificates=True, cases=CaseQuery(client=client)))
        told = cases_of(rows["nonconformity"], CaseQuery(client=client))
        if sorted(told, key=str) != sorted(facts.cases, key=str):
            yield f"the cases of {client} are others by their rows"
        if audits_of(sorted(rows["audit"], key=_id), client) != list(facts.audits):
            yield f"the audits of {client} are others by their rows"
        if certificates_of(sorted(rows["certificate"], key=_id), client) != list(facts.certificates):
            yield f"the certificates of {client} are others by their rows"
        name = f"client/{client}"
        if facts.client is not None and client_of(client, _row(_kept(look, name))) != facts.client:
            yield f"{client} is another one by its row"


def numbers_are_gapless(look: Look) -> Iterator[str]:
    """Issued cases are numbered from one, without a gap, each with a number of its own."""
    by_series: dict[str, list[int]] = {}
    for _, case in look.cases():
        if case.number is not None:
            series, _, number = case.number.rpartition("-")
            by_series.setdefault(series, []).append(int(number))
    for series, numbers in by_series.items():
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            yield f"{series} has the numbers {sorted(numbers)}"


def signatures_cover_what_was_there(look: Look) -> Iterator[str]:
    """A signature is its actor's, over exactly what stood there before the command, as the act means it."""
    for change in look.changes:
        signature = getattr(change.happened.event, "signature", None)
        command = change.turn.command
        if signature is None or command is None:
            continue
        row = PROCEDURES[kind_of(change.turn.stream)].row(command)
        if row.signs is None or digest(row.signs(change.turn.before)) != signature.content_sha256:
            yield f"{change}: the signature covers something else"
        if (signature.by, signature.meaning) != (change.happened.actor, row.meaning):
            yield f"{change}: the signature is another's, or means something else"
        if change.turn.actor.kind != "person":
            yield f"{change}: no person signed"


def commands_end_where_their_rows_say(look: Look) -> Iterator[str]:
    """A command leaves its stream in one of the states that its row names, or in the one in which it was."""
    for turn in look.turns:
        if turn.command is None:
            continue
        procedure = PROCEDURES[kind_of(turn.stream)]
        row, before, after = procedure.row(turn.command), procedure.status(turn.before), procedure.status(turn.after)
        if before not in row.states or after not in {before, *row.to}:
            yield f"{turn.stream}: {turn.command} led from {before or 'nothing'} to {after}"


def rebuilt(stream: Stream) -> Any:
    """The state of a stream by what is stored of its events."""
    decider = DECIDERS[kind_of(stream.name)]
    state = decider.initial()
    for one in stream.history:
        bytes_of = canonical(one.event.model_dump(mode="json"))
        event = REGISTRY.decode(one.event.type, one.event.v, json.loads(bytes_of))
        state = decider.evolve(state, Happened(event, one.seq, one.at, one.actor, one.stream))
    return state


def _kept(look: Look, name: str, state: Any = None, seq: int | None = None) -> Kept:
    """A stream as the ledger keeps it."""
    stream, decider = look.world.streams[name], DECIDERS[kind_of(name)]
    state = stream.state if state is None else state
    seq = len(stream.history) if seq is None else seq
    last_at = stream.history[-1].at
    due = decider.next_wakeup(state)
    return Kept(look.world.tenant, name, seq, GENESIS, state, last_at, due, (), decider.lives(state))


def _row(kept: Kept) -> projections.Row:
    """A stream's row, but for what every event moves."""
    row = projections.row_of(READ_MODELS, kept)
    assert row is not None
    return {name: value for name, value in row.items() if name not in ("seq", "updated_at")}


def _id(row: projections.Row) -> str:
    return str(row["id"])


INVARIANTS: tuple[Invariant, ...] = (
    history_only_grows,
    the_fold_is_the_state,
    rows_and_entries_are_those_of_a_rebuild,
    rows_tell_deciders_what_states_tell,
    numbers_are_gapless,
    signatures_cover_what_was_there,
    commands_end_where_their_rows_say,
)
