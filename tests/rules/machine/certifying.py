"""What must hold of certificates and audits."""

from collections import Counter
from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from tests.rules.machine.ground import sides
from tests.rules.machine.looking import Invariant, Look
from workflows.audit import events as audits
from workflows.audit.audit import Audit
from workflows.audit.standing import covers
from workflows.certificate import events as c
from workflows.certificate.certificate import Certificate
from workflows.decider import Event
from workflows.entries import CaseEntry
from workflows.nonconformity import events as e
from workflows.nonconformity.case import LIVE
from workflows.nonconformity.entry import case_entry
from workflows.people import CLIENT_SIDE, Role

RANK: Mapping[str, int] = {"not_recommended": 0, "recommended_on_plan": 1, "recommended": 2}
SET_ASIDE = "certificate.decision_set_aside"
REGAINS = (c.Applied.type, c.TransferredIn.type, SET_ASIDE)
"""The events by which a certificate comes to parts that it did not have."""

SETTLED = ("verified", "closed", "dismissed", "withdrawn", "superseded")


def a_suspension_has_what_holds_it(look: Look) -> Iterator[str]:
    """A certificate is suspended only while a decision, or a case that lives, holds it."""
    cases = dict(look.cases())
    for key, certificate in look.certificates():
        suspension = certificate.suspension
        if certificate.status not in ("suspended", "expired", "withdrawn") and suspension is not None:
            yield f"{key}: {certificate.status}, with a suspension"
        if certificate.status == "suspended" and (suspension is None or not suspension.causes):
            yield f"{key}: suspended for nothing"
        for cause in suspension.causes if suspension else ():
            if cause.case is not None and cases[cause.case].status not in LIVE:
                yield f"{key}: still suspended for {cause.case}, which is {cases[cause.case].status}"
            if cause.case is not None and key not in cases[cause.case].certificates:
                yield f"{key}: suspended for {cause.case}, which does not know"


def nothing_becomes_active_without_a_signed_act(look: Look) -> Iterator[str]:
    """A certificate becomes active by a committee member's signature, a transfer, or the end of what suspended it.

    Or where a decision is set aside on appeal: that is signed on the case.
    """
    for change in look.changes:
        before, after, event = change.before, change.after, change.happened.event
        if not isinstance(before, Certificate) or before.status == after.status or after.status != "active":
            continue
        signature = getattr(event, "signature", None)
        held = before.suspension.causes if before.suspension else ()
        lifted = before.status == "suspended" and isinstance(event, c.Restored) and not held
        transferred = before.status == "" and isinstance(event, c.TransferredIn)
        appealed = event.type == SET_ASIDE and _was_appealed(look, event)
        if signature is None and not (lifted or transferred or appealed):
            yield f"{change}: {before.status or 'nothing'} became active without a signature"
        if signature is not None and Role.COMMITTEE_MEMBER not in sides(signature.by):
            yield f"{change}: signed by {signature.by}"


def who_decides_on_a_certificate_did_not_audit(look: Look) -> Iterator[str]:
    """Nobody signs a decision on a certificate who is on the team of an audit that it can rest on."""
    for change in look.changes:
        state, signature = change.before, getattr(change.happened.event, "signature", None)
        if not isinstance(state, Certificate) or signature is None:
            continue
        names = {standard.partition(":")[0] for standard in state.standards}
        for key, audit in look.audits():
            outline = audit.outline
            if outline is None or outline.client != state.client or audit.status in ("planned", "cancelled"):
                continue
            shared = names & {standard.partition(":")[0] for standard in outline.standards}
            recent = state.term is None or (audit.ended_on or outline.ends_on) >= state.term.issued_on
            if shared and recent and any(change.turn.actor.is_called(member.person) for member in outline.team):
                yield f"{change}: was on the team of {key}"


def certificates_only_lose_parts(look: Look) -> Iterator[str]:
    """Standards and sites leave a certificate; none comes to it but by application, transfer, or an appeal."""
    for change in look.changes:
        before, after = change.before, change.after
        if not isinstance(before, Certificate) or change.happened.event.type in REGAINS:
            continue
        if set(after.standards) - set(before.standards) or set(after.sites) - set(before.sites) or not after.standards:
            yield f"{change}: it covers {after.standards} at {after.sites}"


def certificates_rest_on_audits_that_recommend_them(look: Look) -> Iterator[str]:
    """The audits on which a term is decided were concluded, and not without a recommendation; the first are stage 2.

    What was found in them is verified, or its plan accepted, unless it is of other standards than the certificate.
    """
    cases = [case_entry(key, case) for key, case in look.cases()]
    for change, event in look.of(c.Granted, c.Renewed, c.Restored):
        told, held = event.model_dump(), change.after
        if told["term"] is None:
            continue
        if not told["audits"]:
            yield f"{change}: on no audit"
        for key in told["audits"]:
            audit = dict(look.audits()).get(key)
            if audit is None or not audit.conclusion or not RANK[audit.conclusion.recommendation]:
                yield f"{change}: on {key}, which is {audit.status if audit else 'unknown'}"
            elif event.type == c.Granted.type and (audit.outline is None or audit.outline.stage != "stage2"):
                yield f"{change}: first on {key}, which is no stage 2"
        for case in cases:
            if (case.audit, case.client) in [(key, held.client) for key in told["audits"]] and (
                covers(held.standards, case) and _most(case) < 2
            ):
                yield f"{change}: though {case.id} is a {case.grade} that is {case.status}"


