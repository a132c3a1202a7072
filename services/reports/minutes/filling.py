"""The minutes of a review, written: a pure function of its record and its reader."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.reports.deciding import WORDS, person, signatures
from services.reports.form import Named, Said
from services.reports.minutes import form as f
from services.reports.minutes.form import Minutes
from services.reports.minutes.proceedings import Proceedings, touched
from services.reports.minutes.telling import called, course, documents, effects, overdue, recusals, votes
from services.reports.wording import Reader, plain
from workflows.committee.review import papers_of
from workflows.committee.standing import SHARES, standing
from workflows.nonconformity.commands import ClientDate
from workflows.sentences import mark

DRAFT = mark("Draft: the committee has not decided yet, and the record goes on.")
NOBODY = mark("nobody who was known here")

REACHED: Mapping[bool, str] = {True: mark("Reached"), False: mark("Not reached")}
SITS, RECUSED = mark("Sits"), mark("Recused")
DATE_WAS: Mapping[ClientDate, str] = {
    "correction": mark("The correction date was %(at)s."),
    "plan": mark("The plan date was %(at)s."),
    "evidence": mark("The evidence date was %(at)s."),
    "closure": mark("The close-out date was %(at)s."),
}
LIMIT_IS = mark("Its hard limit is %(at)s.")
LONGEST_IS = mark("An extension ends at the latest on %(at)s.")
UNTIL, GRADE = mark("Until %(at)s"), mark("Grade: %(grade)s")


def write(told: Proceedings, reader: Reader, now: datetime) -> Minutes:
    """The minutes as the record stands `now`, every text fit to be shown; a draft while nothing is decided."""
    return Minutes.model_validate(plain(_Writing(told, reader, now).minutes().model_dump()))


class _Writing:
    """Minutes on their way: the record's words told to a reader."""

    def __init__(self, told: Proceedings, reader: Reader, now: datetime) -> None:
        self.told, self.review, self.reader, self.now = told, told.review, reader, now
        self.papers = papers_of(told.review)

    def minutes(self) -> Minutes:
        told, review, reader, papers = self.told, self.review, self.reader, self.papers
        votes_stand = standing(review)
        stage = f", {reader.word(papers.stage)}" if papers.stage else ""
        return Minutes(
            body=told.body,
            id=told.id,
            number=papers.number or "",
            title=papers.title,
            grade=reader.word(papers.grade or ""),
            client=Named(key=papers.client, name=told.client_name),
            case=papers.case.partition("/")[2],
            audit=f"{papers.audit}{stage}" if papers.audit else reader.word(papers.stage or ""),
            status=reader.word(review.status),
            draft=reader.said(DRAFT) if review.status == "convened" else "",
            cause=reader.word(papers.cause),
            called=called(told, reader),
            opened_at=reader.at(review.opened_at),
            due_at=reader.at(review.due_at),
            overdue=overdue(told, reader),
            dates=tuple(self._dates()),
            members=tuple(self._member(one) for one in review.members),
            recusals=tuple(recusals(told, reader)),
            could_sit=self._could_sit(),
            quorum=papers.rules.quorum,
            majority=reader.told(SHARES[papers.rules.majority]),
            cast=votes_stand.cast,
            sitting=votes_stand.sitting,
            reached=reader.said(REACHED[votes_stand.cast >= papers.rules.quorum]),
            documents=tuple(documents(told, reader)),
            votes=tuple(votes(told, reader)),
            tally=tuple(f.Share(choice=reader.word(one), votes=count) for one, count in votes_stand.tally.items()),
            lacking=tuple(reader.told(one) for one in votes_stand.lacking),
            decision=self._decision(),
            discontinued=self._discontinued(),
            certificates=tuple(dict.fromkeys(touched(told.case, told.id))),
            effects=tuple(effects(told, reader)),
            signatures=tuple(signatures(told.history, told.names, reader)),
            course=tuple(course(told, reader)),
            address=told.address,
            zone=str(reader.zone),
            made_at=reader.at(self.now),
            seq=told.seq,
            head=told.head,
        )

    def _could_sit(self) -> str:
        """Who else could, where too few sit; nothing where enough do."""
        review = self.review
        if review.could_sit is None:
            return ""
        others = [person(self.told.names, one, self.reader) for one in review.could_sit if one not in review.sitting]
        return ", ".join(others) or self.reader.said(NOBODY)

    def _member(self, id: str) -> f.Member:
        sits = SITS if id in self.review.sitting else RECUSED
        return f.Member(name=person(self.told.names, id, self.reader), standing=self.reader.said(sits))

    def _dates(self) -> Sequence[str]:
        """The date of the case that is before the committee, and how far it can move."""
        papers, reader = self.papers, self.reader
        said = {
            DATE_WAS[papers.deadline]: papers.deadline_at,
            LIMIT_IS: papers.limit_at,
            LONGEST_IS: papers.longest_at,
        }
        return [reader.said(text) % {"at": reader.at(when)} for text, when in said.items() if when is not None]

    def _decision(self) -> f.Decision:
        one = self.review.decision
        if one is None:
            return f.Decision()
        conditions = [self.reader.said(UNTIL) % {"at": self.reader.at(one.until)}] if one.until else []
        conditions += (
            [self.reader.said(GRADE) % {"grade": self.reader.said(WORDS["grade"][one.grade])}] if one.grade else []
        )
        return f.Decision(
            choice=self.reader.word(one.choice),
            reason=one.reason,
            conditions=tuple(conditions),
            effect=one.effect,
            by=person(self.told.names, one.by, self.reader),
            at=self.reader.at(one.at),
        )

    def _discontinued(self) -> Said:
        ended = [one for one in self.told.history if one.type == "committee_review.discontinued"]
        if not ended:
            return Said()
        return Said(text=(ended[-1].data or {}).get("reason", ""), at=self.reader.at(ended[-1].at))
