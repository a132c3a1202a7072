"""Who may try what: for each command of every procedure, bodies that could be accepted in some state."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from tests.rules import audits
from tests.rules import certificates as held
from tests.rules import lineage_stories as lineage
from tests.rules import walks as w
from tests.rules.life import KEYS, ROLES, SIGN, Day, In, World
from workflows.procedure import Row
from workflows.registry import PROCEDURES

Body = Mapping[str, Any]

ACTORS: Sequence[str] = (*ROLES, *KEYS, "machine:reviewer")
COMMANDS = [(kind, row.command) for kind, procedure in PROCEDURES.items() for row in procedure.rows]
SHOWN = [{"shows": "a1", "reason": "Whose?"}]
SO: Body = {"reason": "So"}
SIGNED: Body = {"signature": SIGN}
TOLD: Body = {"statement": "So"}
STATED: Body = {"statement": "So", "signature": SIGN}
CONFIRMS = [{"internal_confirmation": True}, {"internal_confirmation": False}]
GRADES: Sequence[Body] = ({}, {"grade": "minor"}, {"grade": "major"}, {"grade": "ofi"})
REPORTS = [{"finding": {**w.FINDING, **grade}} for grade in GRADES]
BODIES: Mapping[str, Mapping[str, Sequence[Body]]] = {
    "nonconformity": {
        "report": REPORTS,
        "issue": [{"grade": "minor"}, {"grade": "major"}, {"grade": "ofi", **SO}],
        "dismiss": [SO],
        "regrade": [{"grade": grade, **SO} for grade in ("minor", "major", "ofi")],
        "acknowledge": [{}],
        "record_correction": [w.CORRECTION, {"text": "So", "not_possible_because": "It is gone"}],
        "record_cause": [w.CAUSE, {**w.CAUSE, "causes": [{"key": "c1", "text": "So"}, {"key": "c2", "text": "So"}]}],
        "propose_plan": [{}],
        "submit_plan": [SIGNED],
        "accept_plan": [SIGNED],
        "return_plan": [w.RETURN.body],
        "confirm_effectiveness": [STATED],
        "submit_evidence": [SIGNED],
        "return_evidence": [{"to": to, "sections": SHOWN} for to in ("plan", "evidence")],
        "verify": [STATED],
        "require_follow_up": [{"on": Day(3), **SO}],
        "record_follow_up": [{"on": Day(0), "result": one, **TOLD} for one in ("effective", "not_effective")],
        "defer_verification": [SO, {"audit": "A-1", **SO}],
        "call_up": [{"audit": "A-1"}],
        "audit_ended": [{"audit": "A-1", "on": Day(0)}],
        "apply_policy": [{"policy": name, **SIGNED} for name in ("internal", "minors", "default")],
        "close": [STATED],
        "reopen": [SO],
        "deny_extension": [SO],
        "excuse_lateness": [{"deadline": kind, **SO} for kind in ("plan", "evidence", "closure")],
        "propose_withdrawal": [SO],
        "confirm_withdrawal": [SO],
        "escalate": [SO],
        "apply_decision": [{"review": "none", "choice": "dismiss", "effect": "So", **SO}],
        "comment": [{"text": "So"}, {"text": "So", "section": "plan"}],
        "assign": [{"role": "reviewer", "person": "reviewer2"}],
        "dispute": [{"wanted": wanted, **SO} for wanted in ("withdraw", "regrade")],
        "decide_dispute": [{"outcome": outcome, **SO, **SIGNED} for outcome in ("upheld", "rejected")],
        "appeal": [SO],
        "decide_appeal": [{"outcome": outcome, **SO, **SIGNED} for outcome in ("upheld", "rejected")],
        "ask": [{"text": "So?", "of": side} for side in ("client", "certification_body")],
        "answer": [{"question": f"q{n}", "text": "So"} for n in (1, 2)],
        "complain": [{"text": "So"}, {"text": "So", "about": "reviewer"}],
        "answer_complaint": [{"complaint": f"k{n}", "text": "So"} for n in (1, 2)],
        "record_extent": [{"site": site, "affected": site == "Linz", "text": "So"} for site in ("Linz", "Wien")],
        "aggregate": [lineage.aggregate().body],
        "raise_systemic": [lineage.RAISED],
        "supersede": [lineage.SUPERSEDE.body],
        "change_client": [{"client": "acme"}],
    },
    "committee_review": {
        "open": [{}],
        "discontinue": [{}],
        "convene": [{"members": [f"member{n}" for n in of]} for of in ((1, 2, 3), (1, 2, 3, 4), (2, 3), (1, 4))],
        "recuse": [{"person": f"member{n}", **SO} for n in range(1, 5)],
        "vote": [w.vote("", choice).body for choice in ("extend", "special_audit", "suspend", "regrade", "dismiss")],
        "decide": [w.DECIDE.body],
    },
    "client": {
        "revise": [{"zone": zone} for zone in ("UTC", "Europe/Vienna", "Pacific/Kiritimati")],
        "change_settings": [{"four_eyes": False}, {"four_eyes": True}, *CONFIRMS],
        "merge": [{"into": into, **SO} for into in ("globex", "acme", "initech")],
        "absorb": [{"key": "old", "name": "Acme old", "aliases": ["Acme"], "sites": ["Vienna"]}],
    },
    "audit": {
        "plan": [audits.plan(stage).body for stage in ("stage1", "stage2", "surveillance", "internal")],
        "revise": [{"team": [audits.LEAD, audits.SECOND]}, {"ends_on": Day(3)}, {"ends_on": Day(-9)}],
        "start": [{}],
        "end": [{"on": Day(0)}, {"on": Day(2)}],
        "note_positive": [audits.POSITIVE.body],
        "raise_concern": [audits.concern(key).body for key in ("k1", "k2")],
        "repair_concern": [audits.REPAIR.body],
        "return_concern": [audits.RETURN.body],
        "clear_concern": [audits.CLEAR.body],
        "conclude": [audits.conclude(one).body for one in ("recommended", "recommended_on_plan", "not_recommended")],
        "cancel": [audits.CANCEL.body],
        "change_client": [{"client": "acme"}],
    },
    "certificate": {
        "apply": [held.APPLY.body, {**held.APPLY.body, "client": "globex"}],
        "transfer_in": [held.TRANSFER.body],
        "grant": [held.GRANT.body, {**held.GRANT.body, "expires_on": Day(20)}],
        "renew": [held.RENEW.body, {**held.RENEW.body, "expires_on": Day(3000)}],
        "suspend": [held.SUSPEND.body],
        "restore": [held.RESTORE.body, {**held.RESTORE.body, "expires_on": Day(15)}],
        "reduce": [{**SO, **part, **SIGNED} for part in ({"sites": ["Graz"]}, {"scope": "Less"})],
        "withdraw": [held.WITHDRAW.body],
        "apply_decision": [held.decision(choice).body for choice in ("suspend", "reduce_scope", "refuse")],
        "resolve": [held.resolve().body],
        "change_client": [{"client": "acme"}, {"client": "globex"}],
    },
}


def bodies(world: World, kind: str, command: str) -> Sequence[Body]:
    """Bodies for a command as things stand: of an extension, dates that its guards could let pass."""
    case = world.case
    keys = [one.key for one in case.actions] or ["a1"]
    match command:
        case "plan_action":
            causes = [cause.key for cause in case.causes] or ["c1"]
            free = [name for name in ("a1", "a2", "a3", "a4") if name not in keys] or ["a5"]
            return [w.action(free[0], causes=causes), w.action(keys[0]), w.action(free[-1], after=[keys[0]])]
        case "revise_action":
            changes: list[Body] = [{"due_on": Day(22)}, {"due_on": Day(60)}, {"text": "So"}, {"after": []}]
            return [{"key": key, **change} for key in keys for change in changes]
        case "drop_action":
            return [{"key": key, **SO} for key in keys]
        case "complete_action":
            return [{"key": key, "done_on": Day(0)} for key in keys]
        case "attach_evidence":
            return [{**w.EVIDENCE, "shows": [cause.key for cause in case.causes] or ["c1"]}, w.EVIDENCE]
        case "request_extension":
            found = [(one.kind, one.due_at + timedelta(days=days)) for one in case.deadlines for days in (1, 5, 40)]
            dates = [{"deadline": name, "until": until.isoformat()} for name, until in found]
            return [{**date, **SO, "containment": "So"} for date in dates] or [w.MORE_TIME.body]
        case "grant_extension":
            asked = case.extension.until.isoformat() if case.extension else In("P20D")
            return [{"until": asked, **SO}, {"until": In("P10D"), **SO}]
    return BODIES[kind][command]


def fitting(row: Row) -> Sequence[str]:
    """The actors whose roles a row names; of its client, where they are a client's."""
    named = [name for name in ROLES if row.who & {*ROLES[name][1]} and ROLES[name][0] in (None, "acme")]
    return [*named, *(name for name in KEYS if row.who & KEYS[name].roles)] or ["reaction:committee_review/none"]
