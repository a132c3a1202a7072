"""The procedure of a committee review: who sits, who votes, and when it may decide (17021-1 9.5.1, 9.6.5)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import get_args

from workflows.committee import commands as c
from workflows.committee import events as e
from workflows.committee import guards as g
from workflows.committee import records
from workflows.committee.review import Review, Status, evolve, papers_content, votes_content
from workflows.committee.standing import lacking
from workflows.decider import Command, Context, Event, Happened, Reaction, Wants
from workflows.people import MANAGERS, Role
from workflows.procedure import Procedure, Row

CONVENED = frozenset({"convened"})
MEMBER = frozenset({Role.COMMITTEE_MEMBER})

PROCEDURE: Procedure[Review] = Procedure(
    thing="committee review",
    states=get_args(Status),
    status=lambda review: review.status,
    client=lambda review: review.client,
    rows=(
        Row(
            c.Open,
            frozenset({""}),
            ("convened",),
            frozenset(),
            records.open_review,
            source="17021-1 9.5.1",
            internal=True,
        ),
        Row(
            c.Discontinue,
            CONVENED,
            ("discontinued",),
            frozenset(),
            records.discontinue,
            source="17021-1 9.6.5",
            internal=True,
        ),
        Row(
            c.ChangeClient,
            CONVENED,
            (),
            frozenset(),
            records.change_client,
            source="17021-1 9.5.1; registry: merge",
            internal=True,
        ),
        Row(c.Convene, CONVENED, (), MANAGERS, records.convene, (g.all_committee,), source="17021-1 9.5.1"),
        Row(c.Recuse, CONVENED, (), MEMBER | MANAGERS, records.recuse, (g.may_recuse,), source="17021-1 5.2, 9.5.1"),
        Row(
            c.Vote,
            CONVENED,
            (),
            MEMBER,
            records.vote,
            (g.sits, g.sound_choice),
            signs=papers_content,
            meaning="I had no part in the audit, read the papers, and vote so.",
            source="17021-1 9.5.1, 9.6.5",
        ),
        Row(
            c.Decide,
            CONVENED,
            ("decided",),
            MEMBER,
            records.decide,
            (g.sits, g.can_decide, g.date_ahead),
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
    version = 3

    def initial(self) -> Review:
        """Not called yet."""
        return Review()

    def wants(self, state: Review, command: Command, now: datetime) -> Wants:
        """The committee members of the body, to seat them, and the audit, whose team does not sit."""
        named = command.body.get("audit") if state.papers is None else state.papers.audit
        return Wants(
            committee=command.name in ("open", "convene", "recuse", "change_client"),
            audit=named if isinstance(named, str) and command.name in ("open", "convene") else None,
        )

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
        """Overdue, with what is lacking: the review goes on, and whoever listens knows what to do about it."""
        due = self.next_wakeup(state)
        if due is None or state.due_at is None or now < due:
            return ()
        return (e.Overdue(due_at=state.due_at, lacking=tuple(str(refusal) for refusal in lacking(state))),)

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
                    "grade": event.grade,
                    "deadline": state.papers.deadline,
                    "deciders": [vote.person for vote in state.votes],
                },
            ),
        )

    def status(self, state: Review) -> str:
        """Its state."""
        return state.status
