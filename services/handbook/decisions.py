"""What the committee may decide, and what each choice does to the case and to certificates."""

from collections.abc import Mapping
from typing import get_args

from services.handbook.words import table
from workflows.committee.records import EFFECTS
from workflows.nonconformity.commands import Choice
from workflows.nonconformity.records.committee import TOUCHES
from workflows.policy import Policy

STILL = "the close-out date stands still until the committee, called anew, gives it a date"

_CASE: Mapping[Choice, str] = {
    "extend": "the date in question (the close-out; the one for which more time was asked) moves to the earliest of "
    "the dates voted for that is still ahead, never to an earlier one than its own, never past a hard limit, and where "
    "none holds at most {deferral} on; the close-out runs again if it stood still",
    "special_audit": "with a date: as *extend*, but the audit may come before the close-out; without: the close-out "
    "date is {deferral} after the decision; until then a follow-up has to find the corrective actions effective, "
    "before anything is verified or closed out",
    "suspend": "the close-out date is {suspension} after the decision",
    "reduce_scope": STILL,
    "withdraw_certificate": STILL,
    "refuse": f"after stage 1 and stage 2 only; {STILL}",
    "regrade": "the grade becomes the other than that in the papers of the review, with dates counted anew; where it "
    "is that already, nothing happens; not for an OFI",
    "dismiss": "it is `dismissed`",
}
_CERTIFICATE: Mapping[Choice, str] = {
    "suspend": "suspended, or one more cause of a suspension that lasts",
    "reduce_scope": "recorded as reduced; what is taken out is said by `reduce`",
    "withdraw_certificate": "withdrawn",
    "refuse": "refused",
}


def effects(policy: Policy) -> str:
    """A row a choice."""
    figures = {"deferral": policy.deferral.longest, "suspension": policy.suspension.longest}
    return table(
        ("Choice", "Written effect", "On the case", "On certificates that are", "What becomes of them"),
        [
            (
                f"`{choice}`",
                EFFECTS[choice],
                _CASE[choice].format(**figures),
                ", ".join(sorted(TOUCHES.get(choice, ()))) or "-",
                _CERTIFICATE.get(choice, "nothing"),
            )
            for choice in get_args(Choice)
        ],
    )
