"""Who may act in a new installation: the client `acme`, sample people with tokens, and two API keys.

All of it follows from the issuer's key in the data folder, so that a restart shows the same people and keys.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from activities.directory import grants, keys, people
from activities.directory.asked import Asked
from activities.directory.keys import ApiKey
from activities.ledger.postgres import PostgresLedger
from activities.reads import clients
from services.connections import open_ledger
from services.ready import Introduction, KeyCard, PersonCard
from services.settings import Settings
from services.tokens import Issuer
from workflows.decider import Command, stream_of
from workflows.people import CLIENT_SIDE, Actor, Person, Role

ACME = "acme"
SAMPLE_LIFE = timedelta(days=5 * 365)
"""How long sample tokens are good, from the making of the key that signs them."""

TOKEN_LIFE = timedelta(days=90)

PEOPLE: tuple[tuple[str, Role], ...] = (
    ("Mara Lindqvist", Role.CLIENT_OWNER),
    ("Tomas Herrera", Role.CLIENT_OWNER),
    ("Elif Aydin", Role.CLIENT_APPROVER),
    ("Noor Haddad", Role.INTERNAL_AUDITOR),
    ("Ines Okafor", Role.AUDITOR),
    ("Jan Verhoeven", Role.AUDITOR),
    ("Priya Raman", Role.REVIEWER),
    ("Lukas Steiner", Role.REVIEWER),
    ("Grace Mbeki", Role.COMMITTEE_MEMBER),
    ("Henrik Dahl", Role.COMMITTEE_MEMBER),
    ("Sofia Marchetti", Role.COMMITTEE_MEMBER),
    ("Daniel Kowalski", Role.SCHEME_MANAGER),
    ("Amy Chen", Role.OBSERVER),
)

KEYS = (("scanner", True), ("intake", False))
"""Sources, and whether their key may state grades."""


class NameTaken(Exception):
    """The sample client cannot be registered: another client has a name of its."""

    def __init__(self, tenant: str, name: str, holder: str) -> None:
        super().__init__(
            f"the sample client {ACME} cannot be registered in the tenant {tenant}: its name {name} is that of the "
            f"client {holder} there; set CLOSEOUT_TENANT to another tenant, or rename {holder}"
        )


class NoIssuer(Exception):
    """There is no key to sign with."""


async def introduce(settings: Settings) -> Introduction:
    """Makes sure of client, people and keys in a migrated database. Nobody where no key signs tokens.

    Raises Unreachable when the database does not answer, and NameTaken.
    """
    issuer = Issuer.of(settings)
    if issuer is None:
        return Introduction()
    ledger = await open_ledger(settings)
    try:
        await _register(ledger, issuer, settings.tenant)
        shown = tuple([await _person(ledger, issuer, settings.tenant, name, role) for name, role in PEOPLE])
        await _grant(ledger, issuer, settings.tenant)
        return Introduction(
            people=shown,
            keys=tuple([await _key(ledger, issuer, settings.tenant, source, may) for source, may in KEYS]),
        )
    finally:
        await ledger.close()


def mint(settings: Settings, role: Role, name: str, client: str | None = None, tenant: str | None = None) -> str:
    """A token for a person of this name; raises NoIssuer, and BadClaims for one that the API would refuse."""
    issuer = Issuer.of(settings)
    if issuer is None:
        raise NoIssuer(
            f"{settings.oidc_issuer} makes the tokens: get one there"
            if settings.oidc_issuer
            else "there is no key to sign tokens with: set CLOSEOUT_TOKEN_KEY"
        )
    chosen = settings.tenant if tenant is None else tenant
    return issuer.sign(chosen, name, (role,), client, datetime.now(UTC), TOKEN_LIFE)


def sample_address(name: str, client: str | None) -> str:
    """Where mail for a sample person goes: to nobody, but to a catcher of mail (RFC 2606, 2)."""
    return f"{name.casefold().replace(' ', '.')}@{client or 'body'}.example"


async def _register(ledger: PostgresLedger, issuer: Issuer, tenant: str) -> None:
    """Registers the client; one that is there already stays as it is."""
    stream = stream_of("client", ACME)
    if await ledger.standing(tenant, stream) is not None:
        return
    entry: dict[str, Any] = {
        "key": ACME,
        "name": "Acme Manufacturing B.V.",
        "aliases": ["Acme", "Acme Manufacturing"],
        "sites": ["Head office, Utrecht", "Plant, Nijmegen"],
        "country": "NL",
        "zone": "Europe/Amsterdam",
        "people": [issuer.subject(tenant, ACME, name) for name, role in PEOPLE if role in CLIENT_SIDE],
    }
    if holder := await clients.holding(ledger.database, tenant, ACME, {ACME, entry["name"], *entry["aliases"]}):
        raise NameTaken(tenant, holder.name, holder.key)
    command = Command(
        id="bootstrap",
        name="register",
        body=entry,
        actor=Actor(id="bootstrap", roles=frozenset({Role.ADMIN})),
    )
    await ledger.transact(tenant, stream, command, datetime.now(UTC))


async def _person(ledger: PostgresLedger, issuer: Issuer, tenant: str, name: str, role: Role) -> PersonCard:
    client = ACME if role in CLIENT_SIDE else None
    subject, roles = issuer.subject(tenant, client, name), frozenset({role})
    person = Person(id=subject, name=name, roles=roles, client=client, email=sample_address(name, client))
    await people.remember(ledger.database, tenant, person, issuer.key.since)
    token = issuer.sign(tenant, name, (role,), client, issuer.key.since, SAMPLE_LIFE)
    return PersonCard(name=name, role=role, client=client, token=token)


async def _grant(ledger: PostgresLedger, issuer: Issuer, tenant: str) -> None:
    """Lets the sample observers see the sample client; once, so that who revokes it has revoked it."""
    for name, role in PEOPLE:
        asked = Asked(f"bootstrap:{name}", ACME)
        if role is Role.OBSERVER and await grants.made(ledger.database, tenant, asked) is None:
            person, until = issuer.subject(tenant, None, name), datetime.now(UTC) + SAMPLE_LIFE
            of = (ACME, None, None)
            await grants.keep(ledger.database, tenant, person, of, until, "A sample.", "bootstrap", asked)


async def _key(ledger: PostgresLedger, issuer: Issuer, tenant: str, source: str, may_state_grades: bool) -> KeyCard:
    made = keys.make(tenant, issuer.key.derived("api-key", tenant, source))
    key = ApiKey(id=made.id, source=source, name=f"sample key of {source}", may_state_grades=may_state_grades)
    await keys.keep(ledger.database, tenant, key, made.text)
    return KeyCard(source=source, key=made.text)
