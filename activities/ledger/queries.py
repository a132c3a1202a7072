"""Named queries: every statement is a file under `activities/sql/queries`."""

from functools import cache
from importlib.resources import files


@cache
def query(name: str) -> str:
    """The statement in `{name}.sql`; FileNotFoundError for a name that has none."""
    return (files("activities") / "sql" / "queries" / f"{name}.sql").read_text(encoding="utf-8").strip()


@cache
def append(kind: str | None) -> str:
    """The statement that appends, joined with the projection of a kind, so that both are one round trip."""
    plain = query("append")
    if kind is None:
        return plain
    head, begin, rest = plain.partition("WITH ")
    return f"{head}{begin}projected AS (\n{query(f'project_{kind}')}\n), {rest}"
