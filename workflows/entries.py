"""What deciders may know of other streams: cases, audits and certificates of a client, as short entries.

A ledger reads them from its read models, the simulator from states; both say the same (tests/ledger).
"""

from datetime import date, datetime
from typing import Literal

from workflows.grades import Grade, Stage
from workflows.people import Message

Recommendation = Literal["recommended", "recommended_on_plan", "not_recommended"]
"""What an audit's team recommends: without conditions, on acceptance of the plan, or not."""

_REGULAR: frozenset[Stage] = frozenset({"stage2", "surveillance", "recertification"})


def looks_back(stage: Stage, found: Stage | None) -> bool:
    """Whether an audit of a stage looks at what was left open of one in which something was `found`.

    An internal audit at what internal ones found, a regular one at what external ones did. A special audit has its own
    matter, and a first stage prepares the second.
    """
    return stage == "internal" if found == "internal" else stage in _REGULAR


SETTLED = frozenset({"verified", "closed", "dismissed", "withdrawn", "superseded"})
"""The states of a nonconformity that stands against nothing any more; a superseded minor does so in its major."""


class CaseEntry(Message):
    """A nonconformity as others see it. `audit` is the reference of the audit in which it was found.

    `requirements` are standard and clause in one line, `certificates` the keys of those that a committee decision on it
    touched, `causes` the categories of its causes, else their texts. `recurrence_of` is the id of the case that it is
    again, `aggregating` that of the systemic major which is being raised from it, `aggregates` those of the minors that
    it replaced itself.
    """

    id: str
    number: str | None
    status: str
    grade: Grade | None
    client: str
    title: str
    audit: str | None = None
    stage: Stage | None = None
    requirements: tuple[str, ...] = ()
    department: str | None = None
    process: str | None = None
    sites: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    plan: str = "draft"
    deferred: bool = False
    deferred_to: str | None = None
    causes: tuple[str, ...] = ()
    source: str | None = None
    recurrence_of: str | None = None
    aggregating: str | None = None
    aggregates: tuple[str, ...] = ()
    issued_at: datetime | None = None
    ended_at: datetime | None = None


class AuditEntry(Message):
    """An audit as others see it; `team` are the ids or names of its members, `recommendation` how it concluded.

    `left_team` are those who were taken off the team after the audit had begun: `took_part` are both.

    `concerns_left` are the keys of the areas of concern of stage 1 that are not cleared, `stage1_waived` says that the
    plan of a stage 2 states why it needs no stage 1.
    """

    key: str
    client: str
    stage: Stage
    status: Literal["planned", "under_way", "ended", "concluded", "lapsed", "cancelled"]
    standards: tuple[str, ...] = ()
    starts_on: date | None = None
    ends_on: date | None = None
    team: tuple[str, ...] = ()
    left_team: tuple[str, ...] = ()
    recommendation: Recommendation | None = None
    concerns_left: tuple[str, ...] = ()
    stage1_waived: bool = False

    @property
    def took_part(self) -> tuple[str, ...]:
        """Who is, or was, on its team."""
        return (*self.team, *self.left_team)

    @property
    def ended_on(self) -> date | None:
        """Its last day, once it was held to its end; `ends_on` is the planned one before."""
        return self.ends_on if self.status in ("ended", "concluded", "lapsed") else None


class CertificateEntry(Message):
    """A certificate as others see it; `standards` are names, `expires_on` None before it was granted."""

    key: str
    client: str
    status: Literal["applied", "active", "suspended", "withdrawn", "expired", "refused"]
    standards: tuple[str, ...] = ()
    expires_on: date | None = None


class CaseQuery(Message):
    """Which cases of a tenant: by id or number, of a client, of an audit, living, not `SETTLED`, deferred.

    All that is named holds. Beside them, the systemic majors of the client `holder` that replaced one of `ids`.
    """

    ids: tuple[str, ...] | None = None
    numbers: tuple[str, ...] | None = None
    holder: str | None = None
    client: str | None = None
    audit: str | None = None
    living: bool = False
    unsettled: bool = False
    deferred: bool = False

    def names(self, case: CaseEntry) -> bool:
        """Whether it asks for a case; that the case lives, if it has to, is for who holds its stream to say."""
        return self._holds(case) or (
            (self.ids is None or case.id in self.ids)
            and (self.numbers is None or case.number in self.numbers)
            and self.client in (None, case.client)
            and self.audit in (None, case.audit)
            and (case.status not in SETTLED or not self.unsettled)
            and (case.deferred or not self.deferred)
        )

    def _holds(self, case: CaseEntry) -> bool:
        return self.holder == case.client and not set(self.ids or ()).isdisjoint(case.aggregates)


MOST_CASES = 1000
"""How many cases a query answers at most, the newest first."""
