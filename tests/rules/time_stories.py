"""The stories of dates that move or are missed: extensions, excuses."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.rules import walks as w
from tests.rules.dispute_stories import by
from tests.rules.life import In, Step, Steps

ONE_MORE = by(
    "owner", "request_extension", deadline="plan", until=In("P25D"), reason="HR is still away", containment="As before"
)
SECOND: Steps = (*w.OPEN, w.MORE_TIME, w.GRANT, ONE_MORE)
EXCUSE = by("reviewer", "excuse_lateness", deadline="plan", reason="Our outage")

ACCEPTED: tuple[tuple[Step, Steps], ...] = (
    (w.MORE_TIME, w.OPEN),
    (w.GRANT, (*w.OPEN, w.MORE_TIME)),
    (by("reviewer", "deny_extension", reason="Not contained"), (*w.OPEN, w.MORE_TIME)),
    (EXCUSE, w.LATE),
)
"""A step, and the steps after which it is possible."""

REFUSED: tuple[tuple[Step, Steps, str], ...] = (
    (w.MORE_TIME, (*w.OPEN, w.MORE_TIME), "extension_pending"),
    (w.MORE_TIME, w.SUBMITTED, "deadline_not_running"),
    (w.MORE_TIME, w.LATE, "deadline_passed"),
    *(
        (replace(step, body={**step.body, "until": until}), steps, code)
        for step, steps in ((w.MORE_TIME, w.OPEN), (w.GRANT, (*w.OPEN, w.MORE_TIME)))
        for until, code in ((In("P1D"), "not_later"), (In("P90D"), "extension_too_long"))
    ),
    (w.GRANT, w.OPEN, "no_extension_requested"),
    (by("reviewer", "grant_extension", until=In("P21D"), reason="So"), (*w.OPEN, w.MORE_TIME), "more_than_asked"),
    (w.GRANT, SECOND, "committee_grants"),
    (w.GRANT, (*w.ESCALATED, w.MORE_TIME), "under_review"),
    (by("reviewer", "deny_extension", reason="So"), w.OPEN, "no_extension_requested"),
    (by("reviewer", "deny_extension", reason="So"), SECOND, "under_review"),
    (by("reviewer", "excuse_lateness", deadline="plan", reason="So"), w.OPEN, "not_late"),
    (EXCUSE, (*w.LATE, EXCUSE), "already_excused"),
)
"""A step, the steps after which it is refused, and the code."""

LIMITED: tuple[tuple[Step, Steps, str, Mapping[str, Any]], ...] = (
    (
        by("owner", "request_extension", deadline="closure", until=In("P100D"), reason="So", containment="So"),
        w.OPEN,
        "beyond_limit",
        {"limit": "P95D"},
    ),
    (
        by("reviewer", "grant_extension", until=In("P100D"), reason="So"),
        (
            *w.OPEN,
            by("owner", "request_extension", deadline="closure", until=In("P92D"), reason="So", containment="So"),
        ),
        "beyond_limit",
        {"limit": "P95D"},
    ),
)
"""The same under another policy."""
