"""What was decided on a case, and why, as its reports tell it, in the reader's language.

With what has no effect any more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from activities.ledger.protocol import Recorded
from services.console.frame.here import Here
from services.reports import deciding
from workflows.decider import Event
from workflows.nonconformity import events as e


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision: by whom, when, what and why. `effect` is what a committee's came to.

    It `is_set_aside`, and has none any more, where an appeal against it was upheld.
    """

    what: str
    why: str
    by: str
    at: datetime
    is_committees: bool = False
    effect: str = ""
    is_set_aside: bool = False


def decisions(history: Sequence[Recorded], zone: ZoneInfo) -> list[Decided]:
    """Everything that was decided, in order; what was erased is left out."""
    known = list(deciding.decoded(history))
    upheld = {event.review for _, event in known if isinstance(event, e.AppealDecided) and event.outcome == "upheld"}
    return list(_decided(known, upheld, Here(zone)))


def _decided(known: Sequence[tuple[Recorded, Event]], upheld: set[str], here: Here) -> Iterator[Decided]:
    for recorded, event in known:
        told = deciding.decided(event, here)
        if told is None:
            continue
        what, why = told
        if not isinstance(event, e.ReviewDecided):
            yield Decided(what, why, recorded.actor, recorded.at)
            continue
        is_gone = event.review in upheld
        yield Decided(
            what,
            why,
            recorded.actor,
            recorded.at,
            is_committees=True,
            effect="" if is_gone else event.effect,
            is_set_aside=is_gone,
        )
