"""What the demonstration claims, each checked against the ledger and the engine, not against what it remembers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

from rich.console import Console
from temporalio.client import WorkflowExecutionStatus

from activities.directory import mail
from activities.engine import Engine
from activities.ledger.postgres import PostgresLedger
from activities.ledger.protocol import Ledger, Recorded, Scope
from services.demo.story import Imports
from services.demo.view import due_of
from services.mailbox.box import Box
from services.mailbox.reading import listed
from workflows.canonical import instant
from workflows.nonconformity import events as e
from workflows.policy import Policy
from workflows.stubs import Address


@dataclass(slots=True)
class Claims:
    """Claims and whether they hold."""

    console: Console
    held: list[bool] = field(default_factory=list)

    def claim(self, text: str, holds: bool) -> None:
        """States a claim and whether it was found true."""
        self.held.append(holds)
        self.console.print(
            f"{'holds ' if holds else 'BROKEN'}  {text}", style=None if holds else "bold red", markup=False
        )

    @property
    def all_hold(self) -> bool:
        """Whether everything claimed was found true, and anything was claimed."""
        return bool(self.held) and all(self.held)


def check_import(claims: Claims, imports: Imports) -> None:
    """Each element of the document has one outcome, and a second import changes nothing."""
    first, second = imports.first, imports.second
    created = [receipt.id for receipt in imports.receipts if receipt.result == "created"]
    claims.claim(
        f"import: {first.read} elements read, {len(created)} created, {first.duplicate} duplicate, "
        f"{first.skipped} skipped, {first.rejected} rejected",
        len(set(created)) == first.created > 1 and first.rejected == 0 and len(imports.receipts) == first.read,
    )
    claims.claim(
        f"the same document again: nothing created, {second.duplicate} duplicates",
        second.created == 0 and second.duplicate == first.created + first.duplicate,
    )


def check_closed(claims: Claims, history: Sequence[Recorded], systems: set[str]) -> None:
    """One case went from the finding to its close-out, by six people at least."""
    people = {recorded.actor for recorded in history} - systems - {"clock"}
    closed = bool(history) and history[-1].type == e.Closed.type
    signed = sum("signature" in (recorded.data or {}) for recorded in history)
    claims.claim(f"closed out by {len(people)} people with {signed} signatures", closed and len(people) >= 6)


def check_ran_over(claims: Claims, history: Sequence[Recorded], policy: Policy) -> None:
    """One case had every reminder and every miss once, none early, and the committee's decision."""
    reminded = Counter(
        (recorded.data["deadline"], recorded.data["offset"])
        for recorded in history
        if recorded.type == e.DeadlineReminded.type and recorded.data
    )
    steps = ("plan", "evidence", "closure")
    # The committee's decision stops the closure clock, so a reminder due after it is not owed.
    wanted = {(step, str(offset)) for step, offset in product(steps, policy.reminders)} - {("closure", "PT1S")}
    claims.claim(
        f"{len(reminded)} kinds of reminders, each once",
        wanted <= reminded.keys() and set(reminded.values()) == {1},
    )
    missed = Counter((r.data or {}).get("deadline") for r in history if r.type == e.DeadlineMissed.type)
    claims.claim("plan, evidence and closure dates missed, each recorded once", missed == Counter(steps))
    fired = [(recorded, due) for recorded in history if (due := due_of(recorded)) is not None]
    latest = max((recorded.at - due for recorded, due in fired), default=None)
    claims.claim(f"{len(fired)} timers, none early, the latest {latest} late", all(r.at >= due for r, due in fired))
    decided = [recorded for recorded in history if recorded.type == e.ReviewDecided.type]
    effect = (decided[0].data or {}).get("effect") if decided else "no decision"
    claims.claim(f"the committee decided: {effect}", len(decided) == 1)


async def check_ledger(claims: Claims, ledger: Ledger, tenant: str, heads: dict[str, str]) -> None:
    """The chains verify, and end where the API said they end."""
    async for found in ledger.verify(tenant):
        claims.claim(f"{found.events} events in {found.streams} chains verify", not found.faults and found.events > 0)
        for fault in found.faults:
            claims.console.print(f"        {fault.stream} {fault.seq}: {fault.what}", style="red", markup=False)
    for stream, head in heads.items():
        known = await ledger.load(Scope(tenant), stream)
        claims.claim(f"{stream} ends at {head[:16]}", known is not None and known.head == head)


async def check_engine(
    claims: Claims, engine: Engine, tenant: str, ended: Sequence[str], living: Sequence[str]
) -> None:
    """Closed and decided streams need no workflow any more; open ones have theirs."""
    for streams, status in ((ended, WorkflowExecutionStatus.COMPLETED), (living, WorkflowExecutionStatus.RUNNING)):
        for stream in streams:
            address = Address(tenant=tenant, stream=stream)
            found = await engine.client.get_workflow_handle(address.workflow_id).describe()
            claims.claim(f"the workflow of {stream} is {status.name.lower()}", found.status is status)


async def check_mail(claims: Claims, ledger: PostgresLedger, tenant: str, box: Box) -> None:
    """Whom it concerns was written to, and it came to the mailbox."""
    noted = (await mail.standing(ledger.database, tenant)).mails
    to = [listed(*each).to for each in box.heads()]
    text = f"{len(to)} mails told {len(set(to))} people what concerns them, none was refused"
    claims.claim(text, bool(to) and noted.get("sent", 0) > 0 and "parked" not in noted)


def print_timeline(console: Console, title: str, history: Sequence[Recorded], names: dict[str, str]) -> None:
    """The whole record of one stream, with its hashes."""
    console.print(f"\n{title}", style="bold", markup=False)
    for recorded in history:
        who = names.get(recorded.actor, recorded.actor.split("/")[0])
        line = f"{recorded.seq:>3}  {instant(recorded.at)}  {recorded.hash[:16]}  {recorded.type:<36}  {who}"
        console.print(line, markup=False, highlight=False, soft_wrap=True)
