"""The stories of audits: every row as it is accepted, every refusal of its guards."""

from dataclasses import replace

from tests.rules import audits as a
from tests.rules import walks as w
from tests.rules.life import Day, Step, Steps
from workflows.audit.guards import MOST_CONCERNS, MOST_POSITIVES

PLAN = a.plan()
SITES: Steps = (Step("scheme_manager", "revise", {"sites": ["Vienna"]}, "client"),)
ACCEPTED: tuple[tuple[Step, Steps], ...] = (
    (PLAN, ()),
    (a.by("auditor", "revise", team=[a.LEAD, a.SECOND], ends_on=Day(3)), a.PLANNED),
    (a.START, a.PLANNED),
    (a.END, a.UNDER_WAY),
    (a.POSITIVE, a.UNDER_WAY),
    (a.concern(), a.STAGE1),
    (a.REPAIR, a.CONCERNED),
    (a.RETURN, a.REPAIRED),
    (a.CLEAR, a.REPAIRED),
    (a.conclude(), a.ENDED),
    (a.CANCEL, a.PLANNED),
)
"""A step for each row that people reach, and the walk before it."""

REFUSED: tuple[tuple[Step, Steps, str], ...] = (
    (a.plan(client="nobody"), (), "client_unknown"),
    *(
        (step, walk, code)
        for code, what, named, more in (
            ("site_unknown", "sites", ["Vienna", "Atlantis"], SITES),
            ("certificate_unknown", "certificates", ["C-9"], ()),
        )
        for step, walk in (
            (Step(PLAN.actor, PLAN.command, {**PLAN.body, what: named}, PLAN.kind), more),
            (Step("auditor", "revise", {what: named}, PLAN.kind), (*a.PLANNED, *more)),
        )
    ),
    (a.itself("plan", **PLAN.body), (), "internal_audits_only"),
    *(
        (replace(step, actor="internal_auditor"), walk, "internal_audits_only")
        for step, walk in ACCEPTED
        if step.command in ("revise", "start", "end", "note_positive", "conclude", "cancel")
    ),
    (a.by("auditor", "revise", ends_on=Day(-1)), a.PLANNED, "days_reversed"),
    *(
        (a.by("auditor2", step.command, **step.body), walk, "not_on_team")
        for step, walk in (
            (a.by("auditor", "revise", team=[a.LEAD, a.SECOND]), a.PLANNED),
            (a.START, a.PLANNED),
            (a.END, a.UNDER_WAY),
            (a.POSITIVE, a.UNDER_WAY),
            (a.concern(), a.STAGE1),
            (a.RETURN, a.REPAIRED),
            (a.CLEAR, a.REPAIRED),
            (a.conclude(), a.NO_LEAD),
            (a.CANCEL, a.PLANNED),
        )
    ),
    *(
        (step, walk, "clients_own_people")
        for team in ([a.LEAD, {"person": "internal_auditor"}], [{"person": " OWNER ", "role": "lead"}])
        for step, walk in ((a.plan(team=team), ()), (a.by("auditor", "revise", team=team), a.PLANNED))
    ),
    (a.plan("recertification", stage1_waived="As one"), (), "no_stage1_to_waive"),
    (a.by("auditor", "revise", stage1_waived="As one"), a.STAGE1, "no_stage1_to_waive"),
    (a.by("scheme_manager", "start"), (a.plan(team=[a.EXPERT]),), "team_missing"),
    (a.START, (a.plan(starts_on=Day(2)),), "too_early"),
    (a.by("scheme_manager", "revise", scope="Less"), a.ENDED, "ended_already"),
    (a.by("auditor", "revise", team=[a.SECOND]), a.ENDED, "ended_already"),
    (a.by("auditor", "cancel", reason="No"), a.ENDED, "ended_already"),
    (a.by("auditor", "end", on=Day(1)), a.UNDER_WAY, "day_ahead"),
    (a.by("auditor", "end", on=Day(-1)), a.UNDER_WAY, "day_before_start"),
    (a.POSITIVE, (*a.UNDER_WAY, *([a.POSITIVE] * MOST_POSITIVES)), "too_many"),
    (a.by("auditor", "note_positive", text="It is clean", site="Atlantis"), (*a.UNDER_WAY, *SITES), "site_unknown"),
    (a.concern(), a.UNDER_WAY, "concerns_in_stage1"),
    (a.concern(), a.CONCERNED, "concern_known"),
    (a.concern("more"), (*a.STAGE1, *(a.concern(f"k{n}") for n in range(MOST_CONCERNS))), "too_many"),
    *(
        (Step(step.actor, step.command, {**step.body, "key": "k9"}, "audit"), a.REPAIRED, "concern_unknown")
        for step in (a.REPAIR, a.RETURN, a.CLEAR)
    ),
    (a.REPAIR, a.REPAIRED, "concern_state"),
    (a.RETURN, a.CONCERNED, "not_repaired"),
    (a.CLEAR, (*a.CONCERNED, a.CLEAR), "concern_state"),
    (a.conclude(actor="auditor2"), a.TWO, "not_lead"),
    (a.conclude("not_recommended"), a.CONCLUDED, "concluded_already"),
    (a.conclude(), (*w.found("major"), *a.ENDED), "better_than_standing"),
)
"""A step for each refusal of a row's own guards, and the walk before it."""
