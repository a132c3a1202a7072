"""What waits on people who left, so that it is given to somebody else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from activities.ledger.database import Database
from activities.ledger.protocol import Scope
from activities.ledger.queries import query
from activities.reads.nonconformities import LONG

MOST = 500
"""So many things are told."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A thing that waits on a person, by its id; `held_as` is in which role, or which action they own."""

    person: str
    kind: Literal["nonconformity", "committee_review", "audit"]
    id: str
    number: str | None
    title: str | None
    held_as: str


async def waiting(
    database: Database, tenant: str, person: str | None = None, seconds: float = LONG
) -> Sequence[Waiting]:
    """What waits on anybody who left, or on one of them; at most MOST, within so many seconds. Raises Unavailable.

    By the states that cases, reviews and audits have now, in whatever scope their people were.
    """
    async with database.entered(*Scope(tenant).entry, seconds=seconds) as connection:
        rows = await connection.fetch(query("read_waiting_on_left"), tenant, person, MOST)
    return [Waiting(**dict(row)) for row in rows]
