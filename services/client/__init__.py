"""A typed client of Closeout's API, for programs: paging, repeats that change nothing, webhooks verified.

docs/client.md shows it at work.
"""

from services.client.closeout import Closeout
from services.client.evidence import Evidence, NotTheSame
from services.client.models import (
    Answer,
    Case,
    Deadline,
    Event,
    Flag,
    Import,
    ImportState,
    Listed,
    Receipt,
    Receipts,
    Review,
    Signable,
    Thing,
    Trouble,
)
from services.client.transport import Failed, Unreached
from services.client.webhooks import Forged, proven, verified

__all__ = [
    "Answer",
    "Case",
    "Closeout",
    "Deadline",
    "Event",
    "Evidence",
    "Failed",
    "Flag",
    "Forged",
    "Import",
    "ImportState",
    "Listed",
    "NotTheSame",
    "Receipt",
    "Receipts",
    "Review",
    "Signable",
    "Thing",
    "Trouble",
    "Unreached",
    "proven",
    "verified",
]
