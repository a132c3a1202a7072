"""How dates are counted, in words, and the packaged policies as tables: a chapter of docs/procedure.md."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence

from workflows.nonconformity.deadlines import CLIENT_DATES
from workflows.policy import Grade, Limit, Policy, Step, Terms

_ANCHORS = {
    "issue": "issue",
    "receipt": "receipt",
    "audit_end": "the audit's last day",
    "detection": "detection",
    "certificate_expiry": "the certificate's expiry",
}
_BREACHES = {"warn": "", "committee": ", then the committee", "upgrade": ", then a major"}


def clocks(policy: Policy, policies: Sequence[Policy]) -> str:
    """The rules of dates with the figures of one policy, then all the others."""
    rules = [
        textwrap.fill(rule, 112, initial_indent=f"{number}. ", subsequent_indent="   ", break_on_hyphens=False)
        for number, rule in enumerate(_rules(policy), start=1)
    ]
    return f"""\
## Clocks

The dates of the packaged policy `{policy.name}` {policy.version} ({policy.title}), as ISO 8601 durations:

{_table(policy)}

{chr(10).join(rules)}

### Packaged policies

`{policy.name}` is for everybody. A scheme's or a regulator's rules name the scheme: they hold for each nonconformity
against it. One body's own rules name a tenant: they hold for the tenant of that name, and another that wants them
copies the file into its own folder of policies (`--policies`) and writes its own name there. A folder's policies
replace packaged ones of their names. What a source does not say is left out, but for the close-out, which then is the
default's. Where a source lets a minor wait for the next audit, it waits twelve months at most unless the source says
otherwise, and one left undone then becomes a major.

{_catalogue([other for other in policies if other.name != policy.name])}"""


def _rules(policy: Policy) -> Iterator[str]:
    """Each rule, with a policy's figures."""
    day = "with that day in the client's time zone (23:59:59)" if policy.end_of_day else "at the same time of that day"
    review = f"has {policy.review.within}" if policy.review else "has no time set"
    yield (
        "**Policy.** Chosen when a nonconformity is issued, by tenant, scheme (the standards that were not "
        "fulfilled), audit stage and grade: one for the tenant goes before one for the scheme, that before one "
        "for the stage, that before one for the grade; of these the newest in force. It is copied whole into the "
        "case, with the closed days of its calendar: a changed file changes no open case."
    )
    yield (
        "**Anchor.** Issuing fixes the dates, counted from the policy's anchor or from the step's own: issue, "
        f"receipt (as acknowledged, deemed after {policy.deemed_receipt} at the latest), the audit's last day, or "
        f"detection. This policy: {_ANCHORS[policy.anchor]}. An anchor that nobody stated is replaced by issue, "
        "and the explanation says so."
    )
    yield (
        "**Days.** A step counts calendar days and months, or working days: those that neither the week closes "
        "nor the holidays of the country, or part of it, that the policy names (or of the client's own). The day "
        "of the anchor does not count. Everything else counts calendar days."
    )
    yield f"**End of day.** A duration in days or months ends {day}; one in hours or seconds ends to the second."
    yield (
        "**Roll.** A date in days that falls on a closed day goes to the next open one (`forward`), to the last "
        "one (`backward`, but never back to the instant from which it counts) or stays (`none`). This policy: "
        f"`{policy.roll}`."
    )
    yield (
        "**The next audit.** A step may come due at the end of the client's next audit of one of the finding's "
        "standards, as it is planned at issue, and at the latest after a time that the policy names."
    )
    yield (
        "**Minimum response.** A date already past when it is counted becomes that instant plus "
        f"{policy.minimum_response}."
    )
    yield (
        "**Stops.** While the certification body holds plan or evidence, these dates stand still: "
        f"{' and '.join(policy.stops) or 'none'}. They run again later by the days held, those in working days by "
        "the working days held. A date that stops is kept by the client's submission, one that does not by the "
        "body's decision on it. The close-out date stands still only by a committee's decision."
    )
    yield (
        f"**Review.** The body's own clock runs from each submission to its decision; it {review}. Its breach is "
        "recorded like any other; no client asks for more time for it."
    )
    yield (
        f"**Returns.** A return, a voided acceptance and a reopening set {policy.resubmission} from then in place "
        f"of the step's date. After more than {policy.round_limit} returns the committee is called."
    )
    yield (
        "**Met or late.** The correction's date is judged when a correction is first recorded, the plan's when "
        "the plan is accepted, the evidence's when it is verified, the close-out's at close-out; one that stood "
        "still then, by the instant at which it stopped. A date is kept up to and including its own instant. "
        "`overdue` compares the running date with the time of the question."
    )
    yield (
        "**Extensions.** Asked for before the date, with a reason and interim containment, one at a time; at "
        f"most {policy.extensions.longest} after the first date in all. A reviewer grants "
        f"{policy.extensions.reviewer_grants} a date, the committee decides on more; a grade may have its own "
        "caps. A request falls with its date."
    )
    yield (
        f"**Hard limits.** Nothing moves a close-out date past one of these: {_limits(policy)}. One whose anchor "
        "nobody stated does not hold, and the date's explanation says so."
    )
    yield (
        "**Regrading, receipt, another policy.** The dates are counted anew from the same anchors, moved as far "
        "as stops, returns and extensions had moved the old ones; what was met or late stays; each old date "
        "stays in the explanation. A minor that becomes a major because it was left undone has its dates from "
        "then on; its hard limits stay where they were, but for those that were past already."
    )
    yield (
        f"**Reminders.** {', '.join(map(str, policy.reminders)) or 'None'} from the date, for dates in days at "
        f"{policy.remind_at:%H:%M} in the client's zone; each once for the present date, those that lie before "
        "the date was set not at all; after an outage what was due is recorded at once."
    )
    yield (
        "**Breach.** A missed date is recorded once. Where the table says so it calls the committee, one review "
        "at a time, or makes a minor a major."
    )
    yield (
        "**Acceptance.** Once a plan is accepted, a new, dropped or changed action voids the acceptance; a date "
        f"may move by {policy.tolerance} in all from the one that was accepted."
    )
    yield (
        "**The latest safe submission.** For each running date of the client: the last instant at which it can "
        "do what is asked next and nothing is missed although the body takes its whole review time at each "
        "submission that is left. Found by counting back from the date itself and from those after it; the "
        "earliest holds, and all are named."
    )


