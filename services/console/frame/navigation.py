"""Where somebody can go from any page, by their roles."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.auth import Caller
from services.console.frame.catalogue import mark
from services.ready import CONSOLE
from workflows.people import CB_SIDE, Role

HOME = f"{CONSOLE}/"
ADMINISTRATION = f"{CONSOLE}/administration"
MAIL = f"{CONSOLE}/mail"
"""Where somebody chooses how they are told."""

PATHS: Mapping[str, str] = {
    "nonconformity": f"{CONSOLE}/cases",
    "committee_review": f"{CONSOLE}/reviews",
    "audit": f"{CONSOLE}/audits",
    "certificate": f"{CONSOLE}/certificates",
    "client": f"{CONSOLE}/clients",
}
"""Below which the things of a kind have their pages."""


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
        offered.append((mark("Committee"), PATHS["committee_review"]))
    offered += [
        (mark("Audits"), PATHS["audit"]),
        (mark("Certificates"), PATHS["certificate"]),
        (mark("Overview"), f"{CONSOLE}/overview"),
        (mark("Administration"), ADMINISTRATION),
    ]
    return tuple(Place(title, path, f"{here}/".startswith(f"{path}/")) for title, path in offered)
