"""The dates of cases as a calendar (RFC 5545): one event for each, the same one as long as the case lives."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from services.console.frame.catalogue import gettext
from services.mail.composing import DUE
from services.mail.words import line, paragraph
from services.ready import CONSOLE
from workflows.nonconformity.case import LIVE, Case
from workflows.nonconformity.deadlines import Deadline

if TYPE_CHECKING:
    from icalendar import Event

PRODUCT = "-//Closeout//Deadlines//EN"
MEDIA_TYPE = "text/calendar; charset=utf-8"

OFTEN = timedelta(hours=1)
"""How often calendar programs are asked to look again (RFC 7986, 5.7)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A case beside its id, how often it changed, and when it last did."""

    id: str
    case: Case
    seq: int
    at: datetime


def calendar(entries: Sequence[Entry], name: str, url: str, domain: str) -> bytes:
    """The calendar of these cases; a date that has ended is cancelled, one that stands still is tentative."""
    # Loaded when first asked for: an API that was killed has to be back soon.
    from icalendar import Calendar, Event  # noqa: PLC0415

    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", line(name))
    made.add("refresh-interval", OFTEN, parameters={"value": "DURATION"})
    for entry in entries:
        for deadline in entry.case.deadlines:
            made.add_component(_told(Event(), entry, deadline, url, domain))
    return bytes(made.to_ical())


def _told(event: "Event", entry: Entry, deadline: Deadline, url: str, domain: str) -> "Event":
    case = entry.case
    event.add("uid", f"{entry.id}.{deadline.kind}@{domain}")
    event.add("dtstamp", entry.at)
    event.add("last-modified", entry.at)
    event.add("sequence", entry.seq)
    if deadline.by_day:
        day = deadline.due_at.astimezone(ZoneInfo(case.zone)).date()
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
        event.add("transp", "TRANSPARENT")
    else:
        event.add("dtstart", deadline.due_at)
    title = line(case.finding.title if case.finding else "", 120)
    event.add("summary", f"{gettext(DUE[deadline.kind])}: {line(case.number or '', 40)} {title}".strip())
    event.add("description", paragraph("\n".join(deadline.explanation)))
    event.add("url", f"{url}{CONSOLE}/cases/{entry.id}")
    event.add("status", _status(case, deadline))
    return event


def _status(case: Case, deadline: Deadline) -> str:
    if deadline.has_ended or case.status not in LIVE:
        return "CANCELLED"
    return "TENTATIVE" if deadline.state == "stopped" else "CONFIRMED"
