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


def each_event_leads_on_from_the_state_before(look: Look) -> Iterator[str]:
    """A turn's events, folded from where the stream stood, lead to where it stands: to the next turn's beginning."""
    last: dict[str, Any] = {}
    for change in look.changes:
        before = last.get(change.turn.stream, change.turn.before)
        if before != change.before:
            yield f"{change}: it began from another state than the one before it left"
        last[change.turn.stream] = change.after
    for stream in look.changed:
        if last[stream.name] != stream.state:
            yield f"{stream.name}: its state is not what its last events tell"


def a_rebuild_gives_state_row_and_entry_again(look: Look) -> Iterator[str]:
    """Its stored events, folded from the beginning, make a stream's state, its row in lists and what others know."""
    for kind in DECIDERS:
        for name in look.world.names(kind):
            stream, key = look.world.streams[name], name.partition("/")[2]
            told = rebuilt(stream)
            if told != stream.state:
                yield f"{name}: its state is not what its events tell"
            if DECIDERS[kind].state.model_validate_json(stream.state.model_dump_json()) != stream.state:
                yield f"{name}: its state is another one when it is read back"
            if _row(_kept(look, name, told)) != _row(_kept(look, name)):
                yield f"{name}: its row is another one after a rebuild"
            entry = ENTRIES.get(kind)
            if entry is not None and entry(key, told) != entry(key, stream.state):
                yield f"{name}: its entry is another one after a rebuild"


def rows_tell_deciders_what_states_tell(look: Look) -> Iterator[str]:
    """What deciders learn of other streams is the same from the rows of lists as from states."""
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


def _kept(look: Look, name: str, told: Any = None) -> Kept:
    """A stream as the ledger keeps it, by its state or by another one."""
    stream, decider = look.world.streams[name], DECIDERS[kind_of(name)]
    state = stream.state if told is None else told
    due, lives = decider.next_wakeup(state), decider.lives(state)
    return Kept(look.world.tenant, name, len(stream.history), GENESIS, state, stream.history[-1].at, due, (), lives)


def _row(kept: Kept) -> projections.Row:
    row = projections.row_of(READ_MODELS, kept)
    assert row is not None
    return row


def _id(row: projections.Row) -> str:
    return str(row["id"])


INVARIANTS: tuple[Invariant, ...] = (
    history_only_grows,
    each_event_leads_on_from_the_state_before,
    numbers_are_gapless,
    signatures_cover_what_was_there,
    commands_end_where_their_rows_say,
)
THOROUGH: tuple[Invariant, ...] = (a_rebuild_gives_state_row_and_entry_again, rows_tell_deciders_what_states_tell)
"""What takes longer to see; looked at when time has passed, and at the end of a life."""
