"""Conditions on commands about evidence, verification and close-out."""

from collections.abc import Collection, Iterable, Mapping

from workflows.decider import Context
from workflows.grades import Grade
from workflows.nonconformity import commands as c
from workflows.nonconformity import refusals as r
from workflows.nonconformity.case import LIVE, Case
from workflows.nonconformity.given import policy_of
from workflows.nonconformity.guards.common import none_left, not_ahead, since_detection
from workflows.procedure import guard
from workflows.sentences import Sentence


@guard(r.CaseFull)
def room_for_evidence(case: Case, body: object, context: Context) -> None:
    """Not too many pieces of evidence yet."""
    if len(case.evidence) >= MOST_EVIDENCE:
        raise r.CaseFull(most=MOST_EVIDENCE, what=Sentence("pieces of evidence"))


@guard(r.AlreadyCompleted, r.ActionWaits, r.DoneInFuture, r.DoneTooEarly, needs_body=True)
def completable(case: Case, body: c.CompleteAction, context: Context) -> None:
    """The action is open, what it waits for is complete, and the day lies between detection and today."""
    action = case.action(body.key)
    if action is None:
        return
    if action.done_on is not None:
        raise r.AlreadyCompleted("/key", key=action.key, done_on=action.done_on)
    waits = [key for key in action.after if (before := case.action(key)) is not None and before.done_on is None]
    if waits:
        raise r.ActionWaits("/key", actions=", ".join(waits))
    since_detection(case, body.done_on, context, "/done_on")


@guard(r.DoneInFuture, needs_body=True)
def produced_already(case: Case, body: c.AttachEvidence, context: Context) -> None:
    """Evidence is not produced on a day to come; it may be older than the finding."""
    not_ahead(case, body.produced_on, context, "/produced_on")


@guard(r.ShowsUnknown, needs_body=True)
def shows_something(case: Case, body: c.AttachEvidence, context: Context) -> None:
    """The evidence shows actions or causes of the case."""
    _known_keys(case, body.shows, "/shows")


@guard(r.ShowsUnknown, needs_body=True)
def returns_something(case: Case, body: c.ReturnEvidence, context: Context) -> None:
    """What goes back is about actions or causes of the case."""
    _known_keys(case, [section.shows for section in body.sections], "/sections")


@guard(r.NotIndependent)
def independent(case: Case, body: object, context: Context) -> None:
    """Owner of no action."""
    own = [action.key for action in case.actions if action.owner and context.actor.is_called(action.owner)]
    if own:
        raise r.NotIndependent(actions=", ".join(own))


@guard(r.CauseNotEvidenced)
def causes_evidenced(case: Case, body: object, context: Context) -> None:
    """Each cause, or an action that removes it, has evidence."""
    shown = {key for piece in case.evidence for key in piece.shows}
    removed = {key for action in case.actions if action.key in shown for key in action.causes}
    none_left([cause.key for cause in case.causes if cause.key not in shown | removed], r.CauseNotEvidenced, "causes")


@guard(r.EffectivenessNotConfirmed)
def confirmed(case: Case, body: object, context: Context) -> None:
    """Confirmed by the client's internal auditor, where the client wants it."""
    if context.facts.client is not None and context.facts.client.internal_confirmation and case.confirmation is None:
        raise r.EffectivenessNotConfirmed


READY_TO_CLOSE: Mapping[Grade, Collection[str]] = {
    "ofi": LIVE,
    "minor": {"evidence_submitted", "verified"},
    "major": {"verified"},
}
"""The states from which each grade is closed."""


@guard(r.NotVerified)
def ready_to_close(case: Case, body: object, context: Context) -> None:
    """A major is verified, a minor at least evidenced; an OFI may be closed at any time."""
    if case.grade is None or case.status not in READY_TO_CLOSE[case.grade]:
        raise r.NotVerified(grade=case.grade, status=case.status)


@guard(r.CloserIsVerifier)
def separate_closer(case: Case, body: object, context: Context) -> None:
    """A major's closer is not its verifier."""
    verifier = case.verification.by if case.verification else None
    if case.grade == "major" and policy_of(case).separate_closer and context.actor.id == verifier:
        raise r.CloserIsVerifier


def _known_keys(case: Case, keys: Iterable[str], pointer: str) -> None:
    unknown = sorted(set(keys) - {cause.key for cause in case.causes} - {action.key for action in case.actions})
    if unknown:
        raise r.ShowsUnknown(pointer, keys=", ".join(unknown))


MOST_EVIDENCE = 500
"""How many pieces a case holds."""
