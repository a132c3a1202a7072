"""What would become of findings, by what is known of their references; nothing is recorded, and nobody waited for."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import asyncpg

from activities.ledger.database import Database
from activities.ledger.hand import Connection
from activities.ledger.protocol import Mention
from activities.ledger.queries import query
from activities.ledger.words import Heard, Kind, is_of_another, kind_of_report
from workflows.findings import Finding, said, said_in

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
    """The newest case of a reference: known, or such as the mentions before would make it.

    `finding` is what its source says of it, where that is known.
    """

    stream: str | None
    status: str | None
    client: str | None
    heard: Heard
    finding: Finding | None = None


async def foreseen(database: Database, tenant: str, mentions: Sequence[Mention]) -> list[Foreseen]:
    """What would become of each, in their order, as if those before were recorded. Raises Unavailable."""
    standing: dict[tuple[str, str], _Standing] = {}
    references = list(dict.fromkeys((one.source, one.external_id) for one in mentions))
    parts = {(one.source, one.external_id) for one in mentions if one.part is not None}
    for start in range(0, len(references), AT_ONCE):
        async with database.entered(tenant, seconds=LONG) as connection:
            standing |= await _standing(connection, tenant, references[start : start + AT_ONCE], parts)
    return [_foreseen(one, standing) for one in mentions]


async def _standing(
    connection: Connection, tenant: str, references: Sequence[tuple[str, str]], parts: Collection[tuple[str, str]]
) -> dict[tuple[str, str], _Standing]:
    count = len(references)
    sources, names = [source for source, _ in references], [name for _, name in references]
    known = await connection.fetch(
        query("known_reports"), tenant, list(range(count)), sources, names, [""] * count, [""] * count
    )
    streams = list({row["stream"] for row in known})
    rows = {row["stream"]: row for row in await connection.fetch(query("streams_named"), tenant, streams)}
    orgs = {stream: row["org"] for stream, row in rows.items()}
    merged = await connection.fetch(query("survivors"), tenant, sorted({org for org in orgs.values() if org}))
    survivors = {row["key"]: row["survivor"] for row in merged}

    def client(stream: str) -> str | None:
        org = orgs.get(stream)
        return org if org is None else survivors.get(org, org)

    return {
        references[row["position"]]: _Standing(
            row["stream"],
            row["status"],
            client(row["stream"]),
            Heard(row["said"], row["said_at"]),
            _finding(rows[row["stream"]]) if (row["stream"] in rows and references[row["position"]] in parts) else None,
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
    if case is not None and kind == "tells" and _is_known(one, case):
        kind = "repeats"
    if case is not None and kind == "tells":
        # What a part makes of the whole is not known here.
        case.heard, case.finding = case.heard.and_then(one.word), None
    return Foreseen(_BECOMES[kind], case.stream if case and kind != "skips" else None)


def _is_known(one: Mention, case: _Standing) -> bool:
    """Whether the part that is mentioned is what the source says of its case last."""
    if one.part is None or case.finding is None or case.heard.said != said(case.finding):
        return False
    return said_in(one.part, case.finding) == one.word.said


def _finding(row: asyncpg.Record) -> Finding | None:
    """What its source says of a case, by its state as stored; None once that is erased."""
    state = json.loads(row["state"])
    stated = state.get("source_finding") or state.get("finding")
    return None if stated is None else Finding.model_validate(stated)
