"""The figures and words that the prose of the handbook takes from a policy and from the rules."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from services.handbook import policies
from services.handbook.words import table
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity.correspondence import MOST_ANSWERED
from workflows.nonconformity.deadlines import Anchors
from workflows.nonconformity.folds.source import MOST_WORDS
from workflows.nonconformity.guards import MOST_QUESTIONS
from workflows.policy import Policy

_ISSUED = datetime(2030, 3, 4, 8, tzinfo=UTC)
_ZONE = "Europe/Vienna"


def figures(policy: Policy) -> dict[str, object]:
    """What the texts name in braces."""
    day = "with that day in the client's time zone (23:59:59)" if policy.end_of_day else "at the same time of that day"
    later = policy.deferral.unverified == "upgrade"
    return {
        "policy": policy,
        "terms": policies.terms(policy),
        "anchor": policies.ANCHORS[policy.anchor],
        "end_of_day": day,
        "stops": " and ".join(policy.stops) or "none",
        "review": str(policy.review.within) if policy.review else "no time set",
        "limits": policies.limits(policy),
        "reminders": ", ".join(map(str, policy.reminders)) or "None",
        "reviewers": " and ".join(policy.reviewers),
        "separate_closer": "" if policy.separate_closer else ", where the policy asks for that",
        "unverified": " (by policy; another only records it)" if later else " by policy; this one only records it",
        "most_questions": MOST_QUESTIONS,
        "most_answered": MOST_ANSWERED,
        "most_words": MOST_WORDS,
        "example": latest_safe_example(policy),
    }


def latest_safe_example(policy: Policy) -> str:
    """A major on the day of its issue: its dates, the latest safe instants, and why."""
    dates = clocks.fix(policy, "major", Anchors(issue=_ISSUED), _ZONE)
    by_kind = {date.kind: date for date in dates}
    area = ZoneInfo(_ZONE)
    rows = [
        (
            "close-out" if safe.kind == "closure" else safe.kind,
            f"{by_kind[safe.kind].due_at.astimezone(area):%Y-%m-%d %H:%M:%S}",
            f"{safe.at.astimezone(area):%Y-%m-%d %H:%M:%S}",
            "; ".join(safe.explanation),
        )
        for safe in clocks.latest_safe(dates, policy, _ZONE, ("plan", "evidence"))
    ]
    said = f"A major that is issued {_ISSUED.astimezone(area):%Y-%m-%d %H:%M} in {_ZONE}, nothing submitted yet:"
    return f"{said}\n\n{table(('Date', 'Due', 'Latest safe', 'Because'), rows)}"
