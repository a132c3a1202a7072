"""What a policy says that it can hardly mean: allowed, and said to whoever writes it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import combinations

from workflows.durations import Duration
from workflows.grades import Grade
from workflows.nonconformity.deadlines import Anchors, fix, latest_safe
from workflows.policy import Policy, Step, folded, steps
from workflows.policy_book import PACKAGED, read
from workflows.standards import is_known
from workflows.toml_lines import Place

_ISSUE = datetime(2030, 3, 4, 9, tzinfo=UTC)
"""An issue like any other, on a Monday."""

_NAMES = {"correction": "correction", "plan": "plan", "evidence": "evidence", "closure": "close-out"}


def doubts(policy: Policy) -> Iterator[tuple[Place, str]]:
    """Where a policy contradicts itself, and in what: steps in the wrong order, dates that limits or reviews cut short.

    And where it is for a scheme that nobody knows, and so perhaps for no finding ever; where nobody could be in time:
    the body's reviews take so long that the client would have to act before the issue; and where it gives a grade that
    it is for no date, or dates to one that it is not for.

    Only steps with the same anchor are compared; a month counts as its average, a working day as 7/5 of a day.
    """
    for number, scheme in enumerate(policy.schemes):
        if folded(scheme) not in _schemes() and not is_known(scheme):
            yield ("schemes", number), f"No standard and no packaged policy is called {scheme}."
    by_terms: dict[Place, dict[str, Step]] = {}
    for place, _, step in steps(policy):
        by_terms.setdefault(place[:-1], {})[str(place[-1])] = step
    for place, found in by_terms.items():
        # In the order in which `steps` gives them: correction, plan, evidence, closure.
        for (first, one), (last, other) in combinations(found.items(), 2):
            if _anchor(one, policy) == _anchor(other, policy) and _length(one, policy) > _length(other, policy):
                yield (*place, first), f"It comes due after the {_NAMES[last]} ({other.within})."
        if "closure" in found:
            yield from _cut(policy, place, found)
    yield from _never_safe(policy)
    yield from _undated(policy, {place[0] for place in by_terms})


@cache
def _schemes() -> frozenset[str]:
    """The schemes that packaged policies are for."""
    return frozenset(folded(scheme) for path in PACKAGED.glob("*.toml") for scheme in read(path).schemes)


def _cut(policy: Policy, place: Place, found: dict[str, Step]) -> Iterator[tuple[Place, str]]:
    closure = found["closure"]
    for number, limit in enumerate(policy.limits):
        for_it = not limit.grades or place[0] in (*limit.grades, "labels")
        if for_it and limit.anchor == _anchor(closure, policy) and _days(limit.within) < _length(closure, policy):
            yield ("limits", number), f"It comes before the close-out that it limits ({'.'.join(map(str, place))})."
    evidence = found.get("evidence")
    if (
        evidence is None
        or policy.review is None
        or evidence.at
        or _anchor(evidence, policy) != _anchor(closure, policy)
    ):
        return
    if _length(evidence, policy) + _length(policy.review, policy) > _length(closure, policy):
        yield (
            (*place, "closure"),
            f"Evidence on its last day ({evidence.within}) and a review ({policy.review.within}) end after it.",
        )


def _never_safe(policy: Policy) -> Iterator[tuple[Place, str]]:
    """The first date of each grade that is safe only before the issue, with every anchor at the issue."""
    anchors = Anchors(issue=_ISSUE, receipt=_ISSUE, audit_end=_ISSUE, detection=_ISSUE)
    grades: dict[Place, tuple[Grade, str | None]] = {
        ("major",): ("major", None),
        ("minor",): ("minor", None),
        **{("labels", word): (label.grade, word) for word, label in policy.labels.items() if label.grade != "ofi"},
    }
    for place, (grade, label) in grades.items():
        dates = fix(policy, grade, anchors, "UTC", label)
        safe = latest_safe(dates, policy, "UTC", ("plan", "evidence"))
        late = next((one for one in safe if one.at < _ISSUE), None)
        if late is not None:
            yield (
                (*place, late.kind),
                "Nobody could be in time: the body's reviews leave no day after the issue.",
            )


def _undated(policy: Policy, dated: set[str | int]) -> Iterator[tuple[Place, str]]:
    """Grades without any date, where none of their labels has one; and dates of grades that it is not for."""
    labelled = {label.grade for label in policy.labels.values()} if "labels" in dated else set()
    grades: tuple[Grade, ...] = ("major", "minor")
    for grade in grades:
        covered = not policy.grades or grade in policy.grades
        if covered and grade not in dated and grade not in labelled:
            yield ("name",), f"It has no date for a {grade}: nothing would come due."
        if not covered and grade in dated:
            yield (grade,), f"It is not for a {grade}: these dates hold for nothing."


def _anchor(step: Step, policy: Policy) -> str:
    return step.anchor or policy.anchor


def _length(step: Step, policy: Policy) -> float:
    return _days(step.within) * (7 / 5 if (step.days or policy.days) == "working" else 1)


def _days(within: Duration) -> float:
    return within.months * 365.2425 / 12 + within.days + within.exact.total_seconds() / 86_400
