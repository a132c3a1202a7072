"""How an audit stands at any moment, and why: what its team could recommend (17021-1 9.5.2, 9.5.3.1; ISO 19011 6.4.9).

Majors count until their correction and corrective actions are verified, minors until their plan is accepted
(17021-1 9.5.2), areas of concern until they are cleared (9.3.1.2). A regular audit also looks back: majors of earlier
external audits on its standards count until they are verified (9.6.2, 9.6.3.2.2). Stage 2 stands on stage 1, whose
result it takes up (9.3.1.2.4).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Literal
from zoneinfo import ZoneInfo

from workflows.audit import events as e
from workflows.audit.audit import Audit
from workflows.audit.commands import names
from workflows.audit.entry import audit_entry
from workflows.entries import MOST_CASES, SETTLED, AuditEntry, CaseEntry, CaseQuery, Recommendation, looks_back
from workflows.grades import Stage
from workflows.people import Frozen
from workflows.sentences import Fact, Parts, Sentence, Told

ABOUT: Mapping[Stage, str] = {
    "stage1": Sentence("going on to stage 2"),
    "stage2": Sentence("certification"),
    "surveillance": Sentence("maintaining the certification"),
    "recertification": Sentence("renewing the certification"),
    "special": Sentence("what the special audit was for"),
    "internal": Sentence("the conformity of the management system"),
}
"""What is recommended, or not, after an audit of a stage."""

RANK: Mapping[Recommendation, int] = {"not_recommended": 0, "recommended_on_plan": 1, "recommended": 2}
"""From the worst to the best."""

HELD = ("under_way", "ended", "concluded", "lapsed")
"""The states of an audit in which somebody took part."""


class Reason(Frozen):
    """One thing that stands against the best recommendation; `case` is its id where it is a nonconformity."""

    recommendation: Literal["recommended_on_plan", "not_recommended"]
    text: Told
    case: str | None = None
    number: str | None = None
    concern: str | None = None


class Standing(Frozen):
    """What could be recommended now (the worst of the reasons; `recommended` where there is none), and about what."""

    recommendation: Recommendation
    about: Told
    reasons: tuple[Reason, ...] = ()

    def allows(self, recommendation: Recommendation) -> bool:
        """Whether a recommendation is no better than this standing."""
        return RANK[recommendation] <= RANK[self.recommendation]


def looked_at(outline: e.Outline) -> CaseQuery:
    """The cases by which an audit stands: its own, and all of the client's where it looks back at external audits.

    Those that are not settled: a finding in triage does not live, and stands against its audit.
    """
    own = None if looks_back(outline.stage, None) else outline.key
    return CaseQuery(client=outline.client, audit=own, unsettled=True)


def covers(standards: Sequence[str], case: CaseEntry) -> bool:
    """Whether one of these standards was not fulfilled; of a case that names none it is assumed."""
    covered = tuple(f"{name} " for name in names(standards))
    return not case.requirements or any(line.startswith(covered) for line in case.requirements)


def standing(audit: Audit, cases: Sequence[CaseEntry], audits: Sequence[AuditEntry] = ()) -> Standing:
    """How an audit stands; `cases` are those that it looks at (`looked_at`), `audits` its client's, as far as seen."""
    entry = audit_entry(audit.outline.key, audit) if audit.outline else None
    if entry is None:
        unknown = _against(Sentence("Nothing is known of it."))
        return Standing(recommendation="not_recommended", about="", reasons=(unknown,))
    reasons = (
        *_of_itself(audit),
        *_of_concerns(audit),
        *beside(entry, cases, audits, audit.zone),
    )
    worst: Recommendation = min(
        (reason.recommendation for reason in reasons), key=lambda known: RANK[known], default="recommended"
    )
    ordered = sorted(reasons, key=lambda reason: RANK[reason.recommendation])
    return Standing(recommendation=worst, about=ABOUT[entry.stage], reasons=tuple(ordered))


def beside(audit: AuditEntry, cases: Sequence[CaseEntry], audits: Sequence[AuditEntry], zone: str) -> Iterator[Reason]:
    """What stands against an audit in what others hold: its nonconformities, earlier majors, the stage 1 before it."""
    yield from _of_cases(audit, cases)
    yield from _of_earlier(audit, cases, zone)
    yield from _of_first_stage(audit, audits)


def first_stages(audit: AuditEntry, audits: Iterable[AuditEntry]) -> Mapping[str, AuditEntry | None]:
    """For each standard of a stage 2 the latest stage 1 before it; where none is, the latest begun, or None."""
    begun = [one for one in audits if one.stage == "stage1" and one.status in HELD]
    found: dict[str, AuditEntry | None] = {}
    for name in audit.standards:
        covering = [one for one in begun if name in one.standards]
        before = [one for one in covering if precedes(one, audit)]
        found[name] = max(before or covering, key=last_day, default=None)
    return found


def precedes(first: AuditEntry, second: AuditEntry) -> bool:
    """Whether a stage 1 was over when a stage 2 began, or is on the same day (17021-1 9.3.1.2.4, 9.3.1.3)."""
    return first.ends_on is None or second.starts_on is None or first.ends_on <= second.starts_on


def last_day(audit: AuditEntry) -> tuple[date, bool, str]:
    """By what audits are in order of time: the last day, held or planned; of one day stage 1 first; then the key."""
    return audit.ends_on or audit.starts_on or date.max, audit.stage != "stage1", audit.key


