"""What a document would be read as, found out without sending it, and which profile would fit a table."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from services.intake import Context, Found, Rejected, Skipped, TooLarge, UnknownFormat, Unreadable, detect, read
from services.intake.profiles import Profile, ProfileError, load
from services.intake.suggest import suggest
from services.runs import Unusable
from services.sending import harmless, place


def preview(file: Path, format: str | None, client: str | None, profile: Path | None, console: Console) -> bool:
    """Shows what an import would read; whether every item could be read."""
    document = file.read_bytes()
    table = Table("item", "outcome", "external id", "why")
    counts = {"found": 0, "skipped": 0, "rejected": 0}

    def row(index: int, outcome: str, external_id: str | None, why: str) -> None:
        counts[outcome] += 1
        table.add_row(str(index), outcome, harmless(external_id), harmless(why))

    columns = None if profile is None else _profile(profile)
    try:
        named = format or detect(document, name=file.name)
        for item in read(document, named, Context(client=client, profile=columns)):
            match item:
                case Found():
                    row(item.index, "found", item.finding.source.external_id, item.finding.title)
                case Skipped():
                    row(item.index, "skipped", item.external_id, item.reason)
                case Rejected():
                    row(item.index, "rejected", item.external_id, item.problem.detail)
    except Unreadable as error:
        raise Unusable(f"{file}{place(error.line, error.column, error.path)}: {error}") from None
    except (TooLarge, UnknownFormat) as error:
        raise Unusable(f"{file}: {error}") from None
    console.print(table)
    console.print(f"{named}: " + ", ".join(f"{n} {what}" for what, n in counts.items()), markup=False)
    return counts["rejected"] == 0


def suggestion(file: Path, console: Console) -> str:
    """A profile for a table, as TOML; what was noted of the table, and columns that nothing takes, on the console."""
    try:
        found = suggest(file.read_bytes())
    except Unreadable as error:
        raise Unusable(f"{file}{place(error.line, error.column, error.path)}: {error}") from None
    except TooLarge as error:
        raise Unusable(f"{file}: {error}") from None
    for note in (*found.layout.notes, *(f"Nothing takes the column {name}." for name in found.unused)):
        console.print(f"# {note}", markup=False, highlight=False)
    return found.toml()


def _profile(file: Path) -> Profile:
    try:
        return load(file.read_bytes())
    except OSError as error:
        raise Unusable(f"{file}: {error.strerror}") from None
    except ProfileError as error:
        raise Unusable(
            "\n".join(f"{file}: {one.pointer or 'the profile'}: {one.detail}" for one in error.problems)
        ) from None
