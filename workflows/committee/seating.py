"""Who sits in a committee review, who is recused by rule, and whether they are enough (17021-1 5.2, 9.5.1)."""

from collections.abc import Collection, Iterable, Sequence

from workflows.committee import commands as c
from workflows.committee import events as e
from workflows.decider import Event
from workflows.entries import AuditEntry
from workflows.people import Person, folded


def with_team(papers: c.Open, audit: AuditEntry | None) -> c.Open:
    """The papers with all who took part in the audit, as it is registered now: a team changes after the issue too."""
    took_part = audit.took_part if audit is not None and audit.key == papers.audit else ()
    return papers.model_copy(update={"audit_team": tuple(dict.fromkeys((*papers.audit_team, *took_part)))})


def seated(
    papers: c.Open, members: Sequence[str], own: Iterable[e.Recusal], committee: Sequence[Person]
) -> Sequence[Event]:
    """Members and recusals by rule, and at once whether the quorum can be reached."""
    by_rule = {person.id: why for person in committee if (why := conflict(papers, person)) is not None}
    recused = {recusal.person: recusal.reason for recusal in own} | {m: by_rule[m] for m in members if m in by_rule}
    convened = e.Convened(
        members=tuple(members),
        recused=tuple(e.Recusal(person=person, reason=reason) for person, reason in recused.items()),
    )
    sitting = [member for member in members if member not in recused]
    return (convened, *shortage(papers, sitting, {*recused, *by_rule}, committee))


def shortage(
    papers: c.Open, sitting: Sequence[str], out: Collection[str], committee: Sequence[Person]
) -> Sequence[Event]:
    """That the quorum cannot be reached, where it cannot, with who could sit: neither `out` nor recused by rule."""
    if len(sitting) >= papers.rules.quorum:
        return ()
    could = tuple(person.id for person in committee if person.id not in out and conflict(papers, person) is None)
    return (e.QuorumImpossible(quorum=papers.rules.quorum, sitting=tuple(sitting), could_sit=could),)


def conflict(papers: c.Open, person: Person) -> str | None:
    """Why a person may not sit: a part in the audit, in the case, or in the client."""
    if {folded(person.id), folded(person.name)} & {folded(member) for member in papers.audit_team}:
        return "member of the audit team"
    if person.id in papers.took_part:
        return "took part in the case"
    if person.client == papers.client:
        return "belongs to the client"
    return None
