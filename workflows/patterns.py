"""Patterns across cases: what failed before, what together is one systemic failure, and what to do first. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from workflows.entries import CaseEntry
from workflows.grades import Grade
from workflows.nonconformity.case import LIVE, Case
from workflows.people import Frozen
from workflows.policy import Patterns

VOID = frozenset({"dismissed", "withdrawn"})
"""Ends that say that nothing was wrong: nothing repeats such a case."""

Shared = Literal["requirement", "department", "process"]


class Repeat(Frozen):
    """An earlier nonconformity of the same client on the same requirement, within the certification cycle."""

    id: str
    number: str | None
    status: str
    grade: Grade | None
    audit: str | None
    issued_at: datetime
    requirements: tuple[str, ...]


class Proposal(Frozen):
    """Open minors of one audit that have a requirement, department or process in common: perhaps one systemic major.

    `value` is what they share, `cases` their ids, the earliest first.
    """

    shared: Shared
    value: str
    cases: tuple[str, ...]


class Priority(Frozen):
    """An action that is still to be done, and how much of what is open it would settle.

    `resolves` are cases all of whose causes it removes, `helps` those of which it removes some, the own case among
    them. A cause counts as the same in two cases where its category is the same or, without one, its text: a hint at
    what to look at, not a judgement. `due_on` is the action's own date, `first_due_at` the earliest running close-out
    date among these cases, `majors` how many of them are majors.
    """

    case: str
    number: str | None
    action: str
    text: str
    owner: str | None
    due_on: date | None
    causes: tuple[str, ...]
    resolves: tuple[str, ...]
    helps: tuple[str, ...]
    majors: int
    first_due_at: datetime | None


def repeats(case: CaseEntry, others: Iterable[CaseEntry], terms: Patterns) -> tuple[Repeat, ...]:
    """The ancestors of a case, the latest first: issued before it, on a requirement that it names, within the cycle.

    Cases of one audit stand side by side: none repeats another. Whoever knows the lineage leaves out the minors of a
    systemic major, which it replaced.
    """
    if case.issued_at is None:
        return ()
    named = {requirement.casefold(): requirement for requirement in case.requirements}
    found = []
    for other in others:
        shared = tuple(sorted({named[r.casefold()] for r in other.requirements if r.casefold() in named}))
        if not shared or other.id == case.id or other.client != case.client or other.status in VOID:
            continue
        if case.audit is not None and other.audit == case.audit:
            continue
        if other.issued_at is None or (other.issued_at, other.id) >= (case.issued_at, case.id):
            continue
        if terms.cycle.after(other.issued_at, ZoneInfo("UTC")) < case.issued_at:
            continue
        found.append(
            Repeat(
                id=other.id,
                number=other.number,
                status=other.status,
                grade=other.grade,
                audit=other.audit,
                issued_at=other.issued_at,
                requirements=shared,
            )
        )
    return tuple(sorted(found, key=lambda one: (one.issued_at, one.id), reverse=True))


def proposals(cases: Iterable[CaseEntry], terms: Patterns) -> tuple[Proposal, ...]:
    """What might be aggregated, of the cases of one audit: the largest sets first.

    Where several things are shared by the same minors, the requirement is named before department and process.
    """
    groups: dict[tuple[Shared, str], dict[str, CaseEntry]] = defaultdict(dict)
    for case in cases:
        if case.grade != "minor" or case.status not in LIVE:
            continue
        for shared, value in _shared(case):
            groups[shared, value.strip()][case.id] = case
    found: dict[frozenset[str], Proposal] = {}
    for (shared, value), members in sorted(groups.items(), key=lambda one: (_ORDER[one[0][0]], one[0][1])):
        if len(members) >= terms.propose_at:
            ordered = sorted(members.values(), key=lambda one: (one.issued_at is None, one.issued_at, one.id))
            whole = frozenset(members)
            found.setdefault(whole, Proposal(shared=shared, value=value, cases=tuple(one.id for one in ordered)))
    return tuple(sorted(found.values(), key=lambda one: (-len(one.cases), _ORDER[one.shared], one.value)))


_ORDER: Mapping[Shared, int] = {"requirement": 0, "department": 1, "process": 2}


def _shared(case: CaseEntry) -> Iterable[tuple[Shared, str]]:
    for requirement in case.requirements:
        yield "requirement", requirement
    if case.department:
        yield "department", case.department
    if case.process:
        yield "process", case.process


@dataclass(frozen=True, slots=True)
class _Open:
    """An open case by its id, and what its causes are called."""

    id: str
    case: Case
    causes: frozenset[str]


def priorities(cases: Mapping[str, Case]) -> Sequence[Priority]:
    """Every action that is still to be done in a client's open cases, by id: the most useful first.

    That is: those that resolve most cases, of those the ones that resolve most majors, that help most, that are due
    first.
    """
    living = ((name, case) for name, case in cases.items() if case.status in LIVE)
    open_cases = [_Open(name, case, frozenset(_names(case).values())) for name, case in living]
    found = []
    for own in open_cases:
        names = _names(own.case)
        for action in own.case.actions:
            if action.done_on is not None:
                continue
            removed = frozenset(names[key] for key in action.causes if key in names)
            touched = [other for other in open_cases if other.causes & removed]
            due = [d.due_at for other in touched if (d := other.case.deadline("closure")) and d.state == "running"]
            found.append(
                Priority(
                    case=own.id,
                    number=own.case.number,
                    action=action.key,
                    text=action.text,
                    owner=action.owner,
                    due_on=action.due_on,
                    causes=tuple(sorted(removed)),
                    resolves=tuple(sorted(other.id for other in touched if other.causes <= removed)),
                    helps=tuple(sorted(other.id for other in touched if not other.causes <= removed)),
                    majors=sum(other.case.grade == "major" for other in touched),
                    first_due_at=min(due, default=None),
                )
            )
    return sorted(found, key=_usefulness)


def _usefulness(one: Priority) -> tuple[int, int, int, date, str, str]:
    return -len(one.resolves), -one.majors, -len(one.helps), one.due_on or date.max, one.number or one.case, one.action


def _names(case: Case) -> Mapping[str, str]:
    """What each cause is called across cases, by its key: its category, or without one its text, in small letters."""
    return {cause.key: " ".join((cause.category or cause.text).casefold().split()) for cause in case.causes}
