"""What the ledger in memory holds, in place of tables."""

from dataclasses import dataclass, field

from activities.ledger.chain import Sealed
from activities.ledger.projections import Owner, Row
from activities.ledger.protocol import Stream, Viewer
from activities.ledger.words import Heard
from workflows.decider import kind_of
from workflows.people import Person


@dataclass(slots=True)
class Case:
    """A stream with its events, the version of the decider that folded it, and its row in its kind's read model."""

    stream: Stream
    version: int
    events: list[Sealed] = field(default_factory=list)
    owner: Owner = field(default_factory=Owner)
    row: Row | None = None


@dataclass(slots=True)
class Tenancy:
    """Everything of one tenant: `heard` is what sources said last, by stream; `people` fills whoever lets people in."""

    cases: dict[str, Case] = field(default_factory=dict)
    references: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    heard: dict[str, Heard] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)
    numbers: dict[tuple[str, int], str] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)

    def worn(self, viewer: Viewer) -> frozenset[str]:
        """The badges of a viewer, as `closeout.narrow` finds them; here nothing is granted to anybody."""
        audits = {
            f"audit:{name.partition('/')[2]}"
            for name, case in self.cases.items()
            if kind_of(name) == "audit" and not viewer.team.isdisjoint(case.owner.seen_by)
        }
        rows = [case.row for name, case in self.cases.items() if case.row and kind_of(name) == "committee_review"]
        docket = {f"case:{row['case_id']}" for row in rows if viewer.member in (*row["members"], *row["recused"])}
        return viewer.badges | audits | docket
