"""The stories of disputes and appeals."""

from collections.abc import Mapping
from typing import Any

from tests.rules import audits as a
from tests.rules import walks as w
from tests.rules.life import SIGN, Step, Steps, Wait


def by(actor: str, command: str, **body: Any) -> Step:
    """A step on the case."""
    return Step(actor, command, body)


def dispute(wanted: str = "withdraw") -> Step:
    """The client disputes."""
    return by("owner", "dispute", reason="The accounts are service accounts", wanted=wanted)


def decide(outcome: str = "rejected", actor: str = "reviewer", **more: Any) -> Step:
    """Somebody without a part in it decides the dispute."""
    return by(actor, "decide_dispute", outcome=outcome, reason="Both sides were heard", signature=SIGN, **more)


def decide_appeal(outcome: str = "rejected", actor: str = "reviewer") -> Step:
    """Somebody without a part in it decides the appeal."""
    return by(actor, "decide_appeal", outcome=outcome, reason="Both sides were heard", signature=SIGN)


APPEAL = by("approver", "appeal", reason="The committee had not read our letter")
ESCALATE = by("auditor", "escalate", reason="The certificate cannot stand")
DISPUTED: Steps = (*w.OPEN, dispute())
DISPUTED_DOWN: Steps = (*w.OPEN, dispute("regrade"))
MINOR_DISPUTED: Steps = (*w.opened("minor"), dispute())
DECIDED: Steps = w.decided("special_audit")
APPEALED: Steps = (*DECIDED, APPEAL)

FOUND: Steps = (*a.UNDER_WAY, *w.found("major"))
JOIN = a.by("scheme_manager", "revise", team=[a.LEAD, a.SECOND])
JOINED: Steps = (*FOUND, dispute(), JOIN)
JOINED_LATE: Steps = (*w.decided("special_audit", (*FOUND, ESCALATE)), APPEAL, JOIN)

ACCEPTED: tuple[tuple[Step, Steps], ...] = (
    (dispute(), w.OPEN),
    (decide("upheld"), DISPUTED),
    (APPEAL, DECIDED),
    (decide_appeal("upheld"), APPEALED),
)

REFUSED: tuple[tuple[Step, Steps, str, Mapping[str, Any]], ...] = (
    (dispute(), DISPUTED, "dispute_open", {}),
    (dispute(), (*w.OPEN, Wait("P31D")), "dispute_too_late", {}),
    (dispute("regrade"), w.opened("minor"), "nothing_lower", {}),
    (decide(), w.OPEN, "no_dispute", {}),
    (decide(actor="auditor"), DISPUTED, "involved", {}),
    (decide(actor="auditor2"), JOINED, "involved", {}),
    (decide("upheld", effect="regrade"), MINOR_DISPUTED, "nothing_lower", {}),
    (by("reviewer2", "regrade", grade="major", reason="So"), (*DISPUTED_DOWN, decide("upheld")), "grade_upheld", {}),
    (ESCALATE, DISPUTED, "dispute_open", {}),
    (APPEAL, w.OPEN, "nothing_to_appeal", {}),
    (APPEAL, APPEALED, "appealed_already", {}),
    (APPEAL, (*DECIDED, Wait("P31D")), "appeal_too_late", {}),
    (decide_appeal(), DECIDED, "no_appeal", {}),
    (decide_appeal(actor="auditor"), APPEALED, "involved", {}),
    (decide_appeal(actor="auditor2"), JOINED_LATE, "involved", {}),
    (decide_appeal(actor="member1"), APPEALED, "sat_in_review", {}),
    (decide_appeal(), (*APPEALED, ESCALATE), "under_review", {}),
)