def left_open(cases: Iterable[CaseEntry]) -> tuple[CaseEntry, ...]:
    """Of a client's cases those that the certification body's last audit left open, for an internal audit to look at.

    A case of an earlier external audit that still lives was left open by the last one too: an audit reviews what was
    found before it (17021-1 9.6.2.2).
    """
    open_now = [
        case for case in cases if case.stage not in (None, "internal") and _is_issued(case) and not _has_ended(case)
    ]
    return tuple(sorted(open_now, key=lambda case: (case.grade != "major", case.number or case.id)))


def _of_itself(audit: Audit) -> Iterator[Reason]:
    if audit.status == "planned":
        yield _against(Sentence("The audit has not begun."))
    elif audit.status == "cancelled":
        yield _against(Sentence("The audit was cancelled: {reason}", reason=audit.ended_because))
    elif audit.status == "lapsed":
        yield _against(audit.ended_because or Sentence("The audit lapsed."))


def _of_concerns(audit: Audit) -> Iterator[Reason]:
    for concern in audit.concerns:
        if concern.state != "cleared":
            says = (
                "The area of concern {key} is repaired, and not yet cleared: {text}"
                if concern.state == "repaired"
                else "The area of concern {key} is open: {text}"
            )
            text = Sentence(says, key=concern.key, text=concern.text)
            yield Reason(recommendation="recommended_on_plan", text=text, concern=concern.key)


def _of_cases(audit: AuditEntry, cases: Sequence[CaseEntry]) -> Iterator[Reason]:
    if len(cases) >= MOST_CASES:
        says = "There are {many} open findings or more: too many to say that none stands against it."
        yield _against(Sentence(says, many=len(cases)))
    for case in cases:
        text = _stands_against(case) if case.audit == audit.key else None
        if text is not None:
            on_plan = case.grade == "minor"
            yield Reason(
                recommendation="recommended_on_plan" if on_plan else "not_recommended",
                text=text,
                case=case.id,
                number=case.number,
            )


def _of_earlier(audit: AuditEntry, cases: Sequence[CaseEntry], zone: str) -> Iterator[Reason]:
    for case in cases:
        if case.grade == "major" and _left_to(audit, case, zone):
            text = Sentence(
                "The major {called} of the audit {audit} is open: its corrective actions are not verified.",
                called=_called(case),
                audit=case.audit,
            )
            yield Reason(recommendation="not_recommended", text=text, case=case.id, number=case.number)


def _of_first_stage(audit: AuditEntry, audits: Sequence[AuditEntry]) -> Iterator[Reason]:
    if audit.stage != "stage2":
        return
    for first in dict.fromkeys(first_stages(audit, audits).values()):
        if first is None:
            continue
        if not audit.stage1_waived and not precedes(first, audit):
            yield _against(
                Sentence(
                    "The stage 1 {first} was not over on {day}, when this stage 2 began.",
                    first=first.key,
                    day=audit.starts_on,
                )
            )
        if first.status == "lapsed" or first.recommendation == "not_recommended":
            yield _against(
                Sentence("The stage 1 {first} did not lead to a recommendation to go on to stage 2.", first=first.key)
            )
        for key in first.concerns_left:
            text = Sentence(
                "The area of concern {key} of the stage 1 {first} is not cleared.", key=key, first=first.key
            )
            yield Reason(recommendation="recommended_on_plan", text=text, concern=key)


def _left_to(audit: AuditEntry, case: CaseEntry, zone: str) -> bool:
    """Whether a case of an earlier external audit is left for this one to look at."""
    if case.audit in (None, audit.key) or case.issued_at is None or case.status in SETTLED:
        return False
    if case.stage == "internal" or not looks_back(audit.stage, case.stage) or not covers(audit.standards, case):
        return False
    # What was issued after its last day is of a later audit: an entry does not know the days of its audit.
    ended_on = audit.ends_on if audit.status in ("ended", "concluded", "lapsed") else None
    return ended_on is None or case.issued_at.astimezone(ZoneInfo(zone)).date() <= ended_on


def _stands_against(case: CaseEntry) -> str | None:
    """Why a nonconformity stands against a recommendation without conditions; None where it does not."""
    if case.status in SETTLED:
        return None
    called = _called(case)
    if case.status == "reported":
        return Sentence("The finding {called} is not graded yet: issue it or dismiss it.", called=called)
    if case.grade == "major":
        return Sentence("The major {called} is open: its corrective actions are not verified.", called=called)
    if case.grade == "minor" and case.plan != "accepted":
        return Sentence("The minor {called} has no accepted plan.", called=called)
    return None


def _called(case: CaseEntry) -> str:
    return f"{case.number or case.id} ({case.title})"


def _is_issued(case: CaseEntry) -> bool:
    return case.issued_at is not None


def _has_ended(case: CaseEntry) -> bool:
    return case.ended_at is not None or case.status in {"closed", "dismissed", "withdrawn", "superseded"}


def said(reasons: Sequence[Reason]) -> Fact:
    """What several reasons say, one after the other."""
    texts = tuple(reason.text for reason in reasons)
    return Fact(" ".join(texts), Parts(texts, " "))


def _against(text: str) -> Reason:
    return Reason(recommendation="not_recommended", text=text)
