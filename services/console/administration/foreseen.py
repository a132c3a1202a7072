"""The calendar of a policy: a finding as the simulator plays it, where nobody acts after the report. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date
from zoneinfo import ZoneInfo

from services.console.pictures import dates_picture
from services.console.pictures.dates_picture import Picture
from services.console.things.history import Told
from workflows.calendars import OF_THE_CLIENT
from workflows.client.commands import Register
from workflows.grades import Grade
from workflows.nonconformity.case import Case
from workflows.policy import Policy
from workflows.simulator.calendar import Left, Line
from workflows.simulator.play import play
from workflows.simulator.scenario import Scenario, Step

SHOWN = 100
"""Lines of the calendar that are listed at most."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a policy comes to: the picture of the dates at the report, None where it sets none, and what follows.

    `dates` say why each date is what it is; `trouble` why the life could not be played.
    """

    zone: str
    picture: Picture | None
    dates: Sequence[Left]
    lines: Sequence[Line]
    trouble: Sequence[str] = ()


def foresee(policy: Policy, grade: Grade, on: date, zone: ZoneInfo) -> Foreseen:
    """The calendar for a client in the policy's country, in UTC, of a finding that is reported on a day at nine.

    It is drawn by the clock of a reader's zone.
    """
    country = None if policy.calendar.country == OF_THE_CLIENT else policy.calendar.country
    client = Register(key="client", name="The client", country=country)
    report = Step.model_validate({"who": "auditor", "do": "report", "with": {"grade": grade}})
    scenario = Scenario.model_validate(
        {"title": "A finding that nobody answers", "start": on, "client": client, "steps": [report]}
    )
    played = play(scenario, policy)
    stream = played.names.get(report.on)
    cases = [turn.after for turn in played.world.turns if turn.stream == stream and turn.at <= played.acted]
    drawn = None
    if cases and isinstance(cases[-1], Case):
        drawn = dates_picture.picture(cases[-1], Told(), played.acted.astimezone(UTC), zone)
    trouble = [failure.why for failure in played.failures]
    return Foreseen(client.zone, drawn, played.left, played.lines[:SHOWN], trouble)
