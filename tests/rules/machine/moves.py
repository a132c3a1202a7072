"""Who may try what: for each command of every procedure, bodies that could be accepted as things stand."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from tests.rules import walks as w
from tests.rules.life import KEYS, SIGN, Day, In
from tests.rules.machine.certified import of_audits, of_certificates
from tests.rules.machine.ground import CLIENTS, PEOPLE, Ground
from workflows.committee.records import EFFECTS
from workflows.decider import kind_of
from workflows.nonconformity.case import LIVE, Case
from workflows.nonconformity.deadlines import CLIENT_DATES
from workflows.procedure import Row
from workflows.registry import PROCEDURES

Body = Mapping[str, Any]
SO: Body = {"reason": "So"}
SIGNED: Body = {"signature": SIGN}
STATED: Body = {"statement": "So", "signature": SIGN}
ROWS = [(kind, row) for kind, procedure in PROCEDURES.items() for row in procedure.rows]
COMMANDS = [(kind, row.command) for kind, row in ROWS if not row.internal]
INTERNAL = [(kind, row.command) for kind, row in ROWS if row.internal]
HEARD = ("revise_finding", "note_pass")
"""What comes by what sources report again."""
ZONES = ("UTC", "Europe/Vienna", "Pacific/Kiritimati", "America/New_York")

NEEDS: Mapping[str, Callable[[Any], object]] = {
    "plan_action": lambda case: case.causes and len(case.actions) < 4,
    "attach_evidence": lambda case: case.causes,
    "revise_action": lambda case: case.actions,
    "drop_action": lambda case: case.actions,
    "complete_action": lambda case: [action for action in case.actions if action.done_on is None],
    "answer": lambda case: case.questions,
    "answer_complaint": lambda case: case.complaints,
    "request_extension": lambda case: [one for one in case.deadlines if one.state == "running"],
    "excuse_lateness": lambda case: [one for one in case.deadlines if one.missed_at is not None],
    "repair_concern": lambda audit: [concern for concern in audit.concerns if concern.state == "open"],
    "return_concern": lambda audit: [concern for concern in audit.concerns if concern.state == "repaired"],
    "clear_concern": lambda audit: [concern for concern in audit.concerns if concern.state != "cleared"],
}
"""What a state must hold, for a body of these commands to be possible: the commands' own guards look at the body."""

ALWAYS: Mapping[str, Sequence[Body]] = {
    "dismiss": [SO],
    "acknowledge": [{}],
    "record_correction": [w.CORRECTION, {"text": "So", "not_possible_because": "It is gone"}],
    "record_cause": [w.CAUSE, {**w.CAUSE, "causes": [{"key": "c1", "text": "So"}, {"key": "c2", "text": "So"}]}],
    "propose_plan": [{}],
    "submit_plan": [SIGNED],
    "accept_plan": [SIGNED],
    "return_plan": [w.RETURN.body],
    "confirm_effectiveness": [STATED],
    "submit_evidence": [SIGNED],
    "verify": [STATED],
    "require_follow_up": [{"on": Day(3), **SO}],
    "record_follow_up": [{"on": Day(0), "result": one, "statement": "So"} for one in ("effective", "not_effective")],
    "apply_policy": [{"policy": name, **SIGNED} for name in ("internal", "older", "default", "stricter")],
    "close": [STATED],
    "reopen": [SO],
    "deny_extension": [SO],
    "excuse_lateness": [{"deadline": kind, **SO} for kind in ("plan", "evidence", "closure")],
    "propose_withdrawal": [SO],
    "confirm_withdrawal": [SO],
    "escalate": [SO],
    "comment": [{"text": "So"}, {"text": "So", "section": "plan"}],
    "assign": [{"role": "reviewer", "person": "reviewer2"}],
    "dispute": [{"wanted": wanted, **SO} for wanted in ("withdraw", "regrade")],
    "appeal": [SO],
    "ask": [{"text": "So?", "of": side} for side in ("client", "certification_body")],
    "complain": [{"text": "So"}, {"text": "So", "about": "reviewer"}],
    "decide": [w.DECIDE.body],
    "convene": [{"members": [f"member{n}" for n in of]} for of in ((1, 2, 3), (1, 2, 3, 4), (2, 3), (1, 4))],
    "change_settings": [{"four_eyes": flag, "internal_confirmation": not flag} for flag in (True, False)],
}
"""The bodies that no state makes better."""


def bodies(world: Ground, name: str, command: str) -> Sequence[Body]:
    """Bodies for a command to a stream as things stand."""
    if command in ALWAYS:
        return ALWAYS[command]
    key, kind = name.partition("/")[2], kind_of(name)
    if kind == "audit":
        return of_audits(world, key, command)
    if kind == "certificate":
        return of_certificates(world, key, command)
    if kind == "committee_review":
        return _of_reviews(world, name, command)
    if kind == "client":
        return list(_of_clients(world, key, command))
    state = world.stream(name).state
    assert isinstance(state, Case)
    return list(OF_CASES[command](world, key, state))


