"""Bodies for the commands on audits and certificates, as things stand."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from tests.rules import audits as a
from tests.rules import certificates as held
from tests.rules.life import SIGN, Day
from tests.rules.machine.ground import CLIENTS, Ground
from workflows.audit.audit import Audit
from workflows.certificate.certificate import Certificate

Body = Mapping[str, Any]
SO: Body = {"reason": "So"}
SIGNED: Body = {"signature": SIGN}
STAGES = ("stage1", "stage2", "surveillance", "surveillance", "recertification", "special", "internal")
TEAMS = ([a.LEAD, a.EXPERT], [a.LEAD, a.SECOND], [{"person": "Auditor2"}], [a.SECOND, {"person": "member4"}])


OF_AUDITS: Mapping[str, Sequence[Body]] = {
    "revise": [
        *({"team": team} for team in TEAMS),
        *({"ends_on": Day(days)} for days in (3, -900)),
        {"standards": ["ISO 9001", "ISO 14001"]},
    ],
    "start": [{}],
    "end": [{"on": Day(0)}, {"on": Day(0), "summary": "So"}, {"on": Day(2)}],
    "note_positive": [a.POSITIVE.body],
    "raise_concern": [a.concern(f"k{n}").body for n in (1, 2, 3, 4)],
    "conclude": [a.conclude(one).body for one in ("recommended", "recommended_on_plan", "not_recommended")],
    "cancel": [SO],
}
"""The bodies of the commands on an audit that no state makes better."""


def of_audits(world: Ground, key: str, command: str) -> Sequence[Body]:
    """Bodies for a command on an audit."""
    state = world.stream(f"audit/{key}").state
    assert isinstance(state, Audit)
    return list(_of_audits(world, key, state, command))


def of_certificates(world: Ground, key: str, command: str) -> Sequence[Body]:
    """Bodies for a command on a certificate."""
    state = world.stream(f"certificate/{key}").state
    assert isinstance(state, Certificate)
    return list(_of_certificates(world, key, state, command))


def _plans(world: Ground, key: str) -> Iterator[Body]:
    for client in _clients(world):
        for number, stage in enumerate(STAGES):
            dates = {"starts_on": Day(number % 2), "ends_on": Day(number + 2)}
            team = TEAMS[number % len(TEAMS)]
            waived = {"stage1_waived": "Both as one"} if stage == "stage2" else {}
            yield a.plan(stage, key=key, client=client, team=team, **dates, **waived).body


def _of_audits(world: Ground, key: str, audit: Audit, command: str) -> Iterable[Body]:
    concerns = [concern.key for concern in audit.concerns if concern.state != "cleared"] or ["k1"]
    match command:
        case "plan":
            return _plans(world, key)
        case "revise" if audit.outline is not None:
            later = ({"ends_on": _later(audit.outline.ends_on, days)} for days in (1, 9, 30))
            return (*OF_AUDITS["revise"], *later)
        case "repair_concern":
            return ({"key": one, "text": "So"} for one in concerns)
        case "return_concern":
            return ({"key": one, **SO} for one in concerns)
        case "clear_concern":
            return ({"key": one} for one in concerns)
    return OF_AUDITS[command]


def _of_certificates(world: Ground, key: str, held_now: Certificate, command: str) -> Iterator[Body]:
    term, decided = held_now.term, {**SO, **SIGNED}
    today = world.now.date()
    match command:
        case "apply":
            clients = [held_now.client] if held_now.client else _clients(world)
            yield from ({**held.WHAT, "key": key, "client": client, "sites": []} for client in clients)
        case "transfer_in":
            for client in _clients(world):
                yield {**held.TRANSFER.body, "key": key, "client": client, "sites": []}
        case "grant":
            yield from ({"issued_on": Day(0), "expires_on": Day(days), **decided} for days in (40, 400, 1095))
            for name in world.names("audit"):
                more = {"audit": name.partition("/")[2]}
                yield {"issued_on": Day(0), "expires_on": Day(1095), **more, **decided}
        case "renew":
            last = max(term.expires_on if term else today, today)
            yield {"issued_on": Day(0), "expires_on": _later(last, 365), **decided}
        case "restore":
            more = {"expires_on": _later(today, 200)} if held_now.status == "expired" else {}
            yield {**more, **decided}
        case "reduce":
            yield {"scope": "Less", **decided}
            yield from ({"sites": [site], **decided} for site in held_now.sites[:1])
            yield from ({"standards": [one], **decided} for one in held_now.standards[:1])
        case _:
            yield decided


def _later(day: date, days: int) -> str:
    return (day + timedelta(days=days)).isoformat()


def _clients(world: Ground) -> list[str]:
    """The clients that are registered, of merged ones those that took their place."""
    known = [key for key in CLIENTS if world.stream(f"client/{key}").history]
    return list(dict.fromkeys(world.survivor(key) for key in known)) or ["acme"]
