"""What the records of a review, of its case and of certificates tell, piece by piece; what was erased tells nothing."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from activities.ledger.protocol import Recorded
from services.reports.deciding import decoded, person
from services.reports.form import Said
from services.reports.minutes.form import Document, Effect, Happening, Recusal, Vote
from services.reports.minutes.proceedings import Proceedings
from services.reports.wording import Reader, words
from workflows.committee import events as e

BY_RULE = "by rule"
COUNTS = "Counts"
REPLACED = "Replaced by a later vote"
VOID = "Does not count: who cast it does not sit"

_ENDS = ("committee_review.decided", "committee_review.discontinued")
_SIGNED: Mapping[str, str] = {
    "nonconformity.plan_submitted": "Corrective action plan",
    "nonconformity.evidence_submitted": "Evidence of implementation",
}


def called(told: Proceedings, reader: Reader) -> Said:
    """Why the committee was called, by whom and when; who is told where the reader sees the case."""
    papers = told.review.papers
    reason = papers.reason if papers else ""
    for one in told.case:
        if one.type == "nonconformity.escalated" and (one.data or {}).get("review") == told.id:
            return Said(text=reason, by=person(told.names, one.actor), at=reader.at(one.at))
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
                since.setdefault(id, (person(told.names, recorded.actor), reader.at(recorded.at)))
            case e.Convened(recused=found) | e.ClientChanged(recused=found):
                for one in found:
                    since.setdefault(one.person, (BY_RULE, reader.at(recorded.at)))
    for one in told.review.recused:
        by, at = since.get(one.person, ("", ""))
        yield Recusal(person=person(told.names, one.person), reason=one.reason, by=by, at=at)


def votes(told: Proceedings, reader: Reader) -> Iterator[Vote]:
    """Every vote that was cast, in order, and whether it counts."""
    cast = [(one, event) for one, event in decoded(told.history) if isinstance(event, e.Voted)]
    last = {recorded.actor: recorded.seq for recorded, _ in cast}
    counting = {(vote.person, vote.at) for vote in told.review.votes}
    for recorded, event in cast:
        counts = (recorded.actor, recorded.at) in counting
        replaced = last[recorded.actor] != recorded.seq
        yield Vote(
            by=person(told.names, recorded.actor),
            at=reader.at(recorded.at),
            choice=words(event.choice) + (f" to {words(event.grade).lower()}" if event.grade else ""),
            reason=event.reason,
            until=reader.at(event.until),
            standing=REPLACED if replaced else COUNTS if counts else VOID,
            sha256=event.signature.content_sha256,
        )


def documents(told: Proceedings, reader: Reader) -> Iterator[Document]:
    """What lay before the committee until it decided: the call, and of the case what the reader sees."""
    for one in told.history[:1]:
        yield Document(what="The call, event 1 of the review", by="", at=reader.at(one.at), sha256=one.hash)
    before = list(_before(told))
    if not before:
        return
    papers, last = told.review.papers, before[-1]
    number = (papers.number if papers else None) or "the case"
    yield Document(
        what=f"The record of {number} up to its event {last.seq}", by="", at=reader.at(last.at), sha256=last.hash
    )
    for one in before:
        what = _what(one)
        if what is not None and one.data is not None:
            yield Document(what=what, by=person(told.names, one.actor), at=reader.at(one.at), sha256=one.data["sha256"])


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


def _what(one: Recorded) -> str | None:
    """What a document is called that an event of the case put there; None for what puts none."""
    data: Mapping[str, Any] = one.data or {}
    if one.type in _SIGNED and data:
        return f"{_SIGNED[one.type]}, version {data['version']}"
    if one.type == "nonconformity.evidence_attached" and data:
        return f"Evidence: {data['name']}"
    return None


def effects(told: Proceedings, reader: Reader) -> Iterator[Effect]:
    """What the decision did to case and certificates, as their own records tell, an appeal against it included."""
    papers = told.review.papers
    on = (papers.number if papers else None) or "The case"
    records = [(on, told.case), *((f"Certificate {key}", record) for key, record in told.certificates.items())]
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
    ends = f" until {reader.at(datetime.fromisoformat(until))}" if isinstance(until, str) else ""
    return Effect(
        on=on,
        what=words(one.type.partition(".")[2]) + ends,
        why=str(why or ""),
        at=reader.at(one.at),
        sha256=one.hash,
    )


def course(told: Proceedings, reader: Reader) -> Iterator[Happening]:
    """Every event of the review's record by its hash, an erased one too."""
    for one in told.history:
        what = words(one.type.partition(".")[2])
        yield Happening(
            seq=one.seq,
            at=reader.at(one.at),
            by=person(told.names, one.actor),
            what=what if one.data is not None else f"{what} (erased)",
            sha256=one.hash,
        )
