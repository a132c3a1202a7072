"""What workflow code asks of the world, as typed stubs; `activities/` does it under these names."""

from datetime import datetime

from temporalio import activity

from workflows.decider import Answer, Command
from workflows.people import Message


class Address(Message):
    """A stream of a tenant."""

    tenant: str
    stream: str

    @classmethod
    def of_workflow(cls, workflow_id: str) -> "Address":
        """The stream whose life a workflow is: workflow ids are `{kind}/{tenant}/{id}`."""
        kind, tenant, name = workflow_id.split("/", 2)
        return cls(tenant=tenant, stream=f"{kind}/{name}")

    @property
    def workflow_id(self) -> str:
        """The id of the workflow that is this stream's life."""
        kind, _, name = self.stream.partition("/")
        return f"{kind}/{self.tenant}/{name}"


class Transaction(Address):
    """One command to one stream, decided at `now`."""

    command: Command
    now: datetime


class WakeUp(Address):
    """A timer that went off: it was set for `due`, and goes off at `now`."""

    due: datetime
    now: datetime


class Due(Address):
    """A stream that was to wake at an instant."""

    at: datetime


class Swept(Message):
    """How many streams a sweep nudged, and after which late one the next sweep goes on; None where it begins anew."""

    nudged: int
    rest: Due | None = None


class Attended(Message):
    """Where a reader of the feed was left: whether it needs its workflow, and in how many seconds to look again."""

    lives: bool
    wait: float = 0


def deliveries(task_queue: str) -> str:
    """The task queue on which subscriptions are looked after, beside that of the cases."""
    return f"{task_queue}-deliveries"


def imports(task_queue: str) -> str:
    """The task queue on which documents are read, beside that of the cases."""
    return f"{task_queue}-imports"


@activity.defn(name="standing")
async def standing(address: Address) -> Answer | None:
    """Where the stream is; None for one that the ledger does not know."""
    raise NotImplementedError


@activity.defn(name="transact")
async def transact(transaction: Transaction) -> Answer:
    """Decides and records a command, or answers what was recorded under its id."""
    raise NotImplementedError


@activity.defn(name="wake")
async def wake(wakeup: WakeUp) -> Answer:
    """Records what the clock causes."""
    raise NotImplementedError


@activity.defn(name="react")
async def react(address: Address) -> Answer:
    """Sends every command that the stream owes to others, and takes its events out of what is owed."""
    raise NotImplementedError


@activity.defn(name="sweep")
async def sweep(after: Due | None) -> Swept:
    """Nudges streams that sleep though they should not: of the late ones a page, beyond where the last sweep ended."""
    raise NotImplementedError


@activity.defn(name="import_document")
async def import_document(address: Address) -> None:
    """Reads an import's document from where its receipts end, and records its items."""
    raise NotImplementedError


@activity.defn(name="deliver")
async def deliver(address: Address) -> Attended:
    """Sends what a subscription is owed and waits a while for more."""
    raise NotImplementedError


@activity.defn(name="mail")
async def mail(address: Address) -> Attended:
    """Writes to the people whom new events concern and waits a while for more."""
    raise NotImplementedError
