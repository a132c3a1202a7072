"""What would become of a document, found out without recording it, and which profile would fit a table."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from services.client import Closeout, Failed, Receipt, Trouble, Unreached
from services.intake import Context, Found, Item, Rejected, Skipped, TooLarge, UnknownFormat, Unreadable
from services.intake.apart import Asked
from services.intake.profiles import Profile, ProfileError, load
from services.intake.suggest import suggest
from services.mentions import mention
from services.runs import Unusable
from services.sending import Address, Reading, harmless, place, told
from workflows.canonical import unescape
from workflows.findings import Problem

SOURCE = "the API key's source"
"""What stands in for the system that an import has from its API key."""

OFFLINE = (
    "Only an API knows which of the found would be created, updated, recurred or duplicate, and whether their clients"
    " are registered: name one with --api and --key, or start one."
)

KINDS = ("found", "created", "duplicate", "updated", "recurred", "skipped", "rejected")


async def preview(files: Sequence[Path], asked: Context, how: Reading, to: Address | None, console: Console) -> bool:
    """Shows what an import of each would come to, as the API foresees it, if there is one; whether nothing is rejected.

    The profile of `how` is a file. Unusable for what cannot be read, and where the API does not answer.
    """
    columns = _profile(Path(how.profile)) if how.profile else None
    context = replace(asked, client=how.client, system=SOURCE, profile=columns, source=SOURCE)
    if to is None:
        shown = [_shown(console, _read(file, context, how.format), OFFLINE) for file in files]
        return all(shown)
    async with to.open() as api:
        try:
            bound = (await api.get("/v1/me"))["client"]
            known = replace(context, client=how.client or bound)
            read = [_read(file, known, how.format) for file in files]
            shown = [_shown(console, await _foreseen(api, one, how.client), None) for one in read]
        except Failed as failed:
            raise Unusable(f"{to.api}: {told(failed.trouble)}") from None
        except Unreached as error:
            raise Unusable(f"{to.api}: {error}") from None
    return all(shown)


@dataclass(frozen=True, slots=True)
class Read:
    """A document as it was read: its format, how, and its items with what would become of each, where that is known."""

    format: str
    notes: Sequence[str]
    items: Sequence[Item]
    receipts: Mapping[int, Receipt] = field(default_factory=dict)


def _read(file: Path, context: Context, format: str | None) -> Read:
    reading = Asked(file.read_bytes(), context, format, name=file.name)
    try:
        called, batches = reading.called(), list(reading.read())
    except Unreadable as error:
        raise Unusable(f"{harmless(file)}{place(error.line, error.column, error.path)}: {error}") from None
    except (TooLarge, UnknownFormat) as error:
        raise Unusable(f"{harmless(file)}: {error}") from None
    return Read(called, batches[0].notes, [item for batch in batches for item in batch.items])


async def _foreseen(api: Closeout, one: Read, client: str | None) -> Read:
    """The document with what would become of its items, as the API says; `client` is whose those are that name none."""
    mentions = {item.index: said for item in one.items if (said := mention(item, SOURCE)) is not None}
    receipts = await api.preview(list(mentions.values()), client=client)
    return replace(one, receipts=dict(zip(mentions, receipts, strict=True)))


def _shown(console: Console, one: Read, note: str | None) -> bool:
    """Shows a document's items; whether none is rejected."""
    table = Table("item", "outcome", "number", "external id", "why")
    counts: Counter[str] = Counter()
    unnamed = 0
    for item in one.items:
        receipt = one.receipts.get(item.index)
        outcome, external_id, why = _told(item, receipt)
        counts[outcome] += 1
        table.add_row(str(item.index), outcome, _number(receipt), harmless(external_id), harmless(why))
        unnamed += isinstance(item, Rejected) and any(problem.pointer == "/client" for problem in item.problems)
    console.print(table)
    for said in one.notes:
        console.print(harmless(said))
    shown = [f"{counts[kind]} {kind}" for kind in KINDS if counts[kind]]
    console.print(f"{one.format}: " + (", ".join(shown) or "nothing"), markup=False)
    if unnamed:
        console.print(f"{unnamed} lack a client: --client names one, or an API key that is bound to one.", markup=False)
    if note is not None:
        console.print(note, markup=False)
    return not counts["rejected"]


def _number(receipt: Receipt | None) -> str | None:
    return None if receipt is None else receipt.number


def _told(item: Item, receipt: Receipt | None) -> tuple[str, str | None, str]:
    """The outcome of an item, its reference, and why, as its document has them."""
    problem = None if receipt is None else receipt.problem
    match item:
        case Found():
            outcome = "found" if receipt is None else receipt.result
            why = item.finding.title if problem is None else _placed(item, problem)
            return outcome, unescape(item.finding.source.external_id), unescape(why)
        case Skipped():
            outcome = "skipped" if receipt is None else receipt.result
            return outcome, _raw(item.external_id), item.reason if problem is None else problem.detail
        case Rejected():
            return "rejected", _raw(item.external_id), unescape(" ".join(map(_said, item.problems)))


def _raw(external_id: str | None) -> str | None:
    return None if external_id is None else unescape(external_id)


def _placed(found: Found, problem: Trouble) -> str:
    """What a problem says, with the finding's place in its table."""
    pointer = problem.errors[0]["pointer"] if problem.errors else ""
    return problem.detail if found.cells is None else found.cells.saying(pointer, problem.detail)


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
