"""The stories of questions, complaints, and extent at other sites."""

from collections.abc import Mapping
from typing import Any

from tests.rules import walks as w
from tests.rules.dispute_stories import by
from tests.rules.life import Step, Steps
from workflows.nonconformity.guards import MOST_QUESTIONS, MOST_SITES

ASK = by("owner", "ask", text="Which of the accounts?", of="certification_body", section="statement")
ASK_CLIENT = by("reviewer", "ask", text="Since when?", of="client")
ANSWER = by("auditor", "answer", question="q1", text="Accounts 17 and 23")
COMPLAIN = by("owner", "complain", text="Nobody answers the telephone", about="Reviewer")
REPLY = by("scheme_manager", "answer_complaint", complaint="k1", text="We changed the number")
SITES = Step("scheme_manager", "revise", {"sites": ["Linz", "Wien"]}, "client")
EACH: Mapping[str, Any] = {"sites": "each"}


def extent(site: str = "Linz", *, affected: bool = True) -> Step:
    """The extent at a site."""
    return by("owner", "record_extent", site=site, affected=affected, text="Two accounts more")


ATTACH = Step("owner", "attach_evidence", w.EVIDENCE)

ACCEPTED: tuple[tuple[Step, Steps], ...] = (
    (ASK, w.OPEN),
    (ANSWER, (*w.OPEN, ASK)),
    (COMPLAIN, w.OPEN),
    (REPLY, (*w.OPEN, COMPLAIN)),
    (extent(), w.OPEN),
)

REFUSED: tuple[tuple[Step, Steps, str, Mapping[str, Any]], ...] = (
    (ASK, w.REPORTED, "not_issued", {}),
    (ASK, (*w.OPEN, *([ASK] * MOST_QUESTIONS)), "case_full", {}),
    (by("owner", "ask", text="So?", of="client"), w.OPEN, "own_question", {}),
    (by("owner", "answer", question="q1", text="So"), w.REPORTED, "not_issued", {}),
    (ANSWER, w.OPEN, "question_unknown", {}),
    (ANSWER, (*w.OPEN, ASK_CLIENT), "not_asked", {}),
    (COMPLAIN, w.REPORTED, "not_issued", {}),
    (COMPLAIN, (*w.OPEN, *([COMPLAIN] * MOST_QUESTIONS)), "case_full", {}),
    (REPLY, w.OPEN, "complaint_unknown", {}),
    (by("auditor", "answer_complaint", complaint="k1", text="So"), (*w.OPEN, COMPLAIN), "involved", {}),
    (by("reviewer", "answer_complaint", complaint="k1", text="So"), (*w.OPEN, COMPLAIN), "complained_about", {}),
    (extent(), w.OFI, "no_plan_duty", {}),
    (extent("Graz"), (SITES, *w.OPEN), "site_unknown", {}),
    (extent("more"), (*w.OPEN, *(extent(f"s{n}") for n in range(MOST_SITES))), "case_full", {}),
    (Step("owner", "attach_evidence", {**w.EVIDENCE, "site": "Graz"}), (SITES, *w.ACCEPTED), "site_unknown", {}),
    (w.SUBMIT_EVIDENCE, (SITES, *w.EVIDENCED, extent("Wien", affected=False)), "extent_missing", EACH),
    (
        w.SUBMIT_EVIDENCE,
        (SITES, *w.EVIDENCED, extent("Wien", affected=False), extent()),
        "site_not_evidenced",
        EACH,
    ),
)
