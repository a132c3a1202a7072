"""What must hold of systemic majors and of merged clients."""

from collections import Counter
from collections.abc import Iterator

from tests.rules.machine.ground import CLIENTS
from tests.rules.machine.looking import Invariant, Look
from workflows.client import events as clients
from workflows.nonconformity import events as e


def minors_are_superseded_once_and_point_back(look: Look) -> Iterator[str]:
    """Each minor of a systemic major ended in it, by one event, and names it; nothing else is superseded."""
    cases = dict(look.cases())
    parts: Counter[str] = Counter()
    for key, case in cases.items():
        for minor in case.aggregates:
            parts[minor.id] += 1
            part = cases.get(minor.id)
            told = (part.superseded_by, part.number, part.status) if part else None
            if told != (key, minor.number, "superseded"):
                yield f"{key}: its minor {minor.id} says {told}"
        if case.aggregates and case.client not in {cases[minor.id].client for minor in case.aggregates}:
            yield f"{key}: it is {case.client}'s, its minors are not"
    for key, case in cases.items():
        history = look.world.streams[f"nonconformity/{key}"].history
        events = sum(isinstance(one.event, e.Superseded) for one in history)
        if events != parts[key] or events > 1 or (events == 1) != (case.superseded_by is not None):
            yield f"{key}: superseded {events} times, part of {parts[key]} systemic majors"


def an_aggregation_raises_its_major(look: Look) -> Iterator[str]:
    """What an auditor aggregates stands as a major with all the minors, and belongs to the auditor."""
    for change, event in look.of(e.Aggregated):
        case = look.world.state(f"nonconformity/{event.systemic}")
        own = change.turn.stream.partition("/")[2]
        minors = {own, *(minor.id for minor in event.others)}
        if case.grade != "major" or {minor.id for minor in case.aggregates} != minors:
            yield f"{change}: {event.systemic} is {case.status}, of {case.aggregates}"
        if case.issued_by != change.happened.actor:
            yield f"{change}: issued by {case.issued_by}"


def no_aggregation_is_left_under_way(look: Look) -> Iterator[str]:
    """Once everything is carried out, no minor waits for a systemic major."""
    for key, case in look.cases():
        if case.aggregating is not None:
            yield f"{key}: waits for {case.aggregating}"


def what_recurs_was_closed_before(look: Look) -> Iterator[str]:
    """A recurrence names a case that was closed when it came in."""
    for change, event in look.of(e.Reported):
        if event.recurrence_of is None:
            continue
        before = look.world.streams[event.recurrence_of].history
        if not any(isinstance(one.event, e.Closed) and one.at <= change.happened.at for one in before):
            yield f"{change}: {event.recurrence_of} was never closed"


def merged_clients_lead_to_one_that_stands(look: Look) -> Iterator[str]:
    """From each merged client the way leads, without a circle, to one that is registered."""
    entries = {key: state.entry for key, state in look.clients()}
    for key in entries:
        last, way = entries.get(key), [key]
        while last is not None and last.merged_into is not None and len(way) <= len(CLIENTS):
            way.append(last.merged_into)
            last = entries.get(way[-1])
        if last is None or last.merged_into is not None:
            yield f"{key}: leads to {way}"


def a_merged_client_keeps_nothing(look: Look) -> Iterator[str]:
    """Cases, audits and certificates of a merged client are the survivor's, but for what came in afterwards."""
    world = look.world
    merged = {
        key: max(one.at for one in world.streams[f"client/{key}"].history if isinstance(one.event, clients.Merged))
        for key, state in look.clients()
        if state.status == "merged"
    }
    for kind in ("nonconformity", "audit", "certificate"):
        for name in world.names(kind):
            client = world.client_of(name)
            if client in merged and world.streams[name].history[0].at < merged[client]:
                yield f"{name}: still {client}'s, which was merged"


def streams_change_their_client_by_a_merge_only(look: Look) -> Iterator[str]:
    """A case, an audit, a certificate is another client's only because its own was merged into that one."""
    for change in look.changes:
        before, after = getattr(change.before, "client", None), getattr(change.after, "client", None)
        if before in (None, after):
            continue
        if not type(change.happened.event).__name__.startswith("ClientChanged") or look.world.survivor(before) != after:
            yield f"{change}: from {before} to {after}"


def names_of_duplicates_are_the_survivors(look: Look) -> Iterator[str]:
    """The survivor of a merge has the duplicate's name and key among its own."""
    for _, event in look.of(clients.Merged):
        survivor = look.world.state(f"client/{look.world.survivor(event.entry.key)}").entry
        if survivor is None:
            yield f"{event.entry.key}: nobody survives it"
            continue
        known = {name.casefold() for name in (survivor.key, survivor.name, *survivor.aliases)}
        if not {event.entry.key.casefold(), event.entry.name.casefold()} <= known:
            yield f"{survivor.key}: is called {known}"


INVARIANTS: tuple[Invariant, ...] = (
    minors_are_superseded_once_and_point_back,
    an_aggregation_raises_its_major,
    no_aggregation_is_left_under_way,
    what_recurs_was_closed_before,
    merged_clients_lead_to_one_that_stands,
    a_merged_client_keeps_nothing,
    streams_change_their_client_by_a_merge_only,
    names_of_duplicates_are_the_survivors,
)