def none_is_issued_from_a_day_that_is_past(look: Look) -> Iterator[str]:
    """A term begins on the day of its decision, or later."""
    for change, event in look.of(c.Granted, c.Renewed, c.Restored):
        term = event.model_dump()["term"]
        if term is not None and term["issued_on"] < change.happened.at.astimezone(ZoneInfo(change.after.zone)).date():
            yield f"{change}: from {term['issued_on']}"


def what_the_committee_decided_took_effect(look: Look) -> Iterator[str]:
    """A decision that touches certificates stands in each of them, by its review."""
    for change, event in look.of(e.ReviewDecided):
        for key in event.certificates:
            history = look.world.streams[f"certificate/{key}"].history
            causes = [getattr(one.event, "cause", None) for one in history]
            if event.review not in [cause.review for cause in causes if cause is not None]:
                yield f"{change}: {key} does not show it"


def a_client_holds_internal_audits_alone(look: Look) -> Iterator[str]:
    """A client's people plan, hold and conclude internal audits; of others they repair concerns."""
    for turn in look.turns:
        audit, roles = turn.after, sides(turn.actor.id)
        if not isinstance(audit, Audit) or turn.actor.kind != "person" or not roles or not roles <= CLIENT_SIDE:
            continue
        stage = audit.outline.stage if audit.outline else None
        if stage != "internal" and turn.command != "repair_concern":
            yield f"{turn.stream}: {turn.command} by {turn.actor.id}, of a {stage} audit"


def no_audit_concludes_better_than_it_stands(look: Look) -> Iterator[str]:
    """Not recommended while a major is unverified or a finding ungraded; on plan while a plan or concern is open."""
    cases = [case_entry(key, case) for key, case in look.cases()]
    for change, event in look.of(audits.Concluded):
        audit: Audit = change.before
        outline = audit.outline
        found = [case for case in cases if outline and (case.audit, case.client) == (outline.key, outline.client)]
        most = min((_most(case) for case in found), default=2)
        if any(concern.state != "cleared" for concern in audit.concerns):
            most = min(most, 1)
        if RANK[event.recommendation] > most:
            yield f"{change}: {event.recommendation}, of {[(case.id, case.grade, case.status) for case in found]}"
        lead = next((member.person for member in outline.team if member.role == "lead"), None) if outline else None
        if lead is not None and not change.turn.actor.is_called(lead):
            yield f"{change}: {lead} leads"


def one_audit_calls_a_deferred_case_up(look: Look) -> Iterator[str]:
    """Only minors are deferred; a case is called up by one audit at a time, which is under way and has its team."""
    under_way = {key: audit for key, audit in look.audits() if audit.status == "under_way"}
    for key, case in look.cases():
        deferral = case.deferral
        if deferral is None:
            continue
        if case.grade != "minor" or case.status not in LIVE:
            yield f"{key}: a {case.grade} that is {case.status} is deferred"
        if not deferral.called_up:
            continue
        audit = under_way.get(deferral.audit or "")
        if audit is None or audit.outline is None or audit.client != case.client:
            yield f"{key}: called up by {deferral.audit}, which is not under way for {case.client}"
        elif not {m.person for m in audit.outline.team if m.role in ("lead", "auditor")} <= set(deferral.team):
            yield f"{key}: {deferral.audit} has the team {audit.outline.team}, the case knows {deferral.team}"


def what_is_due_at_an_audit_is_called_up_and_judged(look: Look) -> Iterator[str]:
    """Whom an audit names at its start is called up by it; none is left deferred to it after its end."""
    cases = dict(look.cases())
    for change, event in look.of(audits.Started):
        key = change.turn.stream.partition("/")[2]
        for called in event.called:
            history = look.world.streams[f"nonconformity/{called}"].history
            if not any(isinstance(one.event, e.CalledUp) and one.event.audit == key for one in history):
                yield f"{change}: {called} does not know"
    ended = [key for key, audit in look.audits() if audit.status in ("ended", "concluded", "lapsed")]
    left = Counter(case.deferral.audit for case in cases.values() if case.deferral and case.deferral.called_up)
    for key in ended:
        if left[key]:
            yield f"{key}: over, and {left[key]} cases still wait for it"


def _was_appealed(look: Look, event: Event) -> bool:
    """Whether somebody signed that the appeal against the review is upheld."""
    undone = event.model_dump()
    history = look.world.streams[f"nonconformity/{undone['case']}"].history
    decided = [one.event for one in history if isinstance(one.event, e.AppealDecided)]
    return any((one.review, one.outcome) == (undone["review"], "upheld") for one in decided)


def _most(case: CaseEntry) -> int:
    """The best that a finding allows its audit."""
    if case.status in SETTLED or case.grade == "ofi":
        return 2
    return 0 if case.status == "reported" or case.grade == "major" else 2 if case.plan == "accepted" else 1


INVARIANTS: tuple[Invariant, ...] = (
    a_suspension_has_what_holds_it,
    nothing_becomes_active_without_a_signed_act,
    who_decides_on_a_certificate_did_not_audit,
    certificates_only_lose_parts,
    certificates_rest_on_audits_that_recommend_them,
    none_is_issued_from_a_day_that_is_past,
    what_the_committee_decided_took_effect,
    a_client_holds_internal_audits_alone,
    no_audit_concludes_better_than_it_stands,
    one_audit_calls_a_deferred_case_up,
    what_is_due_at_an_audit_is_called_up_and_judged,
)