def is_at_hand(world: Ground, name: str, command: str) -> bool:
    """Whether a stream holds what a command is about."""
    return command not in NEEDS or bool(NEEDS[command](world.stream(name).state))


def fitting(row: Row, client: str | None) -> Sequence[str]:
    """The actors whose roles a row names; of this client, where they are a client's."""
    named = [name for name, (of, roles) in PEOPLE.items() if row.who & {*roles} and of in (None, client)]
    return [*named, *(name for name in KEYS if row.who & KEYS[name].roles)] or ["observer"]


def _report(world: Ground, key: str, case: Case) -> Iterator[Body]:
    registered = [known for known in CLIENTS if world.stream(f"client/{known}").history]
    for client in dict.fromkeys(world.survivor(known) for known in registered or ["acme"]):
        source = {"system": "audit-notes", "external_id": key}
        finding = {**w.FINDING, "source": source, "client": client, "department": "IT"}
        held = [held for held in world.names("audit") if world.client_of(held) == client]
        keys = [one.partition("/")[2] for one in world.names("certificate") if world.client_of(one) == client]
        finding["certificates"] = keys[:1]
        for grade in ({}, {"grade": "minor"}, {"grade": "minor"}, {"grade": "major"}, {"grade": "ofi"}):
            yield {"finding": {**finding, **grade}}
            for one in held:
                audit = {"ref": one.partition("/")[2], "stage": world.state(one).outline.stage}
                yield {"finding": {**finding, **grade, "audit": audit}}
        yield {"finding": {**finding, "statement": "", "grade": "major"}}
        brought = {"closure": (world.now + timedelta(days=20)).isoformat()}
        history = {"grade": "minor", "issued_on": "2026-02-01", "deadlines": brought}
        yield {"finding": {**finding, "history": history}}
        for name in (one for one in world.names("nonconformity") if world.client_of(one) == client):
            yield {"finding": {**finding, "grade": "minor", "recurrence_of": name.partition("/")[2]}}


def _revise_finding(world: Ground, key: str, case: Case) -> Iterator[Body]:
    found = case.finding.model_dump(mode="json") if case.finding else w.FINDING
    history = {"grade": "major", "issued_on": "2026-02-02", "deadlines": []}
    changes: Sequence[Body] = ({"statement": "So"}, {"severity": "high"}, {"grade": "major"}, {"history": history})
    yield from ({"finding": {**found, **change}} for change in (*changes, {"client": "nobody"}))


def _complete(world: Ground, key: str, case: Case) -> Iterator[Body]:
    """What is lacking, other words for it, and the source's own again."""
    yield from (
        {"statement": "So"},
        {"statement": "So it was", "process": "IT", **SO},
        {"statement": "", "process": ""},
    )


def _issue(world: Ground, key: str, case: Case) -> Iterator[Body]:
    if case.finding is not None and case.finding.history is not None:
        yield {"grade": case.finding.history.grade}
    yield from ({"grade": "minor"}, {"grade": "major"}, {"grade": "ofi", **SO})
    yield from ({"grade": "major", "label": "critical"}, {"grade": "minor", "label": "slight"})


def _regrade(world: Ground, key: str, case: Case) -> Iterator[Body]:
    other = "minor" if case.grade == "major" else "major"
    yield from ({"grade": other, **SO}, {"grade": case.grade or "ofi", **SO})
    yield {"grade": other, "label": "critical" if other == "major" else "slight", **SO}


def _plan_action(world: Ground, key: str, case: Case) -> Iterator[Body]:
    causes, keys = [cause.key for cause in case.causes] or ["c1"], _keys(case)
    free = [key for key in ("a1", "a2", "a3", "a4") if key not in keys or not case.actions] or ["a5"]
    yield w.action(free[0], causes=causes)
    yield w.action(keys[0])
    yield w.action(free[-1], causes=causes, after=[keys[0]])


def _revise_action(world: Ground, key: str, case: Case) -> Iterator[Body]:
    changes: Sequence[Body] = ({"due_on": Day(22)}, {"due_on": Day(60)}, {"text": "So"}, {"after": []})
    yield from ({"key": key, **change} for key in _keys(case) for change in changes)


def _attach(world: Ground, key: str, case: Case) -> Iterator[Body]:
    shown = [cause.key for cause in case.causes] or ["c1"]
    sites = [one.site for one in case.extents]
    yield {**w.EVIDENCE, "shows": shown}
    yield {**w.EVIDENCE, "shows": shown, **({"site": sites[-1]} if sites else {})}


