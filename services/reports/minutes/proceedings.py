"""What the minutes of a review are made of: its record, and what of its case and of certificates the reader sees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from activities.ledger.database import Database
from activities.ledger.histories import whole_history
from activities.ledger.protocol import Ledger, Recorded, Scope, Stream
from activities.reads import desk
from services.reports.gathering import client_name
from workflows.committee.review import Review, papers_of
from workflows.decider import stream_of


@dataclass(frozen=True, slots=True)
class Proceedings:
    """A review with its record; `case` is that of its case, `certificates` are those of certificates by their keys.

    Both as far as the reader sees them, and `names` of people by id likewise. `address` is where the review's events
    are read, `body` and `client_name` what the certification body and the client are called.
    """

    id: str
    review: Review
    history: Sequence[Recorded]
    case: Sequence[Recorded]
    names: Mapping[str, str]
    client_name: str
    body: str
    address: str
    seq: int
    head: str
    certificates: Mapping[str, Sequence[Recorded]] = field(default_factory=dict)


async def proceedings(
    ledger: Ledger, database: Database, scope: Scope, stream: Stream, body: str, address: str
) -> Proceedings:
    """What the minutes of a review tell that the scope sees. Raises Unavailable."""
    review = stream.state
    if not isinstance(review, Review):
        raise TypeError(f"{stream.name} is no committee review")
    papers, name = papers_of(review), stream.name.partition("/")[2]
    history = [one for one in await whole_history(ledger, scope, stream.name) if one.seq <= stream.seq]
    case = await whole_history(ledger, scope, papers.case)
    certificates = {
        key: await whole_history(ledger, scope, stream_of("certificate", key)) for key in touched(case, name)
    }
    people = {*review.members, *(one.person for one in review.recused), *(review.could_sit or ())}
    people |= {one.actor for record in (history, case, *certificates.values()) for one in record}
    return Proceedings(
        id=name,
        review=review,
        history=history,
        case=case,
        certificates=certificates,
        names={**await desk.names(database, scope, people), f"reaction:{papers.case}": papers.number or ""},
        client_name=await client_name(ledger, scope, papers.client),
        body=body,
        address=address,
        seq=stream.seq,
        head=stream.head,
    )


def touched(case: Sequence[Recorded], review: str) -> Sequence[str]:
    """The keys of the certificates on which the decision of a review took effect, as its case tells."""
    decided = [one.data for one in case if one.type == "nonconformity.review_decided" and one.data is not None]
    return [key for data in decided if data["review"] == review for key in data.get("certificates", ())]
