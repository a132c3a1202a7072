"""The stories of committee reviews: who sits, who votes, and when it decides."""

from dataclasses import replace
from typing import Any

from tests.rules import walks as w
from tests.rules.dispute_stories import ESCALATE
from tests.rules.life import In, Step, Steps, Wait


def sit(actor: str, command: str, **body: Any) -> Step:
    """A step on the review."""
    return Step(actor, command, body, "committee_review")


TIED: Steps = (w.vote("member1"), w.vote("member2", "suspend"), w.vote("member3", "dismiss"))
"""Three votes of three minds."""

ACCEPTED: tuple[tuple[Step, Steps], ...] = (
    (sit("scheme_manager", "convene", members=["member1", "member2", "member3"]), w.ESCALATED),
    (sit("member1", "recuse", person="member1", reason="My brother works there"), w.ESCALATED),
    (w.vote("member1"), w.ESCALATED),
    (w.vote("member1", "suspend"), (*w.ESCALATED, w.vote("member1"))),
    (w.DECIDE, (*w.ESCALATED, *w.votes())),
    (w.DECIDE, (*w.ESCALATED, *TIED, w.vote("member1", "suspend"))),
)
"""A step, and the steps after which it is possible."""

REFUSED: tuple[tuple[Step, Steps, str], ...] = (
    (sit("scheme_manager", "convene", members=["owner"]), w.ESCALATED, "not_committee"),
    (sit("member1", "recuse", person="member2", reason="So"), w.ESCALATED, "recuse_another"),
    (sit("scheme_manager", "recuse", person="owner", reason="So"), w.ESCALATED, "not_a_member"),
    (w.vote("member1", until=None), w.ESCALATED, "until_missing"),
    (w.vote("member1", until=In("-P1D")), w.ESCALATED, "until_past"),
    (w.vote("member1", "suspend", until=In("P100D")), w.ESCALATED, "until_without"),
    (w.vote("member1", until=In("P80D")), w.ESCALATED, "not_later"),
    (w.vote("member1", until=In("P1000D")), w.ESCALATED, "beyond_limit"),
    (w.vote("member1", until=In("P1000D")), (*w.opened("minor"), ESCALATE), "too_long"),
    (w.vote("member1", "refuse"), w.ESCALATED, "refusal_only_initial"),
    (w.vote("member1", "regrade"), (*w.OFI, ESCALATE), "not_a_nonconformity"),
    *(
        (replace(step, actor="member4"), (*w.ESCALATED, *before), code)
        for step in (w.vote("member4"), w.DECIDE)
        for code, before in (
            ("recused", (sit("member4", "recuse", person="member4", reason="So"),)),
            ("not_sitting", (sit("scheme_manager", "convene", members=["member1", "member2", "member3"]),)),
        )
    ),
    (w.DECIDE, (*w.ESCALATED, w.vote("member1")), "quorum_missing"),
    (w.DECIDE, (*w.ESCALATED, *TIED), "no_majority"),
    (w.DECIDE, (*w.ESCALATED, *w.votes(), Wait("P101D")), "until_past"),
    (
        w.DECIDE,
        (*w.ESCALATED, *w.votes("suspend"), w.vote("member2"), w.vote("member3", "dismiss")),
        "no_majority",
    ),
)
"""A step, the steps after which it is refused, and the code."""
