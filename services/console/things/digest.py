"""The papers of a committee review in short: the case that is before it as it stands, with what stands beside it."""

from dataclasses import dataclass

from services.api import streams
from services.api.context import Api
from services.auth import Caller
from services.console.things.beside import Beside, beside
from services.problems import UnknownThing
from workflows.committee.review import Review
from workflows.nonconformity.case import Case


@dataclass(frozen=True, slots=True)
class Digest:
    """A case, the audit in which it was found, and the certificates on which it bears."""

    case: Case
    beside: Beside


async def digest(api: Api, caller: Caller, review: Review) -> Digest | None:
    """What a review is about; None for one without papers, and for whom its case is not shown. Raises Unavailable."""
    if review.papers is None:
        return None
    kind, _, key = review.papers.case.partition("/")
    try:
        stream = await streams.visible(api, caller, kind, key)
    except UnknownThing:
        return None
    if not isinstance(stream.state, Case):
        return None
    return Digest(stream.state, await beside(api, caller, stream.state))
