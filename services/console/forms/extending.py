"""What the forms about more time say before one sends them: which dates run, until when, and how far each may go. Pure.

Hours are told by the client's clock, by which they are typed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import get_args
from zoneinfo import ZoneInfo

from services.console.forms.fields import Advice, Note, Options
from services.console.frame.catalogue import gettext, ngettext
from services.console.frame.telling import there
from services.console.frame.words import lasting, word
from workflows.nonconformity.case import Case
from workflows.nonconformity.commands import ClientDate
from workflows.nonconformity.deadlines.dates import Deadline
from workflows.nonconformity.given import grade_of, policy_of
from workflows.policy import Extensions


def of_extension(case: Case, command: str, now: datetime) -> Options:
    """The dates for which more time may be asked: those of the client that run, and are not past."""
    if command != "request_extension":
        return {}
    return {"deadline": [(one.kind, word("deadline", one.kind)) for one in _running(case, now)]}


def advice_of_extension(case: Case, command: str, now: datetime) -> Mapping[str, Advice]:
    """What is said of the fields: of each date when it is and how far it may go, and so of the one that is granted."""
    match command:
        case "request_extension":
            return {
                "deadline": Advice(notes={one.kind: Note(_bounds(case, one)) for one in _running(case, now)}),
                "until": Advice(_longest(_caps(case)) if case.policy else ""),
            }
        case "grant_extension" if case.extension and (date := case.deadline(case.extension.deadline)):
            asked = there(case.extension.until, ZoneInfo(case.zone))
            said = gettext("What was asked for, %(asked)s, or less.") % {"asked": asked}
            return {"until": Advice(f"{said} {_bounds(case, date)} {_longest(_caps(case))}")}
    return {}


def _running(case: Case, now: datetime) -> Sequence[Deadline]:
    kinds = get_args(ClientDate)
    return [one for one in case.deadlines if one.kind in kinds and one.state == "running" and now <= one.due_at]


def _bounds(case: Case, date: Deadline) -> str:
    """When a date is now, and the last to which it may be moved."""
    area = ZoneInfo(case.zone)
    longest = _caps(case).longest.after(date.first_due_at, area)
    latest = longest if date.limit_at is None else min(longest, date.limit_at)
    now, at = there(date.due_at, area), there(latest, area)
    if latest <= date.due_at:
        return gettext("Due %(now)s, and no later by any extension.") % {"now": now}
    return gettext("Due %(now)s; at the latest %(at)s.") % {"now": now, "at": at}


def _longest(caps: Extensions) -> str:
    """What the policy says of extensions, before anybody asks for one."""
    said = gettext("The policy allows %(longest)s more in all, counted from the first date.")
    grants = ngettext(
        "A reviewer grants %(num)s extension of a date; further ones are the committee's.",
        "A reviewer grants %(num)s extensions of a date; further ones are the committee's.",
        caps.reviewer_grants,
    )
    return f"{said % {'longest': lasting(caps.longest)}} {grants}"


def _caps(case: Case) -> Extensions:
    return policy_of(case).caps(grade_of(case), case.label)
