"""Somebody's dates as a calendar (RFC 5545): one event for each, the same one as long as its case or review lives."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from services.console.frame.catalogue import gettext, mark
from services.console.frame.explaining import because
from services.console.frame.navigation import PATHS
from services.mail.composing import DUE
from services.mail.words import line, paragraph
from workflows.committee.review import Review, papers_of
from workflows.nonconformity.case import LIVE, Case
from workflows.nonconformity.deadlines import Deadline

if TYPE_CHECKING:
    from icalendar import Event

PRODUCT = "-//Closeout//Deadlines//EN"
MEDIA_TYPE = "text/calendar; charset=utf-8"

OFTEN = timedelta(hours=1)
"""How often calendar programs are asked to look again (RFC 7986, 5.7)."""

DECIDE = mark("Committee to decide by")


@dataclass(frozen=True, slots=True)
class Date:
    """A date: by what name it is known, what is due, why, and where it is looked at.

    `zone` is set where it ends with a day there; `seq` is how often its thing changed, `changed_at` when it last did.
    """

    key: str
    due_at: datetime
    zone: str | None
    summary: str
    description: str
    path: str
    status: str
    seq: int
    changed_at: datetime


def of_case(id: str, case: Case, seq: int, changed_at: datetime) -> Iterator[Date]:
    """The dates of a case; one that has ended is cancelled, one that stands still is tentative."""
    title = case.finding.title if case.finding else ""
    for deadline in case.deadlines:
        yield Date(
            key=f"{id}.{deadline.kind}",
            due_at=deadline.due_at,
            zone=case.zone if deadline.by_day else None,
            summary=_summary(DUE[deadline.kind], case.number, title),
            description=_why(deadline, ZoneInfo(case.zone)),
            path=f"{PATHS['nonconformity']}/{id}",
            status=_status(case, deadline),
            seq=seq,
            changed_at=changed_at,
        )


def of_review(id: str, review: Review, member: str, seq: int, changed_at: datetime) -> Iterator[Date]:
    """By when a review has to be decided; cancelled once it has ended, and for a member who does not sit."""
    papers = papers_of(review)
    if review.due_at is None:
        return
    waits = review.status == "convened" and member in review.sitting
    yield Date(
        key=f"{id}.decision",
        due_at=review.due_at,
        zone=papers.zone if papers.end_of_day and papers.rules.within.in_days else None,
        summary=_summary(DECIDE, papers.number, papers.title),
        description=papers.reason,
        path=f"{PATHS['committee_review']}/{id}",
        status="CONFIRMED" if waits else "CANCELLED",
        seq=seq,
        changed_at=changed_at,
    )


def calendar(dates: Sequence[Date], name: str, url: str, domain: str) -> bytes:
    """The calendar of these dates."""
    # Loaded when first asked for: an API that was killed has to be back soon.
    from icalendar import Calendar, Event  # noqa: PLC0415

    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", line(name))
    made.add("refresh-interval", OFTEN, parameters={"value": "DURATION"})
    for date in dates:
        made.add_component(_told(Event(), date, url, domain))
    return bytes(made.to_ical())


def _told(event: "Event", date: Date, url: str, domain: str) -> "Event":
    event.add("uid", f"{date.key}@{domain}")
    event.add("dtstamp", date.changed_at)
    event.add("last-modified", date.changed_at)
    event.add("sequence", date.seq)
    if date.zone is not None:
        day = date.due_at.astimezone(ZoneInfo(date.zone)).date()
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(days=1))
        event.add("transp", "TRANSPARENT")
    else:
        event.add("dtstart", date.due_at)
    event.add("summary", date.summary)
    event.add("description", paragraph(date.description))
    event.add("url", f"{url}{date.path}")
    event.add("status", date.status)
    return event


def _why(deadline: Deadline, area: ZoneInfo) -> str:
    """Why a date is what it is, by the client's clock: whoever subscribes has none of their own here."""
    lines = [because(line, area, area) for line in deadline.explanation]
    return "\n".join([*lines, gettext("Times are in %(zone)s.") % {"zone": area.key}])


def _summary(due: str, number: str | None, title: str) -> str:
    return f"{gettext(due)}: {line(number or '', 40)} {line(title, 120)}".strip()


def _status(case: Case, deadline: Deadline) -> str:
    if deadline.has_ended or case.status not in LIVE:
        return "CANCELLED"
    return "TENTATIVE" if deadline.state == "stopped" else "CONFIRMED"
