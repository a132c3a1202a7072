"""What can happen to a committee review."""

from datetime import datetime
from typing import ClassVar

from workflows.committee.commands import Open
from workflows.decider import Event
from workflows.grades import Grade
from workflows.nonconformity.commands import Choice
from workflows.people import Frozen
from workflows.procedure import Signed


class Recusal(Frozen):
    """Who may not sit, and why."""

    person: str
    reason: str


class Opened(Event):
    """The committee is called: the papers of the case, and until when it decides."""

    type: ClassVar[str] = "committee_review.opened"
    papers: Open
    due_at: datetime


class Convened(Event):
    """Who sits, and who is recused by rule (a part in the audit or the client)."""

    type: ClassVar[str] = "committee_review.convened"
    members: tuple[str, ...]
    recused: tuple[Recusal, ...]


class ClientChanged(Event):
    """The case is another client's from now on; `recused` are the members who belong to that one."""

    type: ClassVar[str] = "committee_review.client_changed"
    client: str
    recused: tuple[Recusal, ...]


class Discontinued(Event):
    """The case ended: there is nothing left to decide."""

    type: ClassVar[str] = "committee_review.discontinued"
    reason: str


class QuorumImpossible(Event):
    """Too few can sit: `could_sit` are the committee members of the body who are free to."""

    type: ClassVar[str] = "committee_review.quorum_impossible"
    quorum: int
    sitting: tuple[str, ...]
    could_sit: tuple[str, ...]


class Recused(Event):
    """A member stood back; a vote already cast no longer counts."""

    type: ClassVar[str] = "committee_review.recused"
    person: str
    reason: str


class Voted(Event):
    """A signed vote; one by the same member before it no longer counts. `grade` is the one to which it regrades."""

    type: ClassVar[str] = "committee_review.voted"
    choice: Choice
    reason: str
    until: datetime | None
    signature: Signed
    grade: Grade | None = None


class Overdue(Event):
    """The review's own date passed without a decision; `lacking` says what stood against one, a sentence each."""

    type: ClassVar[str] = "committee_review.overdue"
    due_at: datetime
    lacking: tuple[str, ...] = ()


class Decided(Event):
    """The decision, its votes, and its written effect on case and certificate; `grade` is that of a regrading."""

    type: ClassVar[str] = "committee_review.decided"
    choice: Choice
    reason: str
    effect: str
    until: datetime | None
    tally: dict[str, int]
    signature: Signed
    grade: Grade | None = None
