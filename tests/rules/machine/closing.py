"""What must hold of verification, close-out and who may do what on a case."""

from collections.abc import Iterator

from tests.rules.machine.ground import is_client_side, sides
from tests.rules.machine.looking import Invariant, Look
from workflows.findings import COMPLETABLE, differing, missing_for_issue, reworded
from workflows.nonconformity import events as e
from workflows.nonconformity.case import LIVE, Case
from workflows.nonconformity.parts import Completed
from workflows.people import CLIENT_SIDE

BODY_ACTS = (
    e.FindingCompleted,
    e.Issued,
    e.PlanAccepted,
    e.PlanReturned,
    e.EvidenceReturned,
    e.Verified,
    e.Closed,
    e.Reopened,
    e.ExtensionGranted,
    e.ExtensionDenied,
    e.LatenessExcused,
    e.FollowUpRequired,
    e.FollowUpRecorded,
    e.VerificationDeferred,
    e.WithdrawalProposed,
    e.Withdrawn,
    e.DisputeDecided,
    e.AppealDecided,
    e.PolicyApplied,
    e.Aggregated,
)
"""What the client's people never do."""

CLIENT_ACTS = (e.PlanSubmitted, e.EvidenceSubmitted, e.EffectivenessConfirmed, e.Disputed, e.Appealed, e.Acknowledged)
"""What only the client's people do."""

BESIDE = {"source_finding", "source_revisions", "took_part"}
"""What a source's word changes of a case."""

IN_TRIAGE = {"finding", "completed", "proposed_grade", "flags", "warnings", "document"}
"""What it changes too, while nobody decided."""


def nothing_is_closed_without_verification(look: Look) -> Iterator[str]:
    """A major or a minor is closed only after its verification, or, a minor, in the same act."""
    for change, _ in look.of(e.Closed):
        case: Case = change.before
        if case.grade != "ofi" and (case.status != "verified" or case.verification is None):
            yield f"{change}: it was {case.status}, not verified"
        if case.grade == "major" and change.turn.before.status != "verified":
            yield f"{change}: a major was verified in the act that closed it"
    for key, case in look.cases():
        if case.status == "closed" and case.grade != "ofi" and case.verification is None:
            yield f"{key}: closed without verification"


def what_a_source_says_decides_nothing(look: Look) -> Iterator[str]:
    """It replaces a finding in triage; what was issued stays as it was issued, and no status or date moves."""
    for change, _ in look.of(e.FindingRevised, e.FindingPassed):
        before, after = change.before, change.after
        changed = {name for name in Case.model_fields if getattr(before, name) != getattr(after, name)}
        if extra := changed - BESIDE - (IN_TRIAGE if before.status == "reported" else set()):
            yield f"{change}: it changed {extra}"


def what_is_issued_is_complete(look: Look) -> Iterator[str]:
    """A nonconformity has its requirement, statement and objective evidence, whoever stated them."""
    for change, _ in look.of(e.Issued):
        case: Case = change.before
        if case.finding is None or missing_for_issue(case.finding):
            yield f"{change}: it lacks something"


def a_source_keeps_its_own_words(look: Look) -> Iterator[str]:
    """What is completed in triage changes nothing that the source said, and of the finding what can be completed."""
    for change, _ in look.of(e.FindingCompleted):
        before, after = change.before, change.after
        if before.as_stated != after.as_stated:
            yield f"{change}: its source says something else"
        if extra := set(differing(before.finding, after.finding)) - set(COMPLETABLE):
            yield f"{change}: it changed {extra}"
        if reworded(after.as_stated, after.finding) and not all(one.reason for one in _anew(after)):
            yield f"{change}: nobody said why"


def _anew(case: Case) -> Iterator[Completed]:
    finding, stated = case.finding, case.as_stated
    otherwise = reworded(stated, finding) if stated and finding else ()
    return (one for one in case.completed if one.field in otherwise and not one.restated)


def only_evidence_is_verified(look: Look) -> Iterator[str]:
    """What is verified was submitted, or seen on site by an audit that called it up; a follow-up asked for was held."""
    for change, _ in look.of(e.Verified):
        case: Case = change.before
        seen = case.status == "plan_submitted" and case.deferral is not None and case.deferral.called_up
        if case.status != "evidence_submitted" and not (seen and case.plan.state == "accepted"):
            yield f"{change}: nothing was submitted, nor seen on site"
        if case.follow_up is not None and case.follow_up.result != "effective":
            yield f"{change}: the follow-up did not find it effective"


def no_client_verifies(look: Look) -> Iterator[str]:
    """What the certification body decides, nobody of a client does; and the other way round."""
    for change, _ in look.of(*BODY_ACTS):
        if is_client_side(change.happened.actor):
            yield f"{change}: a client's person did it"
    for change, _ in look.of(*CLIENT_ACTS):
        if not is_client_side(change.happened.actor):
            yield f"{change}: nobody of the client did it"


def nobody_acts_on_another_clients_case(look: Look) -> Iterator[str]:
    """A client's people act on what is their client's at that moment, or begin what is."""
    for turn in look.turns:
        roles, client = sides(turn.actor.id), turn.before.client or turn.after.client
        if turn.actor.kind == "person" and roles and roles <= CLIENT_SIDE and client != turn.actor.client:
            yield f"{turn.stream}: {turn.command} by {turn.actor.id}, who is of {turn.actor.client}"


def a_major_has_another_closer(look: Look) -> Iterator[str]:
    """Who closes a major did not verify it."""
    for change, _ in look.of(e.Closed):
        case: Case = change.before
        if case.grade == "major" and case.verification is not None and case.verification.by == change.happened.actor:
            yield f"{change}: the verifier closed it"


