"""What the forms about a committee review offer, begin with and say: read off the review and its papers. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args
from zoneinfo import ZoneInfo

from services.console.forms.fields import Advice, Note, Options
from services.console.frame.catalogue import gettext, mark
from services.console.frame.telling import there
from services.console.frame.words import word
from services.console.things.digest import Digest
from services.console.things.sitting import recusable
from services.console.things.votes import KNOWN, beside, recused
from workflows.committee.commands import Open
from workflows.committee.guards import impossible
from workflows.committee.records import regraded_to
from workflows.committee.refusals import NotANonconformity, RefusalOnlyInitial
from workflows.committee.review import Review
from workflows.committee.seating import conflict
from workflows.grades import Grade
from workflows.nonconformity.commands import Choice, ClientDate
from workflows.people import Actor, Person

EXTENDS: Mapping[ClientDate, str] = {
    "correction": mark("The correction date moves to the date voted for; the certificate stands."),
    "plan": mark("The plan date moves to the date voted for; the certificate stands."),
    "evidence": mark("The evidence date moves to the date voted for; the certificate stands."),
    "closure": mark("The close-out date moves to the date voted for; the certificate stands."),
}
"""What an extension would do, by the date that it moves."""

REGRADES: Mapping[Grade, str] = {
    "major": mark("The nonconformity is regraded to major; the certificate stands."),
    "minor": mark("The nonconformity is regraded to minor; the certificate stands."),
}
"""What a regrading would do, by the grade that it gives."""

EFFECTS: Mapping[Choice, str] = {
    "special_audit": mark(
        "A special audit is to verify the corrective actions, before the date voted for where there is one; "
        "the certificate stands meanwhile."
    ),
    "suspend": mark(
        "The certificate is to be suspended; the nonconformity stays open and its close-out ends the suspension."
    ),
    "reduce_scope": mark("The scope of the certificate is to be reduced by the parts that the nonconformity concerns."),
    "withdraw_certificate": mark("The certificate is to be withdrawn."),
    "refuse": mark("Certification is refused."),
    "dismiss": mark("The nonconformity is dismissed; the certificate stands."),
}
"""What a decision for any other choice would do; a decision's own words are recorded with it."""


def of_review(
    review: Review, command: str, actor: Actor, names: Mapping[str, str], committee: Sequence[Person]
) -> Options:
    """What may be chosen for the fields of a command on a committee review; `committee` are all who could sit."""
    match command:
        case "convene":
            return {"members": sorted(((one.id, one.name) for one in committee), key=lambda one: one[1])}
        case "recuse":
            return {"person": [(one, names.get(one, one)) for one in recusable(review, actor)]}
    return {}


def known_of_review(review: Review, command: str) -> Any:
    """What a form begins with: who sits."""
    return {"members": list(review.sitting)} if command == "convene" else None


def advice_of_review(
    review: Review, command: str, committee: Sequence[Person], digest: Digest | None
) -> Mapping[str, Advice]:
    """What a form says of its fields: who cannot sit and why, what each choice does, when a date is needed."""
    match command:
        case "convene":
            hint = gettext("Whoever is ticked sits from then on, and nobody else: it replaces who sits now.")
            return {"members": Advice(f"{hint} {gettext(KNOWN)}", notes=_unseated(review, committee))}
        case "vote" if review.papers is not None:
            choices: Sequence[Choice] = get_args(Choice)
            notes = {str(choice): _note(review.papers, choice, digest) for choice in choices}
            return {
                "choice": Advice(notes=notes),
                "until": Advice(_until(review.papers), needed=gettext("needed to extend")),
            }
    return {}


def _unseated(review: Review, committee: Sequence[Person]) -> Mapping[str, Note]:
    """Who cannot sit: recused already, or by rule as soon as they were seated."""
    by_rule = {one.id: why for one in committee if review.papers and (why := conflict(review.papers, one)) is not None}
    out = by_rule | {one.person: one.reason for one in review.recused}
    return {one: Note(gettext("Recused: %(why)s") % {"why": recused(why)}, shut=True) for one, why in out.items()}


def _note(papers: Open, choice: Choice, digest: Digest | None) -> Note:
    """What a decision for a choice would do, or why there can be none."""
    match impossible(papers, choice):
        case RefusalOnlyInitial() if papers.stage:
            said = gettext("Certification can be refused at an initial audit only; this is %(stage)s.")
            return Note(said % {"stage": word("stage", papers.stage)}, shut=True)
        case RefusalOnlyInitial():
            return Note(gettext("Certification can be refused at an initial audit only."), shut=True)
        case NotANonconformity():
            said = gettext("An opportunity is not regraded: what is a nonconformity after all is raised as one.")
            return Note(said, shut=True)
    if choice == "extend":
        return Note(gettext(EXTENDS[papers.deadline]))
    if choice == "regrade":
        return Note(gettext(REGRADES[regraded_to(papers)]))
    return Note(" ".join(filter(None, (gettext(EFFECTS[choice]), beside(choice, digest)))))


def _until(papers: Open) -> str:
    """When the date of a vote is asked for, and between which it lies."""
    area = ZoneInfo(papers.zone)
    said = [
        gettext("The new date; of a special audit its last day, if it has one. With any other choice there is none.")
    ]
    if papers.deadline_at is not None:
        said.append(gettext("An extension ends after %(at)s.") % {"at": there(papers.deadline_at, area)})
    bounds = [at for at in (papers.limit_at, papers.longest_at) if at is not None]
    if bounds:
        said.append(gettext("No date is later than %(at)s.") % {"at": there(min(bounds), area)})
    return " ".join(said)
