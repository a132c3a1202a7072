"""What must hold of committee reviews and of everything that one stream causes on another."""

from collections import Counter
from collections.abc import Iterator, Mapping

from tests.rules.machine.ground import sides
from tests.rules.machine.looking import Invariant, Look
from workflows.committee import events as committee
from workflows.decider import kind_of
from workflows.nonconformity import events as e
from workflows.nonconformity.case import LIVE, Case
from workflows.people import Role
from workflows.registry import DECIDERS

MOOT: Mapping[tuple[str, str], frozenset[str]] = {
    # The review decided meanwhile.
    ("committee_review", "discontinue"): frozenset({"wrong_state"}),
    # It caused no suspension that lasts.
    ("certificate", "resolve"): frozenset({"wrong_state", "not_a_cause"}),
    # What the review decided there is gone already.
    ("certificate", "set_aside"): frozenset({"nothing_to_set_aside", "wrong_state"}),
    # Deferred anew to another audit since it was called up, or by another way over.
    ("nonconformity", "call_up"): frozenset({"deferred_elsewhere", "not_deferred"}),
    ("nonconformity", "audit_ended"): frozenset({"deferred_elsewhere", "not_deferred"}),
}
"""The reactions that may be refused, because they have nothing left to do, and by which rules."""


def no_reaction_is_lost(look: Look) -> Iterator[str]:
    """Everything that an event causes arrives, once; refused is only what has nothing left to do."""
    owed: Counter[tuple[str, str, str]] = Counter()
    for turn in look.turns:
        decider = DECIDERS[kind_of(turn.stream)]
        for one in (one for happened in turn.happened for one in decider.react(turn.after, happened)):
            owed[turn.stream, one.stream, one.name] += 1
        if turn.actor.kind == "reaction":
            owed[turn.actor.id.removeprefix("reaction:"), turn.stream, turn.command or ""] -= 1
    for refused in look.unheard:
        target, name = refused.reaction.stream, refused.reaction.name
        owed[refused.source, target, name] -= 1
        if refused.refused.code not in MOOT.get((kind_of(target), name), frozenset()):
            yield f"{refused.source}: {name} was refused by {target}: {refused.refused.detail}"
    for (source, target, name), n in owed.items():
        if n:
            yield f"{source}: {name} to {target} came {-n:+} times too often"


def no_decision_is_lost(look: Look) -> Iterator[str]:
    """Each review is one that its case called; its decision stands in the case once; no case has two open."""
    convened: Counter[str] = Counter()
    for key, review in look.reviews():
        if review.papers is None:
            yield f"{key}: no papers"
            continue
        case = look.world.state(review.papers.case)
        taken = [one for one in look.world.streams[review.papers.case].history if _decides(one.event, key)]
        if key not in case.reviews or len(taken) != (review.status == "decided"):
            yield f"{key}: {review.status}, and stands {len(taken)} times in {review.papers.case}"
        convened[review.papers.case] += review.status == "convened"
        waits = case.escalation is not None and (case.escalation.review, case.escalation.state) == (key, "under_review")
        if (review.status == "convened") != waits:
            yield f"{key}: {review.status}, and the case {'waits' if waits else 'does not wait'} for it"
    for name, n in convened.items():
        if n > 1:
            yield f"{name}: {n} reviews at once"
    for key, case in look.cases():
        for called in case.reviews:
            if look.world.state(f"committee_review/{called}").status == "":
                yield f"{key}: the review {called} was never opened"


def the_recused_never_vote(look: Look) -> Iterator[str]:
    """Who votes sits: a committee member, not recused, without a part in audit or case, once."""
    for change, _ in look.of(committee.Voted):
        if change.happened.actor not in change.before.sitting:
            yield f"{change}: does not sit"
    for key, review in look.reviews():
        voters, sitting = [vote.person for vote in review.votes], set(review.sitting)
        if not set(voters) <= sitting or len(set(voters)) < len(voters):
            yield f"{key}: {voters} voted, {sitting} sit"
        if review.papers and sitting & set(review.papers.took_part):
            yield f"{key}: {sitting & set(review.papers.took_part)} took part, and sit"
        if {one.person for one in review.recused} & sitting:
            yield f"{key}: somebody who is recused sits"
        if any(Role.COMMITTEE_MEMBER not in sides(member) for member in review.members):
            yield f"{key}: {review.members} are not all of the committee"


def who_decided_before_does_not_decide_an_appealed_case_again(look: Look) -> Iterator[str]:
    """The review after an upheld appeal has none of those who decided the first time."""
    for change, event in look.of(e.Escalated):
        if event.cause == "appeal":
            review = look.world.state(f"committee_review/{event.review}")
            former = look.world.state(f"committee_review/{change.before.appeal.review}").votes
            again = {vote.person for vote in former} & set(review.sitting)
            if again:
                yield f"{change}: {again} sit again"


def a_decision_has_its_quorum_and_majority(look: Look) -> Iterator[str]:
    """A review decides as the votes say, of which there are enough; the case takes over what was decided."""
    for change, event in look.of(committee.Decided):
        review, key = change.before, change.turn.stream.partition("/")[2]
        votes, cast = Counter(vote.choice for vote in review.votes), len(review.votes)
        if cast < review.papers.rules.quorum or 2 * votes[event.choice] <= cast:
            yield f"{change}: {event.choice} by {votes}"
        decision = look.world.state(review.papers.case).decision
        if decision is None or (decision.review, decision.choice) != (key, event.choice):
            yield f"{change}: the case holds {decision}"


def an_open_dispute_holds_up_the_committee(look: Look) -> Iterator[str]:
    """While a dispute is open nobody calls the committee, but an upheld appeal."""
    for change, event in look.of(e.Escalated):
        case: Case = change.before
        if case.dispute is not None and case.dispute.state == "open" and event.cause != "appeal":
            yield f"{change}: {event.cause} during a dispute"
        if case.escalation is not None and case.escalation.state == "under_review":
            yield f"{change}: {event.cause} during a review"


def what_ended_leaves_nothing_open(look: Look) -> Iterator[str]:
    """An ended case has no open dispute, request, deferral or review; an appeal outlives close-out alone."""
    for key, case in look.cases():
        if case.status in LIVE or case.status in ("", "reported"):
            continue
        appeal = None if case.status == "closed" else case.appeal
        claims = [claim for claim in (case.dispute, appeal) if claim is not None and claim.state == "open"]
        waits = case.escalation is not None and case.escalation.state == "under_review"
        if claims or waits or case.extension is not None or case.deferral is not None:
            yield f"{key}: {case.status}, and something is open"


def _decides(event: object, review: str) -> bool:
    return isinstance(event, e.ReviewDecided) and event.review == review


INVARIANTS: tuple[Invariant, ...] = (
    no_reaction_is_lost,
    no_decision_is_lost,
    the_recused_never_vote,
    who_decided_before_does_not_decide_an_appealed_case_again,
    a_decision_has_its_quorum_and_majority,
    an_open_dispute_holds_up_the_committee,
    what_ended_leaves_nothing_open,
)
