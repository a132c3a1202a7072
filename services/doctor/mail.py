"""Mail: whether the server takes ours, and what reaches nobody."""

from collections import Counter
from datetime import datetime

from activities.directory import mail
from activities.ledger.queries import query
from services.doctor.checks import Answer, Check, fail, ok, warn
from services.doctor.deployment import Deployment
from services.doctor.ledger import Record
from services.mail.relay import Away, Relay

MEND = (
    "mend CLOSEOUT_SMTP_URL and CLOSEOUT_MAIL_FROM by what it says, or let this machine reach the mail server: "
    "workers must"
)

PAUSED = "mend the mail server: no try is lost, and what waits goes within minutes of its answer"

MOST = 1000
"""So many tenants are looked at."""


async def _server(deployment: Deployment) -> Answer:
    relay = Relay.of(deployment.settings)
    if relay is None:
        return ok("none is given: nobody is written to")
    try:
        async with relay.session() as session:
            await session.ask()
    except Away as error:
        return fail(f"{relay.name}: {error}", MEND)
    return ok(f"{relay.name} takes mail from {relay.sender}")


async def _outbox(record: Record) -> Answer:
    """What waits for a server that is away, and what of thirty days was given up or reached nobody, of all tenants."""
    found: Counter[str] = Counter()
    paused: list[tuple[datetime, str]] = []
    async with record.ledger.database.transaction() as connection:
        tenants = [row["tenant"] for row in await connection.fetch(query("tenants"))]
    for tenant in tenants[:MOST]:
        standing = await mail.standing(record.ledger.database, tenant)
        found.update(standing.mails)
        if standing.failing_since is not None and standing.mails.get("pending"):
            paused.append((standing.failing_since, standing.failure))
    said = f"{found['sent']} sent, {found['pending']} waiting in 30 days"
    if paused:
        since, why = min(paused)
        return fail(f"the mail server has taken none since {since:%Y-%m-%d %H:%M} UTC ({why}), {said}", PAUSED)
    if found["parked"]:
        return fail(
            f"{found['parked']} given up, {said}", "mend the mail server or the addresses; then POST /v1/mail/retry"
        )
    if found["unaddressed"]:
        mend = "have the issuer say the claim `email` of everybody; the worker's log names who is meant"
        return warn(f"{found['unaddressed']} reach nobody, {said}", mend)
    return ok(said)


MAIL = (Check("mail server", _server, MEND),)
OUTBOX = (Check("mail", _outbox, "see the worker's log"),)
