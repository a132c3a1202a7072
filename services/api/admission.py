"""Who is let in, by role, to says is about no case."""

from collections.abc import Collection

from services.auth import Caller
from services.problems import Problem
from workflows.people import MANAGERS, Role, named
from workflows.sentences import Sentence


def keeps(caller: Caller) -> bool:
    """Whether the caller administers the certification body."""
    return caller.holds(*MANAGERS) and caller.actor.client is None


def admit(caller: Caller, roles: Collection[Role], says: str) -> None:
    """Raises a problem (403) for who holds none of these roles; `says` names them, `{roles}`."""
    if not caller.holds(*roles):
        raise _theirs(roles, says)


def admit_keeper(caller: Caller, says: str) -> None:
    """Raises a problem (403) for who does not administer the certification body; `says` as above."""
    if not keeps(caller):
        raise _theirs(MANAGERS, says)


def _theirs(roles: Collection[Role], says: str) -> Problem:
    return Problem(403, "role", Sentence(says, roles=named(roles)))
