"""The stories of what its source says of a case after the report."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.rules import audits as a
from tests.rules import walks as w
from tests.rules.life import Step, Steps
from tests.rules.lineage_stories import moved

SOURCE = "reaction:source"
PASS = Step(SOURCE, "note_pass", {"reason": "resolved"})
THEIRS: Steps = (w.GLOBEX, a.plan(client="globex"))
BY_HAND = {"system": "manual", "external_id": "7"}
"""A source that over HTTP is called the same."""
REPORTED, OPEN = w.report(source=BY_HAND), w.opened(source=BY_HAND)


def revised(**changes: Any) -> Step:
    """What its source says of the finding now."""
    return Step(SOURCE, "revise_finding", {"finding": {**w.FINDING, "source": BY_HAND, **changes}})


REVISE = revised(statement="Nobody removes the access rights of leavers.")

REFUSED: tuple[tuple[Step, Steps, str, Mapping[str, Any]], ...] = (
    (revised(client="globex"), REPORTED, "another_finding", {}),
    (revised(source={**BY_HAND, "external_id": "8"}), OPEN, "another_finding", {}),
    (revised(audit={"ref": "A-1", "stage": "stage2"}), (*THEIRS, *REPORTED), "audit_of_another", {}),
    *(
        (revised(history=step.body["finding"]["history"]), REPORTED, code, {})
        for step, code in ((moved(5, issued_on=1), "history_in_future"), (moved(-11), "history_out_of_order"))
    ),
    (replace(PASS, body={"reason": "passed", "client": "globex"}), OPEN, "another_finding", {}),
)
