"""What somebody can do with an audit or a certificate: its commands, those that could be about nothing left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from activities.ledger.protocol import Recorded
from services.console.forms.holdings import OPEN, about
from services.console.forms.subject import Subject
from workflows.audit.audit import Audit
from workflows.procedure import Allowed, Row
from workflows.registry import PROCEDURES

MAIN: Mapping[str, Sequence[str]] = {
    "planned": ("start",),
    "under_way": ("end",),
    "ended": ("conclude",),
    "applied": ("grant",),
    "active": ("renew",),
    "suspended": ("restore",),
    "expired": ("restore",),
}
"""What leads on from a state; it stands first."""


@dataclass(frozen=True, slots=True)
class Acts:
    """The commands of a thing: `first` leads on, `more` can be given, too, `cannot` not now; `signed` take a signature.

    `anew` is a command that begins the thing another time.
    """

    first: Sequence[str]
    more: Sequence[str]
    cannot: Sequence[Allowed]
    signed: frozenset[str]
    anew: str | None


def acts(found: Subject) -> Acts:
    """What the reader can do with an audit or a certificate now."""
    rows = PROCEDURES[found.kind].by_command
    given = [one for one in found.standing.allowed if "" not in rows[one.command].states]
    can = [one.command for one in given if one.why_not is None and _is_about_something(found, one.command)]
    first = [one for one in MAIN.get(found.state.status, ()) if one in can]
    return Acts(
        first=first,
        more=[one for one in can if one not in first],
        cannot=[one for one in given if one.why_not is not None],
        signed=frozenset(row.command for row in rows.values() if row.signs is not None),
        anew=next((one.command for one in found.standing.allowed if _begins_anew(rows[one.command], one)), None),
    )


def recorded(found: Subject, seq: str) -> Recorded | None:
    """The event that the reader has just recorded, as the address says."""
    return next((event for event in found.history if seq == str(event.seq)), None)


def _begins_anew(row: Row, one: Allowed) -> bool:
    return "" in row.states and one.why_not is None


def _is_about_something(found: Subject, command: str) -> bool:
    return not isinstance(found.state, Audit) or command not in OPEN or bool(about(found.state, command))
