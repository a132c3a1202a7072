"""What `closeout simulate` says: the calendar of a life under a policy, as a table or as JSON."""

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from workflows.canonical import instant
from workflows.policy_book import read as read_policy
from workflows.simulator.calendar import Left, Line
from workflows.simulator.moments import in_our_time
from workflows.simulator.play import Played, play
from workflows.simulator.scenario import ScenarioError, located, read

EXAMPLE = Path(__file__).parent.parent / "examples" / "nobody-answers.toml"
WIDE = 160
"""How wide a table is that goes to a file or another program."""


def simulate(policy: Path | None, scenario: Path, until: str | None, *, as_json: bool) -> bool:
    """Plays a scenario, under a policy in place of its own, and prints its calendar; whether it went as expected.

    Raises ScenarioError and PolicyError for files that cannot be used.
    """
    told = read(scenario)
    zone = ZoneInfo(told.client.zone)
    last = _day(until, zone) if until is not None else None
    if last is not None and last < told.begins:
        raise ScenarioError(f"--until {until}: the scenario begins on {told.begins.astimezone(zone):%Y-%m-%d}")
    played = play(told, read_policy(policy) if policy else None, last)
    lines = [line for line in played.lines if last is None or line.at <= last]
    text = scenario.read_text(encoding="utf-8")
    failures = [located(scenario, text, failure.place, failure.why) for failure in played.failures]
    if as_json:
        sys.stdout.write(document(played, lines, failures))
    else:
        console = Console(width=None if sys.stdout.isatty() else WIDE)
        console.print(table(played, lines, zone))
        if played.left:
            console.print(dates(played.left, zone))
        console.print(_summary(played, lines, zone), markup=False, highlight=False)
    sys.stderr.writelines(f"{failure}\n" for failure in failures)
    return not failures


def table(played: Played, lines: Sequence[Line], zone: ZoneInfo) -> Table:
    """The calendar; below the rule, what comes while nobody acts any more."""
    made = Table(title=f"{escape(played.scenario.title)} (times in {zone.key})", title_justify="left", box=SIMPLE_HEAD)
    for column in ("when", "of what", "what", "by", "why"):
        made.add_column(column, overflow="fold", no_wrap=column == "when")
    idle = False
    for line in lines:
        if line.idle and not idle:
            idle = True
            made.add_section()
            made.add_row("", "", "[italic]from here on nobody acts", "", "")
        # How a date came about is told where it was set, moved or missed, and not at each of its reminders again.
        why = () if line.event.endswith("reminded") else line.why
        cells = (_said(line.at, zone), line.thing, line.what, line.by, "\n".join(why))
        made.add_row(*(escape(cell) for cell in cells), style=_style(line))
    return made


def dates(left: Sequence[Left], zone: ZoneInfo) -> Table:
    """The dates that stood after the last step."""
    made = Table(title="as the last step left it", title_justify="left", box=SIMPLE_HEAD)
    for column in ("of what", "status", "date", "due", "state", "safe until", "why"):
        made.add_column(column, overflow="fold", no_wrap=column in ("due", "safe until"))
    for one in left:
        if not one.dates:
            what = "next wake-up" if one.wake_up else ""
            made.add_row(escape(one.thing), one.status, what, _said(one.wake_up, zone), "", "", "")
        for date in one.dates:
            due, safe, why = _said(date.due_at, zone), _said(date.safe_until, zone), "\n".join(date.explanation)
            made.add_row(escape(one.thing), one.status, date.kind, due, date.state, safe, escape(why))
    return made


def document(played: Played, lines: Sequence[Line], failures: Sequence[str]) -> str:
    """`{title, policies, zone, started, acted, until, holds, failures, calendar, left}` as JSON."""
    told = {
        "title": played.scenario.title,
        "policies": [f"{policy.name} {policy.version}" for policy in played.world.policies.policies],
        "zone": played.scenario.client.zone,
        "started": instant(played.scenario.begins),
        "acted": instant(played.acted),
        "until": instant(played.until),
        "holds": not failures,
        "failures": list(failures),
        "calendar": [line.model_dump(mode="json") for line in lines],
        "left": [one.model_dump(mode="json") for one in played.left],
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _summary(played: Played, lines: Sequence[Line], zone: ZoneInfo) -> str:
    clock = sum(line.cause == "clock" for line in lines)
    outcome = f"{len(played.failures)} expectations failed" if played.failures else "as expected"
    end = played.until.astimezone(zone).date()
    return f"{len(lines)} lines until {end}, {clock} of them by the clock alone: {outcome}"


def _said(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M}" if at else ""


def _style(line: Line) -> str:
    if line.cause == "refused":
        return "red"
    if line.cause == "clock":
        return "yellow" if line.event.endswith("reminded") else "bold yellow"
    return ""


def _day(text: str, zone: ZoneInfo) -> datetime:
    """The end of a day in the client's zone, or an instant."""
    try:
        found = in_our_time(datetime.fromisoformat(text))
    except ValueError as error:
        raise ScenarioError(f"--until {text}: a date such as 2030-12-31 is expected, up to 2199") from error
    if len(text) == len("2030-12-31"):
        found = datetime.combine(found, time.max)
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
