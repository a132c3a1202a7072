"""The form of a nonconformity, filled in: a pure function of its state, its history and its reader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from activities.ledger.protocol import Recorded
from services.reports import form as f
from services.reports.deciding import acknowledged_by, decisions, person, signatures
from services.reports.form import Form
from services.reports.wording import Reader, on, plain, words
from workflows import standards
from workflows.findings.model import Requirement
from workflows.nonconformity.case import Case
from workflows.nonconformity.completions import Stated, stated
from workflows.nonconformity.deadlines import Deadline
from workflows.nonconformity.parts import Action, Evidence, Statement


@dataclass(frozen=True, slots=True)
class Papers:
    """A case with what a report tells beside it: `names` of people by id, what its client and its body are called."""

    case: Case
    history: Sequence[Recorded]
    names: Mapping[str, str]
    client_name: str
    body: str
    seq: int
    head: str


def fill(papers: Papers, reader: Reader, now: datetime) -> Form:
    """The form as it stands `now`, every text fit to be shown."""
    filling = _Filling(papers, reader, now)
    return Form.model_validate(plain(filling.form().model_dump()))


class _Filling:
    """One form on its way: the record's words told to a reader."""

    def __init__(self, papers: Papers, reader: Reader, now: datetime) -> None:
        self.papers, self.case, self.reader, self.now = papers, papers.case, reader, now

    def form(self) -> Form:
        case, papers, reader = self.case, self.papers, self.reader
        finding = case.finding
        audit = finding.audit if finding else None
        return Form(
            body=papers.body,
            number=case.number or "",
            status=words(case.status),
            grade=words(case.grade or ""),
            label=case.label or "",
            client=f.Named(key=case.client or "", name=papers.client_name),
            sites=finding.sites if finding else (),
            department=(finding.department if finding else None) or "",
            process=(finding.process if finding else None) or "",
            language=(finding.language if finding else None) or "",
            title=finding.title if finding else "",
            statement=finding.statement if finding else "",
            objective_evidence=finding.objective_evidence if finding else "",
            requirements=tuple(map(_requirement, finding.requirements)) if finding else (),
            stated=tuple(map(self._stated, stated(case))),
            audit=f.Audit(
                ref=audit.ref, stage=words(audit.stage), ended_on=on(audit.ended_on), team=self._people(case.audit_team)
            )
            if audit
            else f.Audit(team=self._people(case.audit_team)),
            source=f"{finding.source.system}, {finding.source.external_id}" if finding else "",
            policy=f"{case.policy.name} {case.policy.version}" if case.policy else "",
            recurrence_of=(case.recurrence_of or "").partition("/")[2],
            aggregates=tuple(minor.number or minor.id for minor in case.aggregates),
            reported=self._said("", case.reported_by, case.reported_at),
            issued=self._said("", case.issued_by, case.issued_at),
            acknowledged=f.Said(
                by=acknowledged_by(papers.history, papers.names, self.reader) if case.acknowledged_at else "",
                at=reader.at(case.acknowledged_at),
            ),
            deadlines=tuple(map(self._deadline, case.deadlines)),
            correction=self._correction(),
            analysis=self._analysis(),
            sites_affected=tuple(
                f.Site(site=one.site, affected="Affected" if one.affected else "Not affected", text=one.text)
                for one in case.extents
            ),
            plan=f"Version {case.plan.version}, {case.plan.state}" if case.plan.version else "",
            actions=tuple(map(self._action, case.actions)),
            evidence=tuple(map(self._evidence, case.evidence)),
            confirmation=self._statement(case.confirmation),
            follow_up=self._follow_up(),
            deferral=self._deferral(),
            verification=self._statement(case.verification),
            closure=self._statement(case.closure),
            ended_at=reader.at(case.ended_at),
            ended_because=case.ended_because or "",
            decisions=tuple(decisions(papers.history, papers.names, reader)),
            signatures=tuple(signatures(papers.history, papers.names, reader)),
            zone=str(reader.zone),
            made_at=reader.at(self.now),
            seq=papers.seq,
            head=papers.head,
        )

    def _person(self, id: str) -> str:
        return person(self.papers.names, id, self.reader)

    def _people(self, ids: Sequence[str]) -> tuple[str, ...]:
        return tuple(map(self._person, ids))

    def _said(self, text: str, by: str, at: datetime | None) -> f.Said:
        return f.Said(text=text, by=self._person(by) if by else "", at=self.reader.at(at))

    def _statement(self, one: Statement | None) -> f.Said:
        return f.Said() if one is None else self._said(one.text, one.by, one.at)

    def _stated(self, one: Stated) -> f.Stated:
        said = self._said("", one.completed.by, one.completed.at) if one.completed else f.Said()
        why = (one.completed.reason if one.completed else None) or ""
        return f.Stated(what=words(one.field), by=said.by, at=said.at, why=why, source=one.theirs)

    def _deadline(self, one: Deadline) -> f.Deadline:
        return f.Deadline(
            kind=words(one.kind),
            due_at=self.reader.at(one.due_at),
            state=words(one.standing(self.now)),
            first_due_at=self.reader.at(one.first_due_at),
            met_at=self.reader.at(one.met_at),
            limit=one.limit or self.reader.at(one.limit_at),
            extensions=one.extensions,
            excused=one.excused or "",
            explanation=one.explanation,
        )

    def _correction(self) -> f.Correction:
        one = self.case.correction
        if one is None:
            return f.Correction()
        return f.Correction(text=one.text, done_on=on(one.done_on), not_possible_because=one.not_possible_because or "")

    def _analysis(self) -> f.Analysis:
        one = self.case.analysis
        if one is None:
            return f.Analysis()
        return f.Analysis(
            method=words(one.method),
            steps=one.steps,
            causes=tuple(f.Cause(key=each.key, text=each.text, category=each.category or "") for each in one.causes),
            looked_at=one.extent.looked_at,
            found=one.extent.found,
        )

    def _action(self, one: Action) -> f.Action:
        due = on(one.due_on)
        if one.agreed_due_on is not None and one.agreed_due_on != one.due_on:
            due = f"{due} (agreed: {on(one.agreed_due_on)})"
        return f.Action(
            key=one.key,
            text=one.text,
            causes=", ".join(one.causes),
            owner=self._person(one.owner or ""),
            due_on=due,
            after=", ".join(one.after),
            done_on=on(one.done_on),
            state="Done" if one.done_on else "Planned",
        )

    def _evidence(self, one: Evidence) -> f.Evidence:
        return f.Evidence(
            name=one.name,
            shows=", ".join(one.shows),
            produced_on=on(one.produced_on),
            attached_by=self._person(one.attached_by),
            attached_at=self.reader.at(one.attached_at),
            site=one.site or "",
            media_type=one.media_type,
            size="" if one.size is None else f"{one.size:,} bytes",
            sha256=one.sha256,
        )

    def _follow_up(self) -> str:
        one = self.case.follow_up
        if one is None:
            return ""
        asked = f"Follow-up audit on {on(one.on)}: {one.reason}"
        return asked if one.result is None else f"{asked}\n{words(one.result)}: {one.statement or ''}"

    def _deferral(self) -> str:
        one = self.case.deferral
        if one is None:
            return ""
        return (
            f"Verified at {one.audit or 'the next audit'}, by {self.reader.at(one.latest)} at the latest: {one.reason}"
        )


def _requirement(one: Requirement) -> f.Requirement:
    held = standards.catalogue(one.standard, one.edition)
    return f.Requirement(
        reference=one.line,
        standard=one.standard,
        edition=one.edition or "",
        clause=one.clause,
        title=(held.title(one.clause) if held else None) or "",
        text=one.text or "",
    )
