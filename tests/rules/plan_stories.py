"""The stories of the way from correction to evidence: what the client does, and what the body sends back."""

from tests.rules import walks as w
from tests.rules.dispute_stories import by
from tests.rules.life import SIGN, Day, Step, Steps
from workflows.nonconformity.guards import MOST_ACTIONS, MOST_EVIDENCE

CONFIRMED: Steps = (Step("approver", "change_settings", {"internal_confirmation": True}, "client"),)
CONFIRM = by("internal_auditor", "confirm_effectiveness", statement="Sampled again: none", signature=SIGN)
DETECTED: Steps = w.opened(detected_at="2026-03-02T08:00:00Z")
ATTACH = Step("owner", "attach_evidence", w.EVIDENCE)
FULL_OF_ACTIONS: Steps = (*w.ANALYSED, *(Step("owner", "plan_action", w.action(f"b{n}")) for n in range(MOST_ACTIONS)))
FULL_OF_EVIDENCE: Steps = (*w.ACCEPTED, *([ATTACH] * MOST_EVIDENCE))

ACCEPTED: tuple[tuple[Step, Steps], ...] = (
    (Step("owner", "record_correction", w.CORRECTION), w.OPEN),
    (Step("owner", "record_cause", w.CAUSE), w.OPEN),
    (Step("owner", "plan_action", w.action()), w.ANALYSED),
    (by("owner", "revise_action", key="a1", text="Hourly"), w.PLANNED),
    (by("owner", "drop_action", key="a1", reason="Too dear"), w.PLANNED),
    (by("owner", "propose_plan"), w.PLANNED),
    (w.SUBMIT, w.PLANNED),
    (w.RETURN, w.SUBMITTED),
    (w.ACCEPT, w.SUBMITTED),
    (ATTACH, w.ACCEPTED),
    (by("owner", "complete_action", key="a1", done_on=Day(0)), w.ACCEPTED),
    (CONFIRM, w.EVIDENCED),
    (w.SUBMIT_EVIDENCE, w.EVIDENCED),
    (by("reviewer", "return_evidence", to="evidence", sections=[{"shows": "a1", "reason": "Whose?"}]), w.IN_REVIEW),
)
"""A step, and the steps after which it is possible."""

