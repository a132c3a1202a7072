"""Read models: how a stream appears in lists, and whose it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from activities.ledger.protocol import Stream
from workflows.canonical import instant
from workflows.decider import kind_of

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a stream is: the key of its client, and whether that client's people may see it.

    `seen_by` are the badges with which a viewer sees it (`protocol.Viewer`), in order.
    """

    org: str | None = None
    shown: bool = False
    seen_by: tuple[str, ...] = ()


def nobody(stream: Stream) -> Owner:  # noqa: ARG001 - one owner function among others
    """The owner of streams that are the certification body's alone."""
    return Owner()


@dataclass(frozen=True, slots=True)
class Projection:
    """How streams of one kind appear outside the ledger.

    `owner` says whose a stream is, by its name and state alone. `row` gives the columns of the kind's read model as
    JSON values (instants by `workflows.canonical.instant`), without `tenant`, `id`, `org`, `shown` and `seen_by`, which
    are added here; None for a kind that no list shows. The read model is the kind's own, or `entries`, which several
    kinds share: `client`, `status`, `due_at` and `view`, what lists show, which holds what deciders of other streams
    know of it. Its table is written by `closeout.append` and checked by `compare_{model}.sql`. `moves` adds `seq` and
    `updated_at`, so that every event writes the row; else only those that change what it shows.

    `reference` is source and external id of the finding that a stream is, `said` the digest of what its source said
    last of it, `number` series and number that it took: `verify` compares them with what is kept beside. Each is None
    for a stream that has none; a kind without them is not compared.
    """

    owner: Callable[[Stream], Owner] = nobody
    row: Callable[[Stream], Mapping[str, Any]] | None = None
    reference: Callable[[Stream], tuple[str, str] | None] | None = None
    number: Callable[[Stream], tuple[str, int] | None] | None = None
    said: Callable[[Stream], str | None] | None = None
    moves: bool = True
    model: Literal["own", "entries"] = "own"


Projections = Mapping[str, Projection]
"""Projections by kind; a kind without one is the certification body's alone and in no list."""

_NONE = Projection()


def of(projections: Projections, name: str) -> Projection:
    """The projection of a stream."""
    return projections.get(kind_of(name), _NONE)


def model_of(projections: Projections, kind: str) -> str:
    """The name of the read model that shows streams of a kind."""
    model = projections.get(kind, _NONE).model
    return kind if model == "own" else model


def row_of(projections: Projections, stream: Stream, owner: Owner | None = None) -> Row | None:
    """The row of a stream in its kind's read model; None for a kind that no list shows, and before the first event.

    `owner` is whose it is, for who has asked that already.
    """
    projection = of(projections, stream.name)
    if projection.row is None or stream.last_at is None:
        return None
    if owner is None:
        owner = projection.owner(stream)
    kind, _, name = stream.name.partition("/")
    return {
        **projection.row(stream),
        "tenant": stream.tenant,
        "id": name,
        **({} if projection.model == "own" else {"kind": kind}),
        "org": owner.org,
        "shown": owner.shown,
        "seen_by": list(owner.seen_by),
        **({"seq": stream.seq, "updated_at": instant(stream.last_at)} if projection.moves else {}),
    }


def moved(projections: Projections, was: Stream, now: Stream, owner: Owner | None = None) -> Row | None:
    """A stream's row in its kind's read model, if it is another one than it was; None where it stays, or is none.

    `owner` is whose it is now, as of `row_of`.
    """
    moves = of(projections, now.name).moves
    if was.state is now.state and not moves:
        return None
    row = row_of(projections, now, owner)
    return None if not moves and row == row_of(projections, was) else row
