"""What stands in the minutes of a committee review: its fields, as templates name them (docs/reports.md)."""

from typing import ClassVar

from services.reports.form import Named, Said, Signature
from services.reports.paper import Paper
from workflows.people import Frozen


class Document(Frozen):
    """Something that lay before the committee, by its digest; `by` and `at` are who put it there, and when."""

    what: str
    by: str
    at: str
    sha256: str


class Member(Frozen):
    """Somebody who was convened, and whether they sit."""

    name: str
    standing: str


class Recusal(Frozen):
    """Who did not sit, and why: recused `by` somebody, or by rule."""

    person: str
    reason: str
    by: str
    at: str


class Share(Frozen):
    """How many of the votes that count a choice has."""

    choice: str
    votes: int


class Vote(Frozen):
    """One vote as it was cast, and whether it counts; `sha256` is of the papers over which it was signed."""

    by: str
    at: str
    choice: str
    reason: str
    until: str
    standing: str
    sha256: str


class Decision(Frozen):
    """How the committee decided; empty while it has not."""

    choice: str = ""
    reason: str = ""
    conditions: tuple[str, ...] = ()
    effect: str = ""
    by: str = ""
    at: str = ""


class Effect(Frozen):
    """What the decision did: an event of the case or of a certificate that names this review, by that event's hash."""

    on: str
    what: str
    why: str
    at: str
    sha256: str


class Happening(Frozen):
    """An event of the review's record; `sha256` is its hash."""

    seq: int
    at: str
    by: str
    what: str
    sha256: str


class Minutes(Paper):
    """The minutes; `draft` says that they are none yet.

    `zone` is that of all their times, `seq` and `head` say up to which event of the review's record they go, `address`
    is where its events are read.
    """

    kind: ClassVar[str] = "minutes"

    body: str
    id: str
    number: str
    title: str
    grade: str
    client: Named
    case: str
    audit: str
    status: str
    draft: str
    cause: str
    called: Said
    opened_at: str
    due_at: str
    overdue: Said
    dates: tuple[str, ...]
    members: tuple[Member, ...]
    recusals: tuple[Recusal, ...]
    could_sit: str
    quorum: int
    majority: str
    cast: int
    sitting: int
    reached: str
    documents: tuple[Document, ...]
    votes: tuple[Vote, ...]
    tally: tuple[Share, ...]
    lacking: tuple[str, ...]
    decision: Decision
    discontinued: Said
    certificates: tuple[str, ...]
    effects: tuple[Effect, ...]
    signatures: tuple[Signature, ...]
    course: tuple[Happening, ...]
    address: str
    zone: str
    made_at: str
    seq: int
    head: str

    @property
    def heading(self) -> str:
        """What the document is called."""
        return f"Minutes of the certification committee {self.number}".rstrip()
