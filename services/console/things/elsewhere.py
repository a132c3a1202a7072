"""Other things that had something recorded: what they are called on the pages of whoever may see them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from activities.reads import desk
from services.api.context import Api
from services.auth import Caller
from services.console.frame.catalogue import gettext, mark
from workflows.committee.review import Review
from workflows.committee.rules import CommitteeReview
from workflows.decider import stream_of
from workflows.nonconformity.case import Case
from workflows.nonconformity.rules import Nonconformity

BY = "reaction:"
"""How an actor's id begins that is a thing; its stream follows."""

CALLED: Mapping[str, str] = {
    "audit": mark("audit %(key)s"),
    "certificate": mark("certificate %(key)s"),
    "client": mark("client %(key)s"),
}
"""What things are called that have a key of their own."""

KIND = "committee_review"
_CASES, _REVIEWS = Nonconformity(), CommitteeReview()


async def named(api: Api, caller: Caller, actors: Iterable[str], state: Any = None) -> Mapping[str, str]:
    """What the things among actors are called, as far as the caller sees them; `state` is whose page it is.

    Raises Unavailable.
    """
    keys: dict[str, set[str]] = defaultdict(set)
    for one in actors:
        if one.startswith(BY):
            kind, _, key = one.removeprefix(BY).partition("/")
            keys[kind].add(key)
    found = {f"{kind}/{key}": gettext(said) % {"key": key} for kind, said in CALLED.items() for key in keys[kind]}
    if cases := keys["nonconformity"]:
        stood = await desk.cases(api.database, caller.scope, cases, _CASES)
        states = {one.name: one.state for one in stood.values()}
        triage = gettext("finding in triage")
        found |= {name: one.number or triage for name, one in states.items() if isinstance(one, Case)}
    if keys[KIND] and caller.scope.client is None:
        found |= await _reviews(api, caller, keys[KIND], state)
    return {f"{BY}{stream}": name for stream, name in found.items()}


async def _reviews(api: Api, caller: Caller, keys: Iterable[str], state: Any) -> Mapping[str, str]:
    """Reviews as their own case counts them; any other by the number of its case."""
    own = state.reviews if isinstance(state, Case) else ()
    counted = {stream_of(KIND, key): gettext("review %(n)s") % {"n": n} for n, key in enumerate(own, 1)}
    streams = {stream_of(KIND, key) for key in keys}
    others = streams - counted.keys()
    stood = await desk.named(api.database, caller.scope, others, _REVIEWS) if others else {}
    papers = {name: one.state.papers for name, one in stood.items() if isinstance(one.state, Review)}
    said = gettext("review of %(number)s")
    called = {name: said % {"number": one.number} for name, one in papers.items() if one and one.number}
    return {name: one for name, one in {**counted, **called}.items() if name in streams}
