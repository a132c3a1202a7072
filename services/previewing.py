"""What a document would be read as, found out without sending it, and which profile would fit a table."""

from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from services.intake import Context, Found, Rejected, Skipped, TooLarge, UnknownFormat, Unreadable
from services.intake.apart import Asked
from services.intake.profiles import Profile, ProfileError, load
from services.intake.suggest import suggest
from services.runs import Unusable
from services.sending import harmless, place
from workflows.findings import Problem

SOURCE = "the API key's source"
"""What stands in for the system that an import has from its API key."""

UNKNOWN = (
    "Only the server knows which of the found would be created, updated, recurred or duplicate, and whether their"
    " clients are registered."
)


def preview(file: Path, asked: Context, format: str | None, profile: Path | None, console: Console) -> bool:
    """Shows what an import would read, as `asked` by a profile; whether every item could be read."""
    table = Table("item", "outcome", "external id", "why")
    counts = {"found": 0, "skipped": 0, "rejected": 0}
    unnamed = 0

    def row(index: int, outcome: str, external_id: str | None, why: str) -> None:
        counts[outcome] += 1
        table.add_row(str(index), outcome, harmless(external_id), harmless(why))

    columns = None if profile is None else _profile(profile)
    reading = Asked(file.read_bytes(), replace(asked, system=SOURCE, profile=columns), format, name=file.name)
    try:
        called, batches = reading.called(), list(reading.read())
    except Unreadable as error:
        raise Unusable(f"{harmless(file)}{place(error.line, error.column, error.path)}: {error}") from None
    except (TooLarge, UnknownFormat) as error:
        raise Unusable(f"{harmless(file)}: {error}") from None
    for item in (item for batch in batches for item in batch.items):
        match item:
            case Found():
                row(item.index, "found", item.finding.source.external_id, item.finding.title)
            case Skipped():
                row(item.index, "skipped", item.external_id, item.reason)
            case Rejected():
                row(item.index, "rejected", item.external_id, "; ".join(map(_said, item.problems)))
                unnamed += any(problem.pointer == "/client" for problem in item.problems)
    console.print(table)
    for note in batches[0].notes if batches else ():
        console.print(harmless(note))
    console.print(f"{called}: " + ", ".join(f"{n} {what}" for what, n in counts.items()), markup=False)
    if unnamed:
        console.print(f"{unnamed} lack a client: --client names one, or an API key that is bound to one.", markup=False)
    console.print(UNKNOWN, markup=False)
    return counts["rejected"] == 0


def suggestion(file: Path, console: Console) -> str:
    """A profile for a table, as TOML; what was noted of the table, and columns that nothing takes, on the console."""
    try:
        found = suggest(file.read_bytes())
    except Unreadable as error:
        raise Unusable(f"{harmless(file)}{place(error.line, error.column, error.path)}: {error}") from None
    except TooLarge as error:
        raise Unusable(f"{harmless(file)}: {error}") from None
    for note in (*found.layout.notes, *(f"Nothing takes the column {name}." for name in found.unused)):
        console.print(harmless(f"# {note}"))
    return found.toml()


def _said(problem: Problem) -> str:
    return f"{problem.pointer}: {problem.detail}" if problem.pointer else problem.detail


def _profile(file: Path) -> Profile:
    try:
        return load(file.read_bytes())
    except OSError as error:
        raise Unusable(f"{file}: {error.strerror}") from None
    except ProfileError as error:
        raise Unusable(
            "\n".join(f"{file}: {one.pointer or 'the profile'}: {one.detail}" for one in error.problems)
        ) from None
