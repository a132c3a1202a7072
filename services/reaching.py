"""What is said where a server cannot be reached: one line that begins with the setting at fault."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from activities.ledger.database import APP_ROLE, outages
from activities.ledger.protocol import Unavailable
from services.settings import PREFIX, Settings

DSN = f"{PREFIX}DSN"
OWNER_DSN = f"{PREFIX}OWNER_DSN"
TEMPORAL_ADDRESS = f"{PREFIX}TEMPORAL_ADDRESS"

REFUSALS = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidParameterValueError,
)
"""How a database that answers says that it has no such login, password, database or role."""


class Unreachable(Unavailable):
    """A server that does not answer or does not let us in, named by its setting."""


@contextmanager
def the_ledger(settings: Settings, *, as_owner: bool = False) -> Iterator[None]:
    """Turns what an unreachable database raises into Unreachable."""
    setting = OWNER_DSN if as_owner and settings.owner_dsn else DSN
    if not (settings.owner if as_owner else settings.dsn):
        raise Unreachable(f"no database: set {setting}")
    try:
        with outages():
            yield
    except Unavailable as error:
        raise Unreachable(f"{setting}: {one_line(error)}") from error
    except asyncpg.InsufficientPrivilegeError as error:
        raise Unreachable(
            f"{setting}: {one_line(error)}: the owner must be able to make schema and roles, "
            f"and the login of {DSN} to act as {APP_ROLE} (GRANT {APP_ROLE} TO ...)"
        ) from None
    except (asyncpg.InterfaceError, ValueError):  # what they say may hold a part of the password
        raise Unreachable(
            f"{setting}: no address that the driver can use; write what is special in a password as %XX"
        ) from None
    except REFUSALS as error:
        raise Unreachable(f"{setting}: the database lets nobody in so: {one_line(error)}") from None


@contextmanager
def the_engine(settings: Settings) -> Iterator[None]:
    """Turns what an unreachable engine raises into Unreachable."""
    address = settings.engine().get("target_host")
    if not address:
        raise Unreachable(f"no engine: set {TEMPORAL_ADDRESS} or TEMPORAL_ADDRESS")
    try:
        yield
    except RuntimeError as error:  # the SDK says a refused connection so
        setting = TEMPORAL_ADDRESS if settings.temporal_address else "TEMPORAL_ADDRESS"
        raise Unreachable(f"{setting}: the engine does not answer at {address}: {_cause(error)}") from None


def _cause(error: RuntimeError) -> str:
    """What the SDK quotes last: it tells errors as its own language writes them down, one within the other."""
    quoted = re.findall(r'"([^"]+)"', str(error))
    return quoted[-1] if quoted else one_line(error)


def one_line(error: Exception) -> str:
    """What an error says, in one line; its kind where it says nothing."""
    return " ".join(str(error).split()) or type(error).__name__
