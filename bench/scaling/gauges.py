"""What can be read off running processes, files and tables: memory, CPU, bytes, rows."""

from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.harness import cpu, resident
from bench.site import Site

TABLES = """
SELECT c.relname AS name, pg_table_size(c.oid) AS bytes
FROM pg_class AS c WHERE c.relnamespace = 'closeout'::regnamespace AND c.relkind = 'r' ORDER BY 1
"""
INDEXES = """
SELECT i.indexrelid::regclass::text AS name, pg_relation_size(i.indexrelid) AS bytes
FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid WHERE c.relname = $1 AND c.relnamespace = $2::regnamespace
ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the ledger: rows, bytes without its indexes (TOAST included), bytes of each index."""

    rows: int
    bytes: int
    indexes: Mapping[str, int]

    @property
    def index_bytes(self) -> int:
        """Bytes of all indexes."""
        return sum(self.indexes.values())


async def tables(site: Site) -> dict[str, Table]:
    """The ledger's tables that hold anything."""
    found: dict[str, Table] = {}
    for table in await site.owner.fetch(TABLES):
        name = table["name"]
        rows = await site.owner.fetchval(f"SELECT count(*) FROM closeout.{name}")  # noqa: S608 - a table's name
        indexes = {row["name"]: row["bytes"] for row in await site.owner.fetch(INDEXES, name, "closeout")}
        if rows:
            found[name] = Table(rows, table["bytes"], indexes)
    return found


def engine_bytes(site: Site) -> int:
    """Bytes of the engine's file, with what its log holds."""
    return sum(file.stat().st_size for file in site.settings.data.glob("temporal.sqlite*"))


def memory(site: Site) -> dict[str, float]:
    """Resident MiB of each part; of Postgres the sum over its processes, shared pages counted in each."""
    parents = _parents()
    return {name: round(sum(_resident(one) for one in _family(pid, parents)) / 1024, 1) for name, pid in _parts(site)}


def spent(site: Site) -> dict[str, float]:
    """CPU seconds of each part so far, its living children included."""
    parents = _parents()
    return {name: sum(_cpu(one) for one in _family(pid, parents)) for name, pid in _parts(site)}


def each(before: Mapping[str, float], after: Mapping[str, float], n: int) -> dict[str, float]:
    """CPU milliseconds of each part for each of n things that were done in between."""
    return {name: round(1000 * (after[name] - before[name]) / max(n, 1), 2) for name in before}


def _parts(site: Site) -> list[tuple[str, int]]:
    return [(name, site.ready.pids[name]) for name in ("worker", "temporal", "postgres", "api")]


def _parents() -> dict[int, list[int]]:
    """The children of each process: field 4 of proc(5) stat is the parent."""
    children: dict[int, list[int]] = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            children[int(stat.read_text().rpartition(")")[2].split()[1])].append(int(stat.parent.name))
    return children


def _family(pid: int, children: Mapping[int, list[int]]) -> list[int]:
    return [pid, *(one for child in children.get(pid, ()) for one in _family(child, children))]


def _resident(pid: int) -> float:
    with suppress(OSError):
        return resident(pid)
    return 0.0


def _cpu(pid: int) -> float:
    with suppress(OSError):
        return cpu([pid])
    return 0.0
