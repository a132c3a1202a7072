"""The stories of what is completed of a finding in triage."""

from tests.rules import walks as w
from tests.rules.dispute_stories import by
from tests.rules.life import Step, Steps

COMPLETE = by("auditor", "complete", statement=w.FINDING["statement"])
"""What the incomplete finding lacks."""

REWORD = by("auditor", "complete", statement="Leavers kept their access.")
"""Other words than its source's."""

ACCEPTED: tuple[tuple[Step, Steps], ...] = ((COMPLETE, w.INCOMPLETE),)

REFUSED: tuple[tuple[Step, Steps, str], ...] = (
    (by("auditor", "complete"), w.INCOMPLETE, "nothing_completed"),
    (COMPLETE, w.REPORTED, "nothing_completed"),
    (by("auditor", "complete", statement="", requirements=[]), w.REPORTED, "nothing_completed"),
    (COMPLETE, (*w.INCOMPLETE, COMPLETE), "nothing_completed"),
    (REWORD, w.REPORTED, "rewording_unexplained"),
    (
        by("auditor", "complete", requirements=["ISO 9001 8.2"], title="Leavers", sites=["Linz"]),
        w.REPORTED,
        "rewording_unexplained",
    ),
)
