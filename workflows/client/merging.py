"""The merge of duplicates: a client ends in another, which takes over all that is its."""

from collections.abc import Iterable, Sequence

from workflows.client import commands as c
from workflows.client import events as e
from workflows.client import refusals as r
from workflows.client.state import ClientState, entry_of
from workflows.decider import Context, Event, Facts, Reaction, stream_of
from workflows.procedure import guard


@guard(r.IntoItself, r.SurvivorUnknown, r.SurvivorMerged, needs_body=True)
def survivor_stands(state: ClientState, body: c.Merge, context: Context) -> None:
    """The other client is another, is registered, and was not merged itself."""
    if body.into == state.client:
        raise r.IntoItself("/into", key=body.into)
    survivor, known = context.facts.into, entry_of(state).merged_into
    if survivor is None:
        raise r.SurvivorUnknown("/into", key=body.into)
    # A survivor that was merged itself since passes on what is still left here.
    if survivor.merged_into is not None and known != body.into:
        raise r.SurvivorMerged("/into", key=body.into, into=survivor.merged_into)


@guard(r.MergedAlready, needs_body=True)
def something_left(state: ClientState, body: c.Merge, context: Context) -> None:
    """A merged client is merged again only where something came in under its key since, and into the same."""
    merged_into = entry_of(state).merged_into
    if merged_into is not None and (merged_into != body.into or not _streams(context.facts)):
        raise r.MergedAlready("/into", into=merged_into)


def merge(state: ClientState, body: c.Merge, context: Context) -> Sequence[Event]:
    """The end of a duplicate; what it absorbed itself goes on with it, wherever that is on its way."""
    entry = entry_of(state).model_copy(update={"merged_into": body.into})
    streams = dict.fromkeys((*_streams(context.facts), *state.absorbed))
    return (e.Merged(entry=entry, reason=body.reason, streams=tuple(streams)),)


def absorb(state: ClientState, body: c.Absorb, context: Context) -> Sequence[Event]:
    """The survivor with the duplicate's names, sites and people."""
    entry = entry_of(state)
    if entry.merged_into is None:
        own = {_folded(entry.key), _folded(entry.name)}
        names = [name for name in (body.key, body.name, *body.aliases) if _folded(name) not in own]
        entry = entry.model_copy(
            update={
                "aliases": _united(entry.aliases, names),
                "sites": _united(entry.sites, body.sites),
                "people": _united(entry.people, body.people),
            }
        )
    return (e.Absorbed(entry=entry, duplicate=body),)


def caused(state: ClientState, event: Event) -> Sequence[Reaction]:
    """What a merge causes: the survivor absorbs the duplicate, and gives its key to what was the duplicate's."""
    entry = entry_of(state)
    match event:
        case e.Merged(entry=merged, streams=streams) if merged.merged_into is not None:
            told = merged.model_dump(mode="json", include={"key", "name", "aliases", "sites", "people"})
            return (Reaction(stream_of("client", merged.merged_into), "absorb", {**told, "streams": list(streams)}),)
        case e.Absorbed(duplicate=duplicate) if entry.merged_into is not None:
            return (Reaction(stream_of("client", entry.merged_into), "absorb", duplicate.model_dump(mode="json")),)
        case e.Absorbed(duplicate=duplicate):
            return [Reaction(stream, "change_client", {"client": entry.key}) for stream in duplicate.streams]
    return ()


def _streams(facts: Facts) -> Sequence[str]:
    """What bears a client's key: its nonconformities (the newest, where there are very many), audits, certificates."""
    return (
        *(stream_of("nonconformity", case.id) for case in facts.cases),
        *(stream_of("audit", audit.key) for audit in facts.audits),
        *(stream_of("certificate", certificate.key) for certificate in facts.certificates),
    )


def _united(known: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    """Names, each once, however it is written."""
    named: dict[str, str] = {}
    for name in (*known, *more):
        named.setdefault(_folded(name), name)
    return tuple(named.values())


def _folded(name: str) -> str:
    return name.strip().casefold()
