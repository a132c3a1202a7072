"""The clocks of a nonconformity: pure values, every date with its explanation.

A deadline runs, stops while the certification body holds the item, and ends met or late. Lateness is decided by
comparing instants; no clock is read here.
"""

from workflows.nonconformity.deadlines.anchoring import acknowledged, anchors, expiry, next_audit
from workflows.nonconformity.deadlines.counting import CLIENT_DATES, counting_from, fix
from workflows.nonconformity.deadlines.dates import Anchors, Deadline, Miss, Reminder, State
from workflows.nonconformity.deadlines.moving import (
    appoint,
    defer,
    end_all,
    excuse,
    extend,
    hold,
    meet,
    reanchor,
    release,
    reopen,
    resubmit,
    resume,
    stop,
)
from workflows.nonconformity.deadlines.passing import missed, next_instant, passed, reminded, reminders
from workflows.nonconformity.deadlines.safe import LatestSafe, Submission, latest_safe

__all__ = [
    "CLIENT_DATES",
    "Anchors",
    "Deadline",
    "LatestSafe",
    "Miss",
    "Reminder",
    "State",
    "Submission",
    "acknowledged",
    "anchors",
    "appoint",
    "counting_from",
    "defer",
    "end_all",
    "excuse",
    "expiry",
    "extend",
    "fix",
    "hold",
    "latest_safe",
    "meet",
    "missed",
    "next_audit",
    "next_instant",
    "passed",
    "reanchor",
    "release",
    "reminded",
    "reminders",
    "reopen",
    "resubmit",
    "resume",
    "stop",
]
