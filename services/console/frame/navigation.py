"""Where somebody can go from any page, by their roles."""

from dataclasses import dataclass

from services.auth import Caller
from services.console.frame.catalogue import mark
from services.ready import CONSOLE
from workflows.people import CB_SIDE, Role

HOME = f"{CONSOLE}/"
ADMINISTRATION = f"{CONSOLE}/administration"
MAIL = f"{CONSOLE}/mail"
"""Where somebody chooses how they are told."""


@dataclass(frozen=True, slots=True)
class Place:
    """A page that every page links to; `title` is translated where it is shown, `current` whether one is there."""

    title: str
    path: str
    current: bool


def places(caller: Caller, here: str) -> tuple[Place, ...]:
    """The places of a person, that marked which `here` is, or is below."""
    offered = [(mark("Inbox"), HOME)]
    if caller.holds(Role.COMMITTEE_MEMBER, Role.SCHEME_MANAGER, *CB_SIDE):
        offered.append((mark("Committee"), f"{CONSOLE}/reviews"))
    offered += [
        (mark("Audits"), f"{CONSOLE}/audits"),
        (mark("Certificates"), f"{CONSOLE}/certificates"),
        (mark("Overview"), f"{CONSOLE}/overview"),
        (mark("Administration"), ADMINISTRATION),
    ]
    return tuple(Place(title, path, f"{here}/".startswith(f"{path}/")) for title, path in offered)
