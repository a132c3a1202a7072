"""The stories of follow-up, deferral, labels, policies and moved-in cases: rows as they are accepted and refused."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.rules import audits as a
from tests.rules import walks as w
from tests.rules.life import SIGN, Day, Step, Steps, Wait


def by(actor: str, command: str, **body: Any) -> Step:
    """A command on the case."""
    return Step(actor, command, body)


def anew(step: Step, **changes: Any) -> Step:
    """The step with another body."""
    return replace(step, body={**step.body, **changes})


def surveillance(**changes: Any) -> Step:
    """The next audit of acme, in a hundred days."""
    return a.plan("surveillance", **{"starts_on": Day(100), "ends_on": Day(102), **changes})


FOLLOWED: Mapping[str, Any] = {
    "major": {
        "plan": {"within": "P14D"},
        "evidence": {"within": "P30D"},
        "closure": {"within": "P90D", "on_breach": "committee"},
        "follow_up": True,
    }
}
"""A policy under which majors are followed up."""

LABELS: Mapping[str, Any] = {
    "labels": {
        "critical": {"grade": "major", "plan": {"within": "P2D"}, "closure": {"within": "P28D"}},
        "level 2": {"grade": "minor", "plan": {"within": "P28D"}},
    }
}
"""A scheme with its own words for grades."""

REQUIRE = by("reviewer", "require_follow_up", on=Day(10), reason="Seen on site only")
RECORD = by("reviewer", "record_follow_up", on=Day(0), result="effective", statement="Ten leavers sampled: none active")
NOT_EFFECTIVE = anew(RECORD, result="not_effective", statement="Two of ten were still active")
DEFER = by("reviewer", "defer_verification", reason="Seen best on site")
TO_A1 = anew(DEFER, audit="A-1")
APPLY = by("scheme_manager", "apply_policy", policy="older", signature=SIGN)
ON_SITE = replace(w.VERIFY, actor="auditor")

MINOR_ACCEPTED: Steps = (*w.opened("minor"), *w.ACCEPTED[1:])
MINOR_SUBMITTED: Steps = (*w.opened("minor"), *w.SUBMITTED[1:])
FOLLOW_UP: Steps = (*w.IN_REVIEW, REQUIRE)
DEFERRED: Steps = (surveillance(), *MINOR_ACCEPTED, DEFER)
WITHIN = a.by("scheme_manager", "revise", starts_on=Day(0))
LATER = a.by("scheme_manager", "revise", starts_on=Day(160), ends_on=Day(162))
PUT_OFF: Steps = (*DEFERRED, LATER)
CALLED_UP: Steps = (*DEFERRED, WITHIN, Wait("P100D"), a.START)
UNVERIFIED: Steps = (*CALLED_UP, Wait("P2D"), a.END)
CALLED_OFF: Steps = (*CALLED_UP, a.CANCEL)
VOIDED: Steps = (*CALLED_UP, Step("owner", "plan_action", w.action("a2")), w.SUBMIT)
HISTORY: Mapping[str, Any] = {
    "grade": "minor",
    "issued_on": "2026-02-01",
    "deadlines": {"closure": "2026-04-01T00:00:00Z"},
}
MOVED_IN: Steps = w.report(history=HISTORY)
IN_TRIAGE: Steps = w.report("key_plain", history=HISTORY)


FROM_AUDITS = ("call_up", "move_verification", "audit_ended", "call_off")


def call(command: str, audit: str = "A-1") -> Step:
    """What an audit tells the case."""
    more: Mapping[str, Any] = {"on": Day(0)} if command == "audit_ended" else {}
    return Step("reaction:audit/A-1", command, {"audit": audit, **more})


ACCEPTED: tuple[tuple[Step, Steps], ...] = (
    (REQUIRE, w.IN_REVIEW),
    (RECORD, FOLLOW_UP),
    (DEFER, MINOR_ACCEPTED),
    (APPLY, w.OPEN),
)
"""A step for each row that people reach, and the walk before it."""

REFUSED: tuple[tuple[Step, Steps, str, Mapping[str, Any]], ...] = (
    (anew(REQUIRE, on=Day(-1)), w.IN_REVIEW, "follow_up_past", {}),
    (RECORD, w.IN_REVIEW, "no_follow_up_required", {}),
    (anew(RECORD, on=Day(1)), FOLLOW_UP, "done_in_future", {}),
    (anew(RECORD, on=Day(-1)), FOLLOW_UP, "follow_up_too_early", {}),
    (anew(RECORD, on=Day(-1)), w.IN_REVIEW, "follow_up_too_early", FOLLOWED),
    (w.VERIFY, FOLLOW_UP, "follow_up_missing", {}),
    (w.CLOSE, (*w.MINOR, REQUIRE), "follow_up_missing", {}),
    (DEFER, w.ACCEPTED, "only_minors_deferred", {}),
    (DEFER, MINOR_SUBMITTED, "plan_not_accepted", {}),
    (anew(DEFER, audit="A-9"), MINOR_ACCEPTED, "audit_unknown", {}),
    (TO_A1, (*MINOR_ACCEPTED, *a.ENDED), "audit_over", {}),
    (TO_A1, (*MINOR_ACCEPTED, a.plan("internal")), "audit_of_another_kind", {}),
    (w.VERIFY, MINOR_ACCEPTED, "not_called_up", {}),
    (ON_SITE, VOIDED, "plan_not_accepted", {}),
    (w.VERIFY, CALLED_UP, "not_at_this_audit", {}),
    *((call(command), MINOR_ACCEPTED, "not_deferred", {}) for command in FROM_AUDITS),
    *((call(command, "A-2"), DEFERRED, "deferred_elsewhere", {}) for command in FROM_AUDITS),
    (anew(APPLY, policy="nothing"), w.OPEN, "policy_unknown", {}),
    (anew(APPLY, policy="default"), w.OPEN, "policy_unchanged", {}),
    (anew(APPLY, policy="internal"), w.OPEN, "policy_does_not_cover", {}),
    *(
        (step, steps, code, LABELS)
        for step, steps in (
            (by("auditor", "issue", grade="major", label="grave"), w.REPORTED),
            (by("reviewer", "regrade", grade="minor", label="grave", reason="So"), w.OPEN),
        )
        for step, code in (
            (step, "label_unknown"),
            (anew(step, label={"major": "level 2", "minor": "critical"}[step.body["grade"]]), "label_of_another_grade"),
        )
    ),
    (by("auditor", "issue", grade="major"), IN_TRIAGE, "grade_of_history", {}),
    (by("reviewer", "regrade", grade="minor", reason="So"), w.OPEN, "no_policy", {"grades": ["major"]}),
)
"""A step for each refusal of a row's own guards, the walk before it, and what the policy says otherwise."""