def _return_evidence(world: Ground, key: str, case: Case) -> Iterator[Body]:
    sections = [{"shows": key, "reason": "Whose?"} for key in _keys(case)]
    yield from ({"to": to, "sections": sections} for to in ("plan", "evidence"))


def _defer(world: Ground, key: str, case: Case) -> Iterator[Body]:
    yield SO
    yield from ({"audit": name.partition("/")[2], **SO} for name in world.names("audit"))


def _request_extension(world: Ground, key: str, case: Case) -> Iterator[Body]:
    for one in [one for one in case.deadlines if one.kind in CLIENT_DATES]:
        for days in (1, 5, 20, 200):
            until = (one.due_at + timedelta(days=days)).isoformat()
            yield {"deadline": one.kind, "until": until, **SO, "containment": "So"}
    yield w.MORE_TIME.body


def _grant_extension(world: Ground, key: str, case: Case) -> Iterator[Body]:
    asked = case.extension.until.isoformat() if case.extension else In("P20D")
    yield from ({"until": asked, **SO}, {"until": In("P10D"), **SO})


def _aggregate(world: Ground, key: str, case: Case) -> Iterator[Body]:
    cases = {name.partition("/")[2]: world.state(name) for name in world.names("nonconformity")}
    others = [
        name
        for name, other in cases.items()
        if name != key and (other.grade, other.client) == ("minor", case.client) and other.status in LIVE
    ]
    said = {"title": "Access is not managed", "statement": "Two processes do not remove access.", **SO}
    yield {"others": others or ["0190-sister"], **said}
    yield {"others": others[:1] or ["0190-nobody"], **said}


def _answer(world: Ground, key: str, case: Case) -> Iterator[Body]:
    yield from ({"question": one.key, "text": "So"} for one in case.questions)
    yield {"question": "q1", "text": "So"}


def _answer_complaint(world: Ground, key: str, case: Case) -> Iterator[Body]:
    yield from ({"complaint": one.key, "text": "So"} for one in case.complaints)
    yield {"complaint": "k1", "text": "So"}


def _decide_dispute(world: Ground, key: str, case: Case) -> Iterator[Body]:
    for outcome in ("upheld", "rejected", "rejected"):
        yield {"outcome": outcome, **SO, **SIGNED}
    yield {"outcome": "upheld", "effect": "regrade", **SO, **SIGNED}


OF_CASES: Mapping[str, Callable[[Ground, str, Case], Iterator[Body]]] = {
    "report": _report,
    "complete": _complete,
    "issue": _issue,
    "revise_finding": _revise_finding,
    "note_pass": lambda world, key, case: ({"reason": one} for one in ("passed", "resolved")),
    "regrade": _regrade,
    "plan_action": _plan_action,
    "revise_action": _revise_action,
    "drop_action": lambda world, key, case: ({"key": key, **SO} for key in _keys(case)),
    "complete_action": lambda world, key, case: (
        {"key": key, "done_on": Day(0)}
        for key in [action.key for action in case.actions if action.done_on is None] or _keys(case)
    ),
    "attach_evidence": _attach,
    "return_evidence": _return_evidence,
    "record_extent": lambda world, key, case: (
        {"site": site, "affected": site == "Linz", "text": "So"} for site in ("Linz", "Wien")
    ),
    "defer_verification": _defer,
    "request_extension": _request_extension,
    "grant_extension": _grant_extension,
    "aggregate": _aggregate,
    "answer": _answer,
    "answer_complaint": _answer_complaint,
    "decide_dispute": _decide_dispute,
    "decide_appeal": lambda world, key, case: ({"outcome": one, **SO, **SIGNED} for one in ("upheld", "rejected")),
}
"""The bodies of the other commands on a case."""


def _of_reviews(world: Ground, name: str, command: str) -> Sequence[Body]:
    review = world.stream(name).state
    if command == "recuse":
        return [{"person": person, **SO} for person in review.sitting or ("member1",)]
    liked = [vote.choice for vote in review.votes[:1]] * 6
    # Ten days are more time once a date was missed, a hundred before.
    soon = w.vote("", until=In("P10D")).body
    return [soon, *(w.vote("", choice).body for choice in (*liked, *EFFECTS))]


def _of_clients(world: Ground, key: str, command: str) -> Iterator[Body]:
    match command:
        case "register":
            for zone in ZONES:
                yield {"key": key, "name": key.title(), "zone": zone, "aliases": [f"{key} Ltd"], "country": "AT"}
        case "revise":
            yield from ({"zone": zone} for zone in ZONES)
            yield from ({"sites": sites} for sites in (["Linz", "Wien"], ["Vienna", "Graz"], []))
        case "merge":
            yield from ({"into": into, **SO} for into in CLIENTS if into != key)


def _keys(case: Case) -> list[str]:
    return [action.key for action in case.actions] or ["a1"]