REFUSED: tuple[tuple[Step, Steps, str], ...] = (
    (Step("owner", "record_correction", w.CORRECTION), w.OFI, "no_plan_duty"),
    (Step("owner", "record_correction", w.CORRECTION), w.SUBMITTED, "plan_under_review"),
    (Step("owner", "record_correction", {**w.CORRECTION, "done_on": Day(2)}), w.OPEN, "done_in_future"),
    (Step("owner", "record_correction", {**w.CORRECTION, "done_on": "2026-03-01"}), DETECTED, "done_too_early"),
    (Step("owner", "record_cause", w.CAUSE), w.OFI, "no_plan_duty"),
    (
        Step("owner", "record_cause", {**w.CAUSE, "causes": [{"key": "c2", "text": "Another"}]}),
        w.PLANNED,
        "cause_in_use",
    ),
    (Step("owner", "plan_action", w.action()), w.OFI, "no_plan_duty"),
    (Step("owner", "plan_action", w.action("a2")), w.SUBMITTED, "plan_under_review"),
    (Step("owner", "plan_action", w.action()), w.OPEN, "cause_missing"),
    (Step("owner", "plan_action", w.action("more")), FULL_OF_ACTIONS, "case_full"),
    (ATTACH, FULL_OF_EVIDENCE, "case_full"),
    (Step("owner", "plan_action", w.action()), w.PLANNED, "action_exists"),
    (Step("owner", "plan_action", w.action(causes=["c9"])), w.ANALYSED, "cause_unknown"),
    (Step("owner", "plan_action", w.action(after=["a9"])), w.ANALYSED, "predecessor_unknown"),
    (Step("owner", "plan_action", w.action(after=["a1"])), w.ANALYSED, "action_cycle"),
    (by("owner", "revise_action", key="a1", text="So"), w.OFI, "no_plan_duty"),
    (by("owner", "revise_action", key="a1", text="So"), w.SUBMITTED, "plan_under_review"),
    (by("owner", "revise_action", key="a9", text="So"), w.PLANNED, "action_unknown"),
    (by("owner", "revise_action", key="a1", causes=["c9"]), w.PLANNED, "cause_unknown"),
    (by("owner", "revise_action", key="a1", after=["a9"]), w.PLANNED, "predecessor_unknown"),
    (
        by("owner", "revise_action", key="a1", after=["a2"]),
        (*w.PLANNED, Step("owner", "plan_action", w.action("a2", after=["a1"]))),
        "action_cycle",
    ),
    (by("owner", "drop_action", key="a1", reason="So"), w.OFI, "no_plan_duty"),
    (by("owner", "drop_action", key="a1", reason="So"), w.SUBMITTED, "plan_under_review"),
    (by("owner", "drop_action", key="a9", reason="So"), w.PLANNED, "action_unknown"),
    (
        by("owner", "drop_action", key="a1", reason="So"),
        (*w.PLANNED, Step("owner", "plan_action", w.action("a2", after=["a1"]))),
        "action_awaited",
    ),
    *(
        (step, steps, code)
        for step in (by("owner", "propose_plan"), w.SUBMIT)
        for steps, code in (
            (w.OFI, "no_plan_duty"),
            (w.OPEN, "correction_missing"),
            ((*w.OPEN, Step("owner", "record_correction", w.CORRECTION)), "cause_missing"),
            (w.ANALYSED, "cause_without_action"),
            ((*w.ANALYSED, Step("owner", "plan_action", w.action(owner=None))), "action_without_owner"),
            ((*w.ANALYSED, Step("owner", "plan_action", w.action(due_on=None))), "action_without_date"),
        )
    ),
    (
        by("all_in_one", "submit_plan", signature=SIGN),
        (*w.ANALYSED, Step("all_in_one", "plan_action", w.action())),
        "four_eyes",
    ),
    (w.RETURN, w.ACCEPTED, "plan_not_under_review"),
    (w.ACCEPT, w.ACCEPTED, "plan_not_under_review"),
    (ATTACH, w.OFI, "no_plan_duty"),
    (ATTACH, w.OPEN, "cause_missing"),
    (ATTACH, w.ANALYSED, "shows_unknown"),
    (Step("owner", "attach_evidence", {**w.EVIDENCE, "produced_on": Day(1)}), w.ACCEPTED, "done_in_future"),
    (by("owner", "complete_action", key="a1", done_on=Day(0)), w.OFI, "no_plan_duty"),
    (by("owner", "complete_action", key="a9", done_on=Day(0)), w.ACCEPTED, "action_unknown"),
    (by("owner", "complete_action", key="a1", done_on=Day(0)), w.EVIDENCED, "already_completed"),
    (
        by("owner", "complete_action", key="a2", done_on=Day(0)),
        (*w.PLANNED, Step("owner", "plan_action", w.action("a2", after=["a1"]))),
        "action_waits",
    ),
    (by("owner", "complete_action", key="a1", done_on=Day(2)), w.ACCEPTED, "done_in_future"),
    (by("owner", "complete_action", key="a1", done_on="2026-03-01"), (*DETECTED, *w.PLANNED[1:]), "done_too_early"),
    (CONFIRM, w.SUBMITTED, "plan_not_accepted"),
    (
        by("all_in_one", "confirm_effectiveness", statement="So", signature=SIGN),
        (*w.ANALYSED, Step("owner", "plan_action", w.action(owner="All_In_One")), w.SUBMIT, w.ACCEPT),
        "not_independent",
    ),
    (w.SUBMIT_EVIDENCE, w.SUBMITTED, "plan_not_accepted"),
    (w.SUBMIT_EVIDENCE, w.ACCEPTED, "cause_not_evidenced"),
    (w.SUBMIT_EVIDENCE, (*CONFIRMED, *w.EVIDENCED), "effectiveness_not_confirmed"),
    (
        by("reviewer", "return_evidence", to="plan", sections=[{"shows": "x9", "reason": "So"}]),
        w.IN_REVIEW,
        "shows_unknown",
    ),
)
"""A step, the steps after which it is refused, and the code."""
