"""What people do again and again, as one step of a scenario: who gives which commands, in order."""

from collections.abc import Mapping
from typing import Any, Literal

Routine = Literal["prepare", "plan", "implement", "evidence", "committee"]
"""`prepare`: correction, cause and action, without submitting. `plan`: that, submitted. `implement`: the action carried
out and evidenced. `evidence`: that, submitted. `committee`: three votes, as the step's body says, and the decision."""

Given = tuple[str, str, Mapping[str, Any]]
"""Who gives which command with which body."""

_PREPARE: tuple[Given, ...] = (
    ("owner", "record-correction", {"text": "What was found is put right.", "done_on": "now"}),
    (
        "owner",
        "record-cause",
        {
            "method": "five_whys",
            "steps": ["Nobody was told to look."],
            "causes": [{"key": "c1", "text": "The work instruction does not name who looks."}],
            "extent": {"looked_at": ["all lines"], "found": ["nowhere else"]},
        },
    ),
    (
        "owner",
        "plan-action",
        {"key": "a1", "text": "Name who looks.", "causes": ["c1"], "owner": "owner", "due_on": "+20 days"},
    ),
)
_IMPLEMENT: tuple[Given, ...] = (
    (
        "owner",
        "attach-evidence",
        {"shows": ["a1"], "name": "instruction.pdf", "sha256": "ab" * 32, "media_type": "application/pdf"},
    ),
    ("owner", "complete-action", {"key": "a1", "done_on": "now"}),
)
_ROUTINES: Mapping[Routine, tuple[Given, ...]] = {
    "prepare": _PREPARE,
    "plan": (*_PREPARE, ("approver", "submit-plan", {})),
    "implement": _IMPLEMENT,
    "evidence": (*_IMPLEMENT, ("approver", "submit-evidence", {})),
}


def given(routine: Routine, body: Mapping[str, Any]) -> tuple[Given, ...]:
    """The commands of a routine; only that of the committee takes a body."""
    if routine != "committee":
        return _ROUTINES[routine]
    vote = {"reason": "As discussed.", **body}
    votes = [(member, "vote", vote) for member in ("member1", "member2", "member3")]
    return (*votes, ("member1", "decide", {"reason": "All members are of one mind."}))
