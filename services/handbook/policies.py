"""Policies in words: their dates as a table, their limits, and those that are packaged."""

from collections.abc import Iterable, Iterator

from services.handbook.words import table
from workflows.grades import Grade
from workflows.nonconformity.deadlines import CLIENT_DATES
from workflows.policy import Anchor, Limit, LimitAnchor, Policy, Step, Terms

ANCHORS: dict[Anchor | LimitAnchor, str] = {
    "issue": "issue",
    "receipt": "receipt",
    "audit_end": "the audit's last day",
    "detection": "detection",
    "certificate_expiry": "the certificate's expiry",
}
_BREACHES = {"warn": "", "committee": ", then the committee", "upgrade": ", then a major"}


def terms(policy: Policy) -> str:
    """The dates of each grade and label."""
    named: Iterator[tuple[Grade | str, Terms]] = iter(
        (("major", policy.major), ("minor", policy.minor), ("ofi", policy.ofi), *policy.labels.items())
    )
    return table(
        ("Grade", "Correction", "Plan", "Evidence", "Close-out"),
        [
            (name, *(_step(getattr(dates, kind), policy) for kind in CLIENT_DATES))
            for name, dates in named
            if name != "ofi" or dates != Terms()
        ],
    )


def limits(policy: Policy) -> str:
    """The hard limits."""
    return "; ".join(_limit(limit) for limit in policy.limits) or "none"


def catalogue(policies: Iterable[Policy]) -> str:
    """Each policy with whom it is for, what it says, and where that was published."""
    return "\n\n".join(block for policy in policies for block in _entry(policy))


def _entry(policy: Policy) -> Iterator[str]:
    yield f"### `{policy.name}` {policy.version}"
    scope = [
        f"{what} {', '.join(names)}"
        for what, names in (
            ("tenant", policy.tenants),
            ("scheme", policy.schemes),
            ("stage", policy.stages),
            ("grade", policy.grades),
        )
        if names
    ]
    more = [f"for {'; '.join(scope)}" if scope else "for everybody", f"from {ANCHORS[policy.anchor]}"]
    more += [f"limits: {limits(policy)}"] if policy.limits else []
    more += [f"review {policy.review.within}"] if policy.review else []
    more += [f"days of {policy.calendar}"] if policy.calendar.country else []
    more += ["rolled " + policy.roll] if policy.roll != "none" else []
    more += ["majors with a follow-up audit"] if policy.major.follow_up else []
    more += [f"since {policy.effective_from}"] if policy.effective_from.year > 2000 else []
    said = f"{policy.title}: {'; '.join(more)}."
    yield f"{said} Source: {policy.source}." if policy.source else said
    yield terms(policy)


def _step(step: Step | None, policy: Policy) -> str:
    if step is None:
        return "-"
    days = " working days" if (step.days or policy.days) == "working" else ""
    within = f"next audit, at most {step.within}" if step.at else f"{step.within}{days}"
    anchor = f" from {ANCHORS[step.anchor]}" if step.anchor else ""
    return f"{within}{anchor}{_BREACHES[step.on_breach]}"


def _limit(limit: Limit) -> str:
    within = "" if str(limit.within) == "P0D" else f"{limit.within} from "
    scope = ", ".join([*limit.grades, *limit.stages])
    return f"{within}{ANCHORS[limit.anchor]}" + (f" ({scope})" if scope else "")
