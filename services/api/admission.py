"""Who is let in, by role, to what is about no case."""

from collections.abc import Collection

from services.auth import Caller
from services.problems import Problem
from workflows.people import MANAGERS, Role


def keeps(caller: Caller) -> bool:
    """Whether the caller administers the certification body."""
    return caller.holds(*MANAGERS) and caller.actor.client is None


def admit(caller: Caller, roles: Collection[Role], what: str) -> None:
    """Raises a problem (403) for who holds none of these roles; it says what: `Hooks belong` to them."""
    if not caller.holds(*roles):
        raise _theirs(roles, what)


def admit_keeper(caller: Caller, what: str) -> None:
    """Raises a problem (403) for who does not administer the certification body; `what` as above."""
    if not keeps(caller):
        raise _theirs(MANAGERS, what)


def _theirs(roles: Collection[Role], what: str) -> Problem:
    return Problem(403, "role", f"{what} to: {', '.join(sorted(roles))}.")
