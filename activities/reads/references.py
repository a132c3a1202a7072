"""What would become of findings, by what is known of their references; nothing is recorded, and nobody waited for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from activities.ledger.database import Database
from activities.ledger.hand import Connection
from activities.ledger.protocol import Mention
from activities.ledger.queries import query
from activities.ledger.words import Heard, Kind, is_of_another, kind_of_report

LONG = 5.0
"""Seconds that a look at so many may take."""

AT_ONCE = 2000

_BECOMES: Mapping[Kind, Literal["created", "updated", "duplicate", "skipped"]] = {
    "opens": "created",
    "tells": "updated",
    "repeats": "duplicate",
    "skips": "skipped",
}


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would become of a mention, and of which case; `another` is one whose reference is another client's."""

    result: Literal["created", "duplicate", "updated", "recurred", "skipped", "another"]
    stream: str | None = None


@dataclass(slots=True)
class _Standing:
    """The newest case of a reference: known, or such as the mentions before would make it."""

    stream: str | None
    status: str | None
    client: str | None
    heard: Heard


async def foreseen(database: Database, tenant: str, mentions: Sequence[Mention]) -> list[Foreseen]:
    """What would become of each, in their order, as if those before were recorded. Raises Unavailable."""
    standing: dict[tuple[str, str], _Standing] = {}
    references = list(dict.fromkeys((one.source, one.external_id) for one in mentions))
    for start in range(0, len(references), AT_ONCE):
        async with database.entered(tenant, seconds=LONG) as connection:
            standing |= await _standing(connection, tenant, references[start : start + AT_ONCE])
    return [_foreseen(one, standing) for one in mentions]


async def _standing(
    connection: Connection, tenant: str, references: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], _Standing]:
    count = len(references)
    sources, names = [source for source, _ in references], [name for _, name in references]
    known = await connection.fetch(
        query("known_reports"), tenant, list(range(count)), sources, names, [""] * count, [""] * count
    )
    streams = list({row["stream"] for row in known})
    orgs = {row["stream"]: row["org"] for row in await connection.fetch(query("streams_named"), tenant, streams)}
    merged = await connection.fetch(query("survivors"), tenant, sorted({org for org in orgs.values() if org}))
    survivors = {row["key"]: row["survivor"] for row in merged}

    def client(stream: str) -> str | None:
        org = orgs.get(stream)
        return org if org is None else survivors.get(org, org)

    return {
        references[row["position"]]: _Standing(
            row["stream"], row["status"], client(row["stream"]), Heard(row["said"], row["said_at"])
        )
        for row in known
    }


def _foreseen(one: Mention, standing: dict[tuple[str, str], _Standing]) -> Foreseen:
    reference = one.source, one.external_id
    case = standing.get(reference)
    if case is not None and is_of_another(one, case.client):
        return Foreseen("another")
    kind = kind_of_report(one, case.status if case else None, case.heard if case else Heard())
    if kind == "opens":
        standing[reference] = _Standing(None, "reported", one.client, Heard().and_then(one.word))
        return Foreseen("created" if case is None else "recurred", case.stream if case else None)
    if case is not None and kind == "tells":
        case.heard = case.heard.and_then(one.word)
    return Foreseen(_BECOMES[kind], case.stream if case and kind != "skips" else None)
