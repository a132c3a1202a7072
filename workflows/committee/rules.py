"""The procedure of a committee review: who sits, who votes, and when it may decide (17021-1 9.5.1, 9.6.5)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from workflows.committee import commands as c
from workflows.committee import events as e
from workflows.committee.review import Review, evolve, papers_content, votes_content
from workflows.decider import Command, Context, Event, Happened, Reaction, Refusal, Wants
from workflows.durations import end_of_day
from workflows.nonconformity.commands import Choice, ClientDate
from workflows.people import Person, Role
from workflows.procedure import Procedure, Row, guard, signed

CONVENED = frozenset({"convened"})
MEMBER = frozenset({Role.COMMITTEE_MEMBER})
MANAGER = frozenset({Role.SCHEME_MANAGER, Role.ADMIN})

EFFECTS: dict[Choice, str] = {
    "extend": "The {deadline} date moves to {until}; the certificate stands.",
    "special_audit": "A special audit is to verify the corrective actions{before}; the certificate stands meanwhile.",
    "suspend": "The certificate is suspended; the nonconformity stays open and its close-out ends the suspension.",
    "reduce_scope": "The scope of the certificate is reduced by the parts that the nonconformity concerns.",
    "withdraw_certificate": "The certificate is withdrawn.",
    "refuse": "Certification is refused.",
    "regrade": "The nonconformity is regraded; the certificate stands.",
    "dismiss": "The nonconformity is dismissed; the certificate stands.",
}
DATES: dict[ClientDate, str] = {
    "correction": "correction",
    "plan": "plan",
    "evidence": "evidence",
    "closure": "close-out",
}


class NotSitting(Refusal):
    """Only members of this review vote and decide."""

    kind = "forbidden"
    code = "not_sitting"
    says = "You do not sit in this review."


class RecusedByRule(Refusal):
    """Whoever had a part in the audit or belongs to the client does not decide (17021-1 9.5.1)."""

    kind = "forbidden"
    code = "recused"
    says = "You are recused: {reason}."


class VotedAlready(Refusal):
    """One vote a member."""

    code = "voted_already"
    says = "You voted already: {choice}."


class UntilMissing(Refusal):
    """An extension states its new date."""

    kind = "invalid"
    code = "until_missing"
    says = "To extend, say until when."


class UntilPast(Refusal):
    """A new date lies ahead."""

    code = "until_past"
    says = "{until} is past already."


class BeyondLimit(Refusal):
    """Not even the committee moves a date past its hard limit."""

    code = "beyond_limit"
    says = "{until} is past the hard limit {limit}."


class RefusalOnlyInitial(Refusal):
    """Certification is refused at an initial audit; later certificates are suspended or withdrawn."""

    code = "refusal_only_initial"
    says = "Certification can be refused at an initial audit only; this is {stage}."


class NotANonconformity(Refusal):
    """An opportunity for improvement is none: there is no grade to correct."""

    code = "not_a_nonconformity"
    says = "An opportunity for improvement is not regraded: what is a nonconformity after all is raised as one."


class QuorumMissing(Refusal):
    """A decision needs the quorum."""

    code = "quorum_missing"
    says = "{votes} of {quorum} votes are cast."


class NoMajority(Refusal):
    """A decision needs the majority that the policy asks for."""

    code = "no_majority"
    says = "No choice has a {majority} majority: {tally}."


class RecuseAnother(Refusal):
    """Members recuse themselves; a scheme manager recuses anybody."""

    kind = "forbidden"
    code = "recuse_another"
    says = "A member can recuse nobody else: ask a scheme manager."


class NotAMember(Refusal):
    """Only members are recused."""

    code = "not_a_member"
    says = "{person} is no member of this review, or recused already."


class NotCommittee(Refusal):
    """Only committee members of the certification body sit."""

    code = "not_committee"
    says = "No committee members of this body: {people}."


@guard(RecusedByRule, NotSitting)
def sits(review: Review, body: object, context: Context) -> None:
    """The caller sits and is not recused."""
    for recusal in review.recused:
        if recusal.person == context.actor.id:
            raise RecusedByRule(reason=recusal.reason)
    if context.actor.id not in review.sitting:
        raise NotSitting


@guard(VotedAlready)
def votes_once(review: Review, body: object, context: Context) -> None:
    """No vote yet."""
    for vote in review.votes:
        if vote.person == context.actor.id:
            raise VotedAlready(choice=vote.choice)


@guard(UntilMissing, UntilPast, BeyondLimit, RefusalOnlyInitial, NotANonconformity, needs_body=True)
def sound_choice(review: Review, body: c.Vote, context: Context) -> None:
    """The choice is possible for this case."""
    papers = _papers(review)
    if body.choice == "extend" and body.until is None:
        raise UntilMissing("/until")
    if body.until is not None and body.until <= context.now:
        raise UntilPast("/until", until=body.until)
    if body.until is not None and papers.limit_at is not None and body.until > papers.limit_at:
        raise BeyondLimit("/until", until=body.until, limit=papers.limit_at)
    if body.choice == "refuse" and papers.stage not in ("stage1", "stage2"):
        raise RefusalOnlyInitial("/choice", stage=papers.stage or "no audit stage")
    if body.choice == "regrade" and papers.grade == "ofi":
        raise NotANonconformity("/choice")


@guard(QuorumMissing, NoMajority)
def can_decide(review: Review, body: object, context: Context) -> None:
    """Quorum and majority."""
    rules = _papers(review).rules
    if len(review.votes) < rules.quorum:
        raise QuorumMissing(votes=len(review.votes), quorum=rules.quorum)
    if review.winner() is None:
        tally = ", ".join(f"{choice} {n}" for choice, n in review.tally().most_common())
        raise NoMajority(majority=rules.majority, tally=tally)


@guard(RecuseAnother, NotAMember, needs_body=True)
def may_recuse(review: Review, body: c.Recuse, context: Context) -> None:
    """Oneself, or anybody by a scheme manager."""
    if body.person != context.actor.id and not context.actor.roles & MANAGER:
        raise RecuseAnother("/person")
    if body.person not in review.sitting:
        raise NotAMember("/person", person=body.person)


@guard(NotCommittee, needs_body=True)
def all_committee(review: Review, body: c.Convene, context: Context) -> None:
    """Each named person is a committee member."""
    strangers = set(body.members) - {person.id for person in context.facts.committee}
    if strangers:
        raise NotCommittee("/members", people=", ".join(sorted(strangers)))


def _open(review: Review, body: c.Open, context: Context) -> Sequence[Event]:
    within, area = body.rules.within, ZoneInfo(body.zone)
    due = within.after(context.now, area)
    due = end_of_day(due, area) if body.end_of_day and within.in_days else due
    opened = e.Opened(papers=body, due_at=due)
    members = [person.id for person in context.facts.committee]
    return (opened, *_seated(body, members, (), context.facts.committee))


def _convene(review: Review, body: c.Convene, context: Context) -> Sequence[Event]:
    # Whoever was recused stays recused, seated again or not.
    return _seated(_papers(review), list(body.members), review.recused, context.facts.committee)


def _discontinue(review: Review, body: c.Discontinue, context: Context) -> Sequence[Event]:
    return (e.Discontinued(reason=body.reason),)


def _change_client(review: Review, body: c.ChangeClient, context: Context) -> Sequence[Event]:
    papers = _papers(review).model_copy(update={"client": body.client})
    known = {person.id: person for person in context.facts.committee}
    recused = tuple(
        e.Recusal(person=member, reason=why)
        for member in review.sitting
        if member in known and (why := _conflict(papers, known[member])) is not None
    )
    changed = e.ClientChanged(client=body.client, recused=recused)
    if not recused:
        return (changed,)
    out = {recusal.person for recusal in (*review.recused, *recused)}
    sitting = [member for member in review.sitting if member not in out]
    return (changed, *_shortage(papers, sitting, out, context.facts.committee))


def _recuse(review: Review, body: c.Recuse, context: Context) -> Sequence[Event]:
    recused = e.Recused(person=body.person, reason=body.reason)
    sitting = [member for member in review.sitting if member != body.person]
    out = {recusal.person for recusal in review.recused} | {body.person}
    return (recused, *_shortage(_papers(review), sitting, out, context.facts.committee))


def _vote(review: Review, body: c.Vote, context: Context) -> Sequence[Event]:
    signature = signed(body, context)
    return (e.Voted(choice=body.choice, reason=body.reason, until=body.until, signature=signature),)


def _decide(review: Review, body: c.Decide, context: Context) -> Sequence[Event]:
    choice = review.winner()
    if choice is None:
        raise ValueError("a guard lets this through without a majority")
    # Where members name different dates, the earliest holds: it is the one that all of them allow.
    until = min((vote.until for vote in review.votes if vote.choice == choice and vote.until), default=None)
    papers = _papers(review)
    before = f" before {until.astimezone(ZoneInfo(papers.zone)):%Y-%m-%d}" if until else ""
    return (
        e.Decided(
            choice=choice,
            reason=body.reason,
            effect=EFFECTS[choice].format(until=until, before=before, deadline=DATES[papers.deadline]),
            until=until,
            tally={str(name): votes for name, votes in review.tally().items()},
            signature=signed(body, context),
        ),
    )


def _seated(
    papers: c.Open, members: list[str], own: Iterable[e.Recusal], committee: Sequence[Person]
) -> Sequence[Event]:
    """Members and recusals by rule, and at once whether the quorum can be reached."""
    by_rule = {person.id: why for person in committee if (why := _conflict(papers, person)) is not None}
    recused = {recusal.person: recusal.reason for recusal in own} | {m: by_rule[m] for m in members if m in by_rule}
    convened = e.Convened(
        members=tuple(members),
        recused=tuple(e.Recusal(person=person, reason=reason) for person, reason in recused.items()),
    )
    sitting = [member for member in members if member not in recused]
    return (convened, *_shortage(papers, sitting, {*recused, *by_rule}, committee))


def _shortage(papers: c.Open, sitting: list[str], out: set[str], committee: Sequence[Person]) -> Sequence[Event]:
    if len(sitting) >= papers.rules.quorum:
        return ()
    could = tuple(person.id for person in committee if person.id not in out and _conflict(papers, person) is None)
    return (e.QuorumImpossible(quorum=papers.rules.quorum, sitting=tuple(sitting), could_sit=could),)


def _conflict(papers: c.Open, person: Person) -> str | None:
    """Why a person may not sit: a part in the audit, in the case, or in the client."""
    team = {member.strip().casefold() for member in papers.audit_team}
    if person.id.casefold() in team or person.name.strip().casefold() in team:
        return "member of the audit team"
    if person.id in papers.took_part:
        return "took part in the case"
    if person.client == papers.client:
        return "belongs to the client"
    return None


def _papers(review: Review) -> c.Open:
    if review.papers is None:
        raise ValueError("an open review has papers")
    return review.papers


PROCEDURE: Procedure[Review] = Procedure(
    thing="committee review",
    status=lambda review: review.status,
    client=lambda review: review.client,
    rows=(
        Row(c.Open, frozenset({""}), ("convened",), frozenset(), _open, source="17021-1 9.5.1", internal=True),
        Row(
            c.Discontinue,
            CONVENED,
            ("discontinued",),
            frozenset(),
            _discontinue,
            source="17021-1 9.6.5",
            internal=True,
        ),
        Row(
            c.ChangeClient,
            CONVENED,
            (),
            frozenset(),
            _change_client,
            source="17021-1 9.5.1; registry: merge",
            internal=True,
        ),
        Row(c.Convene, CONVENED, (), MANAGER, _convene, (all_committee,), source="17021-1 9.5.1"),
        Row(c.Recuse, CONVENED, (), MEMBER | MANAGER, _recuse, (may_recuse,), source="17021-1 5.2, 9.5.1"),
        Row(
            c.Vote,
            CONVENED,
            (),
            MEMBER,
            _vote,
            (sits, votes_once, sound_choice),
            signs=papers_content,
            meaning="I had no part in the audit, read the papers, and vote so.",
            source="17021-1 9.5.1, 9.6.5",
        ),
        Row(
            c.Decide,
            CONVENED,
            ("decided",),
            MEMBER,
            _decide,
            (sits, can_decide),
            signs=votes_content,
            meaning="I record the decision of the certification committee.",
            source="17021-1 9.5.1, 9.6.5",
        ),
    ),
)


class CommitteeReview:
    """The decider of committee reviews."""

    kind = "committee_review"
    state = Review
    version = 2

    def initial(self) -> Review:
        """Not called yet."""
        return Review()

    def wants(self, state: Review, command: Command, now: datetime) -> Wants:
        """The committee members of the body, to seat them."""
        return Wants(committee=command.name in ("open", "convene", "recuse", "change_client"))

    def decide(self, state: Review, command: Command, context: Context) -> Sequence[Event]:
        """The row's events, or its refusal."""
        return PROCEDURE.decide(state, command, context)

    def evolve(self, state: Review, happened: Happened) -> Review:
        """The fold."""
        return evolve(state, happened)

    def lives(self, state: Review) -> bool:
        """Until it is decided."""
        return state.status == "convened"

    def next_wakeup(self, state: Review) -> datetime | None:
        """Its own date, once."""
        if state.status != "convened" or state.overdue or state.due_at is None:
            return None
        return state.due_at + timedelta(microseconds=1)

    def on_wakeup(self, state: Review, now: datetime) -> Sequence[Event]:
        """Overdue."""
        due = self.next_wakeup(state)
        if due is None or state.due_at is None or now < due:
            return ()
        return (e.Overdue(due_at=state.due_at),)

    def react(self, state: Review, happened: Happened) -> Sequence[Reaction]:
        """The decision takes effect on the case."""
        event = happened.event
        if not isinstance(event, e.Decided) or state.papers is None:
            return ()
        return (
            Reaction(
                state.papers.case,
                "apply_decision",
                {
                    "review": state.stream.partition("/")[2],
                    "choice": event.choice,
                    "effect": event.effect,
                    "reason": event.reason,
                    "until": event.until.isoformat() if event.until else None,
                    "deadline": state.papers.deadline,
                    "deciders": [vote.person for vote in state.votes],
                },
            ),
        )

    def status(self, state: Review) -> str:
        """Its state."""
        return state.status
