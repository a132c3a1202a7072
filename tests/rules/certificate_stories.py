"""The stories of certificates and of merged clients: every row as it is accepted, every refusal of its guards."""

from dataclasses import replace

from tests.rules import audits as a
from tests.rules import certificates as c
from tests.rules import walks as w
from tests.rules.life import Day, Step, Steps, Wait

BACK = Step("scheme_manager", "merge", {"into": "acme", "reason": "The other way round"}, "globex")
RUN_OUT = Wait("P696D")
"""What was transferred in expires."""

SITES = Step("scheme_manager", "revise", {"sites": ["Vienna"]}, "client")

ACCEPTED: tuple[tuple[Step, Steps], ...] = (
    (c.APPLY, ()),
    (c.TRANSFER, ()),
    (c.GRANT, c.READY),
    (c.RENEW, (c.TRANSFER, *c.AGAIN)),
    (c.SUSPEND, c.ACTIVE),
    (c.RESTORE, c.SUSPENDED),
    (c.REDUCE, c.ACTIVE),
    (c.WITHDRAW, c.ACTIVE),
    (w.MERGE, (w.GLOBEX,)),
)
"""A step for each row that people reach, and the walk before it."""

REFUSED: tuple[tuple[Step, Steps, str], ...] = (
    *(
        (step, walk, code)
        for begin in (c.APPLY, c.TRANSFER)
        for step, walk, code in (
            (c.anew(begin, client="nobody"), (), "client_unknown"),
            (begin, w.MERGED, "client_merged"),
            (begin, (SITES,), "site_unknown"),
        )
    ),
    (c.anew(c.APPLY, client="globex"), (w.GLOBEX, *c.WITHDRAWN), "certificate_of_another"),
    (c.anew(c.TRANSFER, issued_on=Day(1)), (), "issued_ahead"),
    (c.anew(c.TRANSFER, expires_on=Day(700)), (), "beyond_cycle"),
    (c.anew(c.TRANSFER, cases=["0190-case"]), (), "case_unknown"),
    (c.anew(c.GRANT, issued_on=Day(-1)), c.READY, "issued_before_decision"),
    (c.anew(c.RENEW, issued_on=Day(-1)), (c.TRANSFER, *c.AGAIN), "issued_before_decision"),
    (c.GRANT, (*a.CONCLUDED, c.APPLY), "stage1_missing"),
    *(
        (step, walk, "stands_against")
        for step, walk in (
            (c.GRANT, (a.plan(stage1_waived="As one"), *a.CONCLUDED[1:], c.APPLY, *w.found("major"))),
            (c.RENEW, (c.TRANSFER, *c.AGAIN, *w.found("minor", "recertification"))),
            (c.RESTORE_EXPIRED, (c.TRANSFER, *c.AGAIN, RUN_OUT, *w.found("major", "recertification"))),
        )
    ),
    (c.anew(c.TRANSFER, expires_on=Day(-1)), (), "expired_already"),
    (c.anew(c.GRANT, issued_on=Day(1)), c.APPLIED, "issued_ahead"),
    (c.anew(c.GRANT, issued_on=Day(-9), expires_on=Day(-1)), c.APPLIED, "expired_already"),
    *(
        (c.anew(step, audit="A-9"), walk, "audit_unknown")
        for step, walk in ((c.GRANT, c.APPLIED), (c.RENEW, c.ACTIVE), (c.RESTORE_EXPIRED, c.EXPIRED))
    ),
    *(
        (step, walk, "audit_missing")
        for step, walk in (
            (c.GRANT, c.APPLIED),
            (c.GRANT, (*c.WITHDRAWN, c.APPLY)),
            (c.RENEW, c.ACTIVE),
            (c.RESTORE_EXPIRED, c.EXPIRED),
        )
    ),
    *(
        (c.anew(step, audit="A-1"), walk, "not_the_latest_audit")
        for step, walk in (
            (c.GRANT, (*a.CONCLUDED, c.APPLY, *c.NEXT)),
            (c.RENEW, (c.TRANSFER, *c.AGAIN, *c.NEXT)),
            (c.RESTORE_EXPIRED, (c.TRANSFER, *c.AGAIN, *c.NEXT, RUN_OUT)),
        )
    ),
    (c.anew(c.GRANT, expires_on=Day(1100)), c.APPLIED, "beyond_cycle"),
    (c.anew(c.RENEW, expires_on=Day(2200)), c.ACTIVE, "beyond_cycle"),
    *(
        (replace(step, actor="member1"), (*PART, *walk), "had_part_in_audit")
        for PART in ((a.plan(team=[a.LEAD, {"person": "member1"}]), a.START),)
        for step, walk in (
            (c.GRANT, c.APPLIED),
            *((step, (c.TRANSFER,)) for step in (c.RENEW, c.SUSPEND, c.REDUCE, c.WITHDRAW)),
            (c.RESTORE, (c.TRANSFER, c.signs("suspend", "member2"))),
        )
    ),
    *(
        (step, walk, "not_recommended")
        for step, walk in (
            (c.GRANT, (*a.ENDED, c.APPLY)),
            (c.GRANT, (a.plan("stage1"), c.APPLY)),
            (c.anew(c.GRANT, audit="A-1"), (*a.ENDED, c.APPLY)),
            (c.anew(c.GRANT, audit="A-1"), (a.plan("surveillance"), *a.CONCLUDED[1:], *c.READY)),
            (c.RENEW, (c.TRANSFER, *a.ENDED)),
            (c.RESTORE_EXPIRED, (c.TRANSFER, *a.ENDED, RUN_OUT)),
        )
    ),
    (c.set_aside("r-2"), c.BY_CASE, "nothing_to_set_aside"),
    (c.anew(c.RENEW, issued_on=Day(1097)), c.ACTIVE, "issued_ahead"),
    (c.anew(c.RENEW, expires_on=Day(1095)), c.ACTIVE, "not_longer"),
    (c.RESTORE, c.BY_CASE, "cases_unresolved"),
    (c.RESTORE_EXPIRED, c.TOO_LATE, "restoration_too_late"),
    (c.RESTORE, c.EXPIRED, "expiry_missing"),
    (c.RESTORE_EXPIRED, c.SUSPENDED, "expiry_fixed"),
    (c.anew(c.RESTORE_EXPIRED, expires_on=Day(-1)), c.EXPIRED, "expired_already"),
    (c.anew(c.RESTORE_EXPIRED, expires_on=Day(1096)), c.EXPIRED, "beyond_cycle"),
    (c.anew(c.REDUCE, standards=["ISO 14001"]), c.ACTIVE, "not_on_certificate"),
    (c.anew(c.REDUCE, sites=["Linz"]), c.ACTIVE, "not_on_certificate"),
    (c.anew(c.REDUCE, standards=["ISO 27001", "ISO 9001"]), c.ACTIVE, "nothing_left"),
    (c.anew(c.REDUCE, sites=["Graz", "Vienna"]), c.ACTIVE, "nothing_left"),
    (c.anew(c.REDUCE, scope=c.WHAT["scope"]), c.ACTIVE, "scope_unchanged"),
    (c.decision("refuse"), c.ACTIVE, "no_effect"),
    (c.decision("suspend"), c.APPLIED, "no_effect"),
    (c.resolve("another"), c.BY_CASE, "not_a_cause"),
    (c.anew(c.CHANGE, client="nobody"), c.ACTIVE, "client_unknown"),
    (c.anew(w.MERGE, into="acme"), (), "merge_into_itself"),
    (w.MERGE, (), "survivor_unknown"),
    (w.MERGE, (w.GLOBEX, BACK), "survivor_merged"),
    (w.MERGE, w.MERGED, "merged_already"),
)
"""A step for each refusal of a row's own guards, and the walk before it."""
