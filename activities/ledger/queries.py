"""Named queries: every statement is a file under `activities/sql/queries`."""

from functools import cache
from importlib.resources import files


@cache
def query(name: str) -> str:
    """The statement in `{name}.sql`; FileNotFoundError for a name that has none."""
    return (files("activities") / "sql" / "queries" / f"{name}.sql").read_text(encoding="utf-8").strip()
