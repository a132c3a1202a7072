"""Conditions on commands about lineage."""

from pydantic import ValidationError

from workflows.decider import Context
from workflows.entries import CaseEntry
from workflows.nonconformity import commands as c
from workflows.nonconformity import refusals as r
from workflows.nonconformity.aggregation import left_to, systemic_finding
from workflows.nonconformity.case import LIVE, Case
from workflows.nonconformity.entry import case_entry
from workflows.nonconformity.policies import policy_for
from workflows.policy_book import PolicyError
from workflows.procedure import guard
from workflows.sentences import Sentence
from workflows.shapes import faults


@guard(r.NotAMinor)
def is_minor(case: Case, body: object, context: Context) -> None:
    """It is a minor."""
    if case.grade != "minor":
        raise r.NotAMinor(grade=case.grade)


@guard(r.AggregationPending)
def aggregated_once(case: Case, body: object, context: Context) -> None:
    """No systemic nonconformity is being raised from it."""
    if case.aggregating is not None:
        raise r.AggregationPending(systemic=case.aggregating)


@guard(r.MinorsTaken, needs_body=True)
def two_minors_left(case: Case, body: c.RaiseSystemic, context: Context) -> None:
    """At least two of its minors did not become part of another systemic nonconformity meanwhile."""
    left = left_to(body, context)
    if len(left) < 2:
        taken = ", ".join(minor.number or minor.id for minor in body.aggregates if minor not in left)
        raise r.MinorsTaken("/aggregates", ids=taken or Sentence("none"))


@guard(r.AggregatedWithItself, r.OtherUnknown, r.OtherClient, r.OtherNotAnOpenMinor, needs_body=True)
def open_minors(case: Case, body: c.Aggregate, context: Context) -> None:
    """The others are open minors of the same client."""
    own = case.stream.partition("/")[2]
    if own in body.others:
        raise r.AggregatedWithItself("/others", id=case.number or own)
    others = {entry.id: entry for entry in context.facts.cases}
    _none([other for other in body.others if other not in others], r.OtherUnknown)
    named = [others[other] for other in body.others]
    _none([_called(entry) for entry in named if entry.client != case.client], r.OtherClient)
    _none(
        [_called(e) for e in named if e.grade != "minor" or e.status not in LIVE - {"verified"}], r.OtherNotAnOpenMinor
    )


@guard(r.OtherTaken, needs_body=True)
def taken_by_none(case: Case, body: c.Aggregate, context: Context) -> None:
    """None of them is, or is about to be, part of another systemic nonconformity."""
    own = case.stream.partition("/")[2]
    numbers = {own: case.number or own, **{entry.id: _called(entry) for entry in context.facts.cases}}
    for entry in context.facts.cases:
        if entry.id in body.others and entry.aggregating is not None:
            raise r.OtherTaken("/others", ids=_called(entry), systemic=entry.aggregating)
        if part := next((minor for minor in (own, *body.others) if minor in entry.aggregates), None):
            raise r.OtherTaken("/others", ids=numbers.get(part, part), systemic=_called(entry))


@guard(r.CertificateTouched, needs_body=True)
def touch_no_certificate(case: Case, body: c.Aggregate, context: Context) -> None:
    """No decision of the committee on one of them holds a certificate."""
    named = [entry for entry in context.facts.cases if entry.id in body.others and entry.certificates]
    if case.certificates:
        raise r.CertificateTouched(numbers=case.number)
    if named:
        raise r.CertificateTouched("/others", numbers=", ".join(_called(entry) for entry in named))


@guard(r.CertificateTouched)
def holds_no_certificate(case: Case, body: object, context: Context) -> None:
    """While it lives, no decision of the committee on it holds a certificate."""
    if case.status in LIVE and case.certificates:
        raise r.CertificateTouched(numbers=case.number)


@guard(r.NothingInCommon, needs_body=True)
def one_ground(case: Case, body: c.Aggregate, context: Context) -> None:
    """They have an audit, a requirement, a department or a process in common."""
    entries = [case_entry("", case), *(entry for entry in context.facts.cases if entry.id in body.others)]
    if not set.intersection(*(_grounds(entry) for entry in entries)):
        raise r.NothingInCommon("/others")


@guard(r.TooMuchForOne, needs_body=True)
def fits_one_finding(case: Case, body: c.Aggregate, context: Context) -> None:
    """Together they say no more than one finding holds."""
    others = [entry for entry in context.facts.cases if entry.id in body.others]
    try:
        systemic_finding(case, body, "-", others)
    except ValidationError as error:
        first = faults(error)[0]
        raise r.TooMuchForOne("/others", field=first.pointer, problem=first.detail) from error


@guard(r.NoPolicy, needs_body=True)
def major_policy(case: Case, body: object, context: Context) -> None:
    """A policy applies to a major of its standards and its audit stage today."""
    finding = body.finding if isinstance(body, c.RaiseSystemic) else case.finding
    try:
        if finding is not None:
            policy_for(finding, "major", context)
    except PolicyError as error:
        raise r.NoPolicy(why=error) from error


def _called(entry: CaseEntry) -> str:
    """What people call a case: its number, once it has one."""
    return entry.number or entry.id


def _grounds(entry: CaseEntry) -> set[tuple[str, str]]:
    """What a case can have in common with others."""
    named = {"audit": entry.audit, "department": entry.department, "process": entry.process}
    grounds = {(kind, value.casefold()) for kind, value in named.items() if value}
    return grounds | {("requirement", value.casefold()) for value in entry.requirements}


def _none(ids: list[str], refusal: type[r.OtherUnknown | r.OtherClient | r.OtherNotAnOpenMinor]) -> None:
    if ids:
        raise refusal("/others", ids=", ".join(ids))