def two_people_withdraw(look: Look) -> Iterator[str]:
    """A case is withdrawn by two people, unless a dispute was upheld."""
    for change, _ in look.of(e.Withdrawn):
        if change.turn.command == "confirm_withdrawal":
            proposed = change.before.withdrawal_proposed_by
            if proposed is None or proposed == change.happened.actor:
                yield f"{change}: proposed by {proposed}"
        elif change.before.dispute is None or change.before.dispute.state != "upheld":
            yield f"{change}: neither two people nor a dispute"


def nobody_involved_decides_a_dispute_or_appeal(look: Look) -> Iterator[str]:
    """Who decides did nothing in the case before and is on no team of its audit; of an appeal, did not vote either."""
    for change, event in look.of(e.DisputeDecided, e.AppealDecided):
        stream, who = look.world.streams[change.turn.stream], change.turn.actor
        if any(one.actor == who.id for one in stream.history[: change.happened.seq - 1]):
            yield f"{change}: took part in the case"
        case: Case = change.before
        audit = case.finding.audit if case.finding else None
        held = dict(look.audits()).get(audit.ref) if audit else None
        team = [member.person for member in held.outline.team] if held and held.outline else []
        if any(who.is_called(member) for member in (*team, *case.audit_team)):
            yield f"{change}: is on the audit team"
        if isinstance(event, e.AppealDecided):
            votes = look.world.state(f"committee_review/{event.review}").votes
            if who.id in [vote.person for vote in votes]:
                yield f"{change}: voted in the review"


def four_eyes_see_a_plan(look: Look) -> Iterator[str]:
    """Where the client wants it, who submits a plan wrote none of it."""
    for change, _ in look.of(e.PlanSubmitted):
        entry = look.world.state(f"client/{change.before.client}").entry
        if entry.settings.four_eyes and change.happened.actor in change.before.plan.authors:
            yield f"{change}: its author submitted it"


def grades_change_only_as_they_may(look: Look) -> Iterator[str]:
    """A grade is another one only by issue and regrading: not by its issuer, never to an OFI; the clock only raises."""
    for change in look.changes:
        before, after, event = change.before, change.after, change.happened.event
        if not isinstance(before, Case) or before.grade == after.grade:
            continue
        if not isinstance(event, e.Issued | e.Regraded):
            yield f"{change}: from {before.grade} to {after.grade}"
        elif isinstance(event, e.Regraded):
            if event.grade == "ofi" or (event.cause in ("deadline_missed", "unverified") and before.grade != "minor"):
                yield f"{change}: from {before.grade} to {event.grade} by {event.cause}"
            if change.turn.command == "regrade" and change.happened.actor == before.issued_by:
                yield f"{change}: by who issued it"


def a_policy_changes_only_where_it_must(look: Look) -> Iterator[str]:
    """The policy of an issued case is another one by apply_policy, or by a regrade that its own does not cover."""
    for change in look.changes:
        before, after, event = change.before, change.after, change.happened.event
        if not isinstance(before, Case) or before.policy is None or before.policy == after.policy:
            continue
        needed = isinstance(event, e.Regraded) and before.policy.grades and event.grade not in before.policy.grades
        if not (needed or isinstance(event, e.PolicyApplied)):
            yield f"{change}: {before.policy.name} became {after.policy.name}"


def extensions_stay_within_caps(look: Look) -> Iterator[str]:
    """A reviewer grants no more often, no later and no longer than policy and request allow."""
    for change, event in look.of(e.ExtensionGranted):
        case: Case = change.before
        deadline = next(one for one in case.deadlines if one.kind == event.deadline)
        caps = case.policy.caps(case.grade, case.label) if case.policy and case.grade else None
        if case.extension is None or event.until > case.extension.until:
            yield f"{change}: more than was asked for"
        if caps is None or deadline.extensions >= caps.reviewer_grants:
            yield f"{change}: the committee was to grant it"


def only_the_living_change(look: Look) -> Iterator[str]:
    """What ended stays as it ended, but for a reopening: grade, dates, plan, evidence and verification.

    An appeal outlives close-out, and with it its own date.
    """
    for change in look.changes:
        before, after = change.before, change.after
        if not isinstance(before, Case) or before.status in LIVE or before.status in ("", "reported"):
            continue
        if isinstance(change.happened.event, e.Reopened):
            continue
        if before.status == "closed":
            before, after = _without_appeal(before), _without_appeal(after)
        if any(getattr(before, name) != getattr(after, name) for name in KEPT):
            yield f"{change}: changed what had ended as {before.status}"


def _without_appeal(case: Case) -> Case:
    return case.model_copy(update={"deadlines": tuple(date for date in case.deadlines if date.kind != "appeal")})


KEPT = ("status", "grade", "label", "policy", "deadlines", "plan", "evidence", "verification", "closure", "ended_at")

INVARIANTS: tuple[Invariant, ...] = (
    nothing_is_closed_without_verification,
    what_a_source_says_decides_nothing,
    what_is_issued_is_complete,
    a_source_keeps_its_own_words,
    only_evidence_is_verified,
    no_client_verifies,
    nobody_acts_on_another_clients_case,
    a_major_has_another_closer,
    two_people_withdraw,
    nobody_involved_decides_a_dispute_or_appeal,
    four_eyes_see_a_plan,
    grades_change_only_as_they_may,
    a_policy_changes_only_where_it_must,
    extensions_stay_within_caps,
    only_the_living_change,
)