def _table(policy: Policy) -> str:
    named: Iterator[tuple[Grade | str, Terms]] = iter(
        (("major", policy.major), ("minor", policy.minor), ("ofi", policy.ofi), *policy.labels.items())
    )
    rows = [
        f"| {name} | {' | '.join(_step(getattr(terms, kind), policy) for kind in CLIENT_DATES)} |"
        for name, terms in named
        if name != "ofi" or terms != Terms()
    ]
    return "\n".join(["| Grade | Correction | Plan | Evidence | Close-out |", "|---|---|---|---|---|", *rows])


def _step(step: Step | None, policy: Policy) -> str:
    if step is None:
        return "-"
    days = " working days" if (step.days or policy.days) == "working" else ""
    within = f"next audit, at most {step.within}" if step.at else f"{step.within}{days}"
    anchor = f" from {_ANCHORS[step.anchor]}" if step.anchor else ""
    return f"{within}{anchor}{_BREACHES[step.on_breach]}"


def _limits(policy: Policy) -> str:
    return "; ".join(_limit(limit) for limit in policy.limits) or "none"


def _limit(limit: Limit) -> str:
    within = "" if str(limit.within) == "P0D" else f"{limit.within} from "
    scope = ", ".join([*limit.grades, *limit.stages])
    return f"{within}{_ANCHORS[limit.anchor]}" + (f" ({scope})" if scope else "")


def _catalogue(policies: Iterable[Policy]) -> str:
    return "\n".join(line for policy in policies for line in _entry(policy))


def _entry(policy: Policy) -> Iterator[str]:
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
    more = [f"from {_ANCHORS[policy.anchor]}"]
    more += [f"limits: {_limits(policy)}"] if policy.limits else []
    more += [f"review {policy.review.within}"] if policy.review else []
    more += [f"days of {policy.calendar}"] if policy.calendar.country else []
    more += ["rolled " + policy.roll] if policy.roll != "none" else []
    more += ["majors with a follow-up audit"] if policy.major.follow_up else []
    more += [f"since {policy.effective_from}"] if policy.effective_from.year > 2000 else []
    yield f"**`{policy.name}` {policy.version}** ({'; '.join(scope)}): {policy.title}. {_sentence('; '.join(more))}."
    if policy.source:
        yield f"Source: {policy.source}."
    yield ""
    yield _table(policy)
    yield ""


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
