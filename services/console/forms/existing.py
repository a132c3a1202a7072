"""What exists already and a form may name: offered at a field, in which anything else can be typed, too."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from activities.directory import people
from activities.directory.people import Place
from activities.ledger.protocol import Unavailable
from services.api.context import Api
from services.auth import Caller
from services.console.forms.choices import Chosen, short
from services.console.forms.fields import Options
from services.console.forms.typed import Schema, Typed
from services.console.frame.catalogue import gettext, mark
from services.console.frame.reader import ZONES
from services.console.frame.words import word
from services.console.things import clients
from services.console.things.clients import OFFERED
from workflows.decider import Facts, Wants
from workflows.entries import SETTLED, AuditEntry, CaseQuery
from workflows.people import Role
from workflows.standards import reference

CATEGORIES = (
    mark("people"),
    mark("method"),
    mark("machine"),
    mark("material"),
    mark("measurement"),
    mark("environment"),
)
"""Where Ishikawa's diagram looks for causes; any other may be typed."""

_OF_CASES = frozenset({"cases", "department", "others", "process", "requirement", "requirements", "sites"})
_OF_AUDITS = frozenset({"audit", "standards"})
_OF_CERTIFICATES = frozenset({"standards"})


async def existing(
    api: Api, caller: Caller, schema: Schema, client: str | None, typed: Typed, itself: str = ""
) -> Options:
    """What a form by a schema may name, by its fields: of a `client`, if one is known, not the thing `itself`.

    No standard of which an edition is `typed`. Less where the record cannot be reached now: all of it can be typed.
    """
    fields = frozenset(schema.get("properties", {}))
    known: dict[str, Sequence[Chosen]] = {"zone": [(zone, "") for zone in ZONES]} if "zone" in fields else {}
    if {"causes", "method"} <= fields:
        known["causes.category"] = [(gettext(one), "") for one in CATEGORIES]
    with suppress(Unavailable):
        if client is not None and fields & {*_OF_CASES, *_OF_AUDITS, *_OF_CERTIFICATES, "owner", "team"}:
            known |= await _of_client(api, caller, fields, client, itself)
    lines = {line.strip() for text in typed.get("standards", ()) for line in text.splitlines()}
    editions = {line.partition(":")[0] for line in lines} - lines
    return known | {"standards": [one for one in known.get("standards", ()) if one[0] not in editions]}


async def clients_offered(api: Api, caller: Caller) -> Options:
    """The clients of a body by name, to choose one for the field `client`; nothing where they are too many."""
    known = await clients.offered(api, caller)
    return {"client": known.offered} if known.offered else {}


async def others_offered(api: Api, caller: Caller, schema: Schema, itself: str) -> Options:
    """The same for what a client is merged `into`; nothing where the record cannot be reached now, either."""
    found: Sequence[Chosen] = ()
    if "into" in schema.get("properties", {}):
        with suppress(Unavailable):
            found = (await clients_offered(api, caller)).get("client", ())
    others = [one for one in found if one[0] != itself]
    return {"into": others} if others else {}


async def people_offered(api: Api, caller: Caller, schema: Schema, client: str) -> Options:
    """The people of a client who were here, by name, for a form that lists their ids; nothing where they are away."""
    found: Sequence[people.Known] = ()
    if "people" in schema.get("properties", {}):
        with suppress(Unavailable):
            found = await people.listed(api.database, caller.tenant, Place(), OFFERED, client=client, left=False)
    return {"people": [(one.id, one.name or one.id) for one in found]} if found else {}


async def _of_client(api: Api, caller: Caller, fields: frozenset[str], client: str, itself: str) -> Options:
    wants = Wants(
        client=client,
        people="owner" in fields,
        audits=bool(fields & _OF_AUDITS),
        certificates=bool(fields & _OF_CERTIFICATES),
        cases=CaseQuery(client=client) if fields & _OF_CASES else None,
    )
    facts = await api.ledger.facts(caller.scope, wants)
    team = await _auditors(api, caller) if "team" in fields else []
    return {name: known[:OFFERED] for name, known in _offered(facts, team, itself).items() if known}


def _offered(facts: Facts, team: Sequence[Chosen], itself: str) -> Mapping[str, Sequence[Chosen]]:
    cases = [one for one in facts.cases if one.id != itself]
    open_now = [one for one in cases if one.status not in SETTLED]
    requirements = _plain(line for one in cases for line in one.requirements if _is_read(line))
    sites = facts.client.sites if facts.client else ()
    standards = [*(one.standards for one in facts.certificates), *(one.standards for one in facts.audits)]
    return {
        "audit": [(one.key, _audit(one)) for one in facts.audits],
        "cases": [(one.number, short(one.number, one.title)) for one in open_now if one.number],
        "department": _plain(one.department for one in cases),
        "others": [(one.id, short(one.number or one.id, one.title)) for one in open_now if one.grade == "minor"],
        "owner": _named((one.id, one.name) for one in facts.people),
        "process": _plain(one.process for one in cases),
        "requirement": requirements,
        "requirements": requirements,
        "sites": _plain(sites or (site for one in cases for site in one.sites)),
        "standards": _plain(name for named in standards for name in named),
        "team.person": team,
    }


async def _auditors(api: Api, caller: Caller) -> Sequence[Chosen]:
    """Those who audit for the certification body; nobody for a client's people, who are not told of them all."""
    if caller.scope.client is not None:
        return []
    found = await people.listed(api.database, caller.tenant, Place(), OFFERED, Role.AUDITOR, left=False)
    return _named((one.id, one.name) for one in found)


def _named(people: Iterable[Chosen]) -> Sequence[Chosen]:
    """People by name, as a form names them; by id those who bear the same name, or none."""
    known = list(people)
    bear = Counter(name.casefold() for _, name in known)
    return [(name, "") if name and bear[name.casefold()] == 1 else (key, name) for key, name in known]


def _is_read(line: str) -> bool:
    """Whether a line that names a requirement is taken for one where it is typed."""
    try:
        reference(line)
    except ValueError:
        return False
    return True


def _plain(texts: Iterable[str | None]) -> Sequence[Chosen]:
    """Texts that say what they are, each once, those first that are most used."""
    return [(text, "") for text, _ in Counter(text for text in texts if text).most_common()]


def _audit(one: AuditEntry) -> str:
    return f"{word('stage', one.stage)}, {word('status', one.status)}"
