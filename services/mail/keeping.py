"""Has every tenant's mailing looked after, also that of a tenant who came just now."""

import asyncio
from datetime import UTC, datetime, timedelta

import structlog

from activities.directory import mail
from activities.engine import Engine
from activities.ledger.database import Database
from activities.ledger.protocol import Unavailable
from services.mail.posting import STREAM

EVERY = timedelta(minutes=1)

log = structlog.get_logger()


async def keep_mailing(database: Database, engine: Engine, every: timedelta = EVERY) -> None:
    """Starts the workflows of mailings that nobody looks after, again and again, until it is cancelled."""
    while True:
        try:
            for tenant in await mail.unattended(database, datetime.now(UTC)):
                await engine.nudge(tenant, STREAM)
        except Unavailable as error:
            log.warning("mailings not looked at", error=str(error))
        except Exception:
            # A boundary: nobody waits for this loop, and without it no new tenant's people would be written to.
            log.exception("mailings not looked at")
        await asyncio.sleep(every.total_seconds())
