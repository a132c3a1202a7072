"""Lists of committee reviews."""

from activities.ledger.database import Database
from activities.ledger.protocol import Scope
from activities.reads.pages import Page, page


async def listed(
    database: Database,
    scope: Scope,
    status: str | None,
    case_id: str | None,
    member: str | None,
    before: str | None,
    limit: int,
) -> Page:
    """A page of reviews, the latest id first. Raises Unavailable."""
    values = (before, limit, status, case_id, member)
    return page(await database.page("read_committee_reviews", *scope.entry, *values))
