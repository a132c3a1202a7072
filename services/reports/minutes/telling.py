"""What the records of a review, of its case and of certificates tell, piece by piece; what was erased tells nothing."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from activities.ledger.protocol import Recorded
from services.reports.deciding import WORDS, decoded, person
from services.reports.form import Said
from services.reports.minutes.form import Document, Effect, Happening, Recusal, Vote
from services.reports.minutes.proceedings import Proceedings
from services.reports.wording import Reader
from workflows.committee import events as e
from workflows.sentences import mark

BY_RULE = mark("by rule")
COUNTS = mark("Counts")
REPLACED = mark("Replaced by a later vote")
VOID = mark("Does not count: who cast it does not sit")
TO_GRADE = mark("%(choice)s to %(grade)s")
CALL = mark("The call, event 1 of the review")
RECORD_OF = mark("The record of %(number)s up to its event %(seq)s")
VERSION = mark("%(what)s, version %(number)s")
EVIDENCE = mark("Evidence: %(name)s")
THE_CASE, CASE_HERE = mark("the case"), mark("The case")
CERTIFICATE = mark("Certificate %(key)s")
UNTIL = mark("%(what)s until %(at)s")
ERASED = mark("%(what)s (erased)")

_ENDS = ("committee_review.decided", "committee_review.discontinued")
_SIGNED: Mapping[str, str] = {
    "nonconformity.plan_submitted": mark("Corrective action plan"),
    "nonconformity.evidence_submitted": mark("Evidence of implementation"),
}


def called(told: Proceedings, reader: Reader) -> Said:
    """Why the committee was called, by whom and when; who is told where the reader sees the case."""
    papers = told.review.papers
    reason = papers.reason if papers else ""
    for one in told.case:
        if one.type == "nonconformity.escalated" and (one.data or {}).get("review") == told.id:
            return Said(text=reason, by=person(told.names, one.actor, reader), at=reader.at(one.at))
    return Said(text=reason, at=reader.at(told.review.opened_at))


def overdue(told: Proceedings, reader: Reader) -> Said:
    """That its date passed without a decision, and what was lacking then; nothing where it did not."""
    for recorded, event in decoded(told.history):
        if isinstance(event, e.Overdue):
            return Said(text="\n".join(event.lacking), at=reader.at(recorded.at))
    return Said()


def recusals(told: Proceedings, reader: Reader) -> Iterator[Recusal]:
    """Who is recused, why, and since when: by rule, or by whom."""
    since: dict[str, tuple[str, str]] = {}
    for recorded, event in decoded(told.history):
        match event:
            case e.Recused(person=id):
                since.setdefault(id, (person(told.names, recorded.actor, reader), reader.at(recorded.at)))
            case e.Convened(recused=found) | e.ClientChanged(recused=found):
                for one in found:
                    since.setdefault(one.person, (reader.said(BY_RULE), reader.at(recorded.at)))
    for one in told.review.recused:
        by, at = since.get(one.person, ("", ""))
        yield Recusal(person=person(told.names, one.person, reader), reason=one.reason, by=by, at=at)


def votes(told: Proceedings, reader: Reader) -> Iterator[Vote]:
    """Every vote that was cast, in order, and whether it counts."""
    cast = [(one, event) for one, event in decoded(told.history) if isinstance(event, e.Voted)]
    last = {recorded.actor: recorded.seq for recorded, _ in cast}
    counting = {(vote.person, vote.at) for vote in told.review.votes}
    for recorded, event in cast:
        counts = (recorded.actor, recorded.at) in counting
        replaced = last[recorded.actor] != recorded.seq
        yield Vote(
            by=person(told.names, recorded.actor, reader),
            at=reader.at(recorded.at),
            choice=_choice(event, reader),
            reason=event.reason,
            until=reader.at(event.until),
            standing=reader.said(REPLACED if replaced else COUNTS if counts else VOID),
            sha256=event.signature.content_sha256,
        )


def _choice(event: e.Voted, reader: Reader) -> str:
    choice = reader.word(event.choice)
    if event.grade is None:
        return choice
    return reader.said(TO_GRADE) % {"choice": choice, "grade": reader.said(WORDS["grade"][event.grade])}


def documents(told: Proceedings, reader: Reader) -> Iterator[Document]:
    """What lay before the committee until it decided: the call, and of the case what the reader sees."""
    for one in told.history[:1]:
        yield Document(what=reader.said(CALL), by="", at=reader.at(one.at), sha256=one.hash)
    before = list(_before(told))
    if not before:
        return
    papers, last = told.review.papers, before[-1]
    number = (papers.number if papers else None) or reader.said(THE_CASE)
    record = reader.said(RECORD_OF) % {"number": number, "seq": last.seq}
    yield Document(what=record, by="", at=reader.at(last.at), sha256=last.hash)
    for one in before:
        what = _what(one, reader)
        if what is not None and one.data is not None:
            yield Document(
                what=what, by=person(told.names, one.actor, reader), at=reader.at(one.at), sha256=one.data["sha256"]
            )


def _ended_at(told: Proceedings) -> datetime | None:
    return next((one.at for one in reversed(told.history) if one.type in _ENDS), None)


def _before(told: Proceedings) -> Iterator[Recorded]:
    """The events of the case until the review ended; what its decision did there bears the same instant at times."""
    end = _ended_at(told)
    for one in told.case:
        is_effect = one.type == "nonconformity.review_decided" and told.id in _named(one.data or {})
        if is_effect or (end is not None and one.at > end):
            return
        yield one


def _what(one: Recorded, reader: Reader) -> str | None:
    """What a document is called that an event of the case put there; None for what puts none."""
    data: Mapping[str, Any] = one.data or {}
    if one.type in _SIGNED and data:
        return reader.said(VERSION) % {"what": reader.said(_SIGNED[one.type]), "number": data["version"]}
    if one.type == "nonconformity.evidence_attached" and data:
        return reader.said(EVIDENCE) % {"name": data["name"]}
    return None


def effects(told: Proceedings, reader: Reader) -> Iterator[Effect]:
    """What the decision did to case and certificates, as their own records tell, an appeal against it included."""
    papers = told.review.papers
    on = (papers.number if papers else None) or reader.said(CASE_HERE)
    records = [
        (on, told.case),
        *((reader.said(CERTIFICATE) % {"key": key}, record) for key, record in told.certificates.items()),
    ]
    for name, record in records:
        for one in record:
            if one.type != "nonconformity.escalated" and told.id in _named(one.data or {}):
                yield _effect(name, one, reader)


def _named(data: Mapping[str, Any]) -> Sequence[object]:
    """The reviews that an event names."""
    cause = data.get("cause")
    return (data.get("review"), cause.get("review") if isinstance(cause, dict) else None)


def _effect(on: str, one: Recorded, reader: Reader) -> Effect:
    data = one.data or {}
    cause = data.get("cause")
    why = data.get("effect") or data.get("reason") or (cause.get("reason") if isinstance(cause, dict) else None)
    until = data.get("until")
    what = reader.word(one.type.partition(".")[2])
    if isinstance(until, str):
        what = reader.said(UNTIL) % {"what": what, "at": reader.at(datetime.fromisoformat(until))}
    return Effect(
        on=on,
        what=what,
        why=str(why or ""),
        at=reader.at(one.at),
        sha256=one.hash,
    )


def course(told: Proceedings, reader: Reader) -> Iterator[Happening]:
    """Every event of the review's record by its hash, an erased one too."""
    for one in told.history:
        what = reader.word(one.type.partition(".")[2])
        yield Happening(
            seq=one.seq,
            at=reader.at(one.at),
            by=person(told.names, one.actor, reader),
            what=what if one.data is not None else reader.said(ERASED) % {"what": what},
            sha256=one.hash,
        )
