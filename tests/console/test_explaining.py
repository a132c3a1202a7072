"""Lines of dates' explanations, as the rules record them in English, are told by their parts in the reader's words."""

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from services.console.frame.explaining import because, effect, limit
from tests.rules.lived import LIVES, played
from workflows.audit.audit import Audit
from workflows.nonconformity.case import Case
from workflows.simulator.dates import safe

NEW_YORK = ZoneInfo("America/New_York")
WRITTEN = re.compile(r"\d{4}-\d\d-\d\d|(?<![\w-])-?P\d|\d\d:\d\d:\d\d")
"""What no reader writes so."""

ROLLED = """runs again 2026-03-03 09:00:00 CET at once: 2026-03-09 09:00:00 CET; 2026-03-09 is closed (AT), so rolled \
forward: 2026-03-10 23:59:59 CET, no later than the hard limit P6M from receipt: 2026-03-10 12:00:00 CET"""
TOLD = """runs again 3 Mar 2026, 03:00 at once: 9 Mar 2026, 04:00; 9 Mar 2026 is closed (AT), so rolled forward: \
10 Mar 2026, 18:59, no later than the hard limit 6 months from receipt: 10 Mar 2026, 07:00"""


def lines(path: Path) -> dict[str, ZoneInfo]:
    """What the dates of a life say of themselves at any time, with the zone by whose clock they say it."""
    found: dict[str, ZoneInfo] = {}
    for turn in played(path).world.turns:
        state = turn.after
        if isinstance(state, Case):
            found |= {line: ZoneInfo(state.zone) for date in state.deadlines for line in date.explanation}
            found |= {line: ZoneInfo(state.zone) for one in safe(state).values() for line in one.explanation}
        elif isinstance(state, Audit):
            found |= {line: ZoneInfo(state.zone) for clock in state.clocks for line in clock.explanation}
    return found


@pytest.mark.parametrize("path", LIVES, ids=lambda path: path.stem)
def test_no_line_of_a_life_is_told_with_an_instant_or_a_span_as_machines_write_it(path: Path) -> None:
    said = [because(line, area, NEW_YORK) for line, area in lines(path).items()]
    rest = [re.sub(r"\(\S+ \d{4}-\d\d(-\d\d)?, .*?\)", "", one) for one in said]  # versions of policies
    assert [one for one in rest if WRITTEN.search(one)] == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            "P14D in working days (AT) from issue 2026-10-20 10:00:00 CEST: 2026-11-09 23:59:59 CET (p 1, major)",
            "14 days in working days (AT) from issue 20 Oct 2026, 04:00: 9 Nov 2026, 17:59 (p 1, “Major”)",
        ),
        (
            "closed by the calendar and not counted: 4 days of weekends, 2026-10-26",
            "closed by the calendar and not counted: 4 days of weekends, 26 Oct 2026",
        ),
        ("met: done 2026-10-25 02:30:00 CEST", "met: done 24 Oct 2026, 20:30"),
        ("met: done 2026-10-25 02:30:00 CET", "met: done 24 Oct 2026, 21:30"),
        (ROLLED, TOLD),
        ("lateness excused: until 2026-03-01, P14D", "lateness excused: until 2026-03-01, P14D"),
        ("what somebody wrote", "what somebody wrote"),
    ],
)
def test_a_line_is_told_by_its_parts_and_what_people_wrote_as_it_stands(line: str, says: str) -> None:
    assert because(line, ZoneInfo("Europe/Vienna"), NEW_YORK) == says


def test_hard_limits_and_effects_are_told_by_their_parts() -> None:
    assert limit("P180D from issue") == "180 days from issue"
    said = "The close-out date moves to 2030-06-12 09:00:00 (Europe/Vienna); the certificate stands."
    assert effect(said) == "The “Close-out” date moves to 12 Jun 2030, 09:00 (Europe/Vienna); the certificate stands."
