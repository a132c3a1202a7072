"""How each event changes a nonconformity: one fold an event, by region."""

from workflows.decider import Happened
from workflows.nonconformity.case import LIVE, Case
from workflows.nonconformity.folds import (
    committee,
    dispute,
    evidence,
    extent,
    lineage,
    plan,
    source,
    talk,
    time,
    triage,
    verification,
)
from workflows.nonconformity.folds.common import Folds

FOLDS: Folds = {
    **triage.FOLDS,
    **source.FOLDS,
    **plan.FOLDS,
    **evidence.FOLDS,
    **verification.FOLDS,
    **time.FOLDS,
    **dispute.FOLDS,
    **committee.FOLDS,
    **talk.FOLDS,
    **extent.FOLDS,
    **lineage.FOLDS,
}


def evolve(case: Case, happened: Happened) -> Case:
    """The case after one more event."""
    changes = FOLDS[type(happened.event)](case, happened.event, happened)
    if not happened.actor.startswith(("clock", "reaction")) and happened.actor not in case.took_part:
        changes["took_part"] = (*case.took_part, happened.actor)
    if not changes:
        return case
    return _without_moot_request(_without_moot_dispute(case.model_copy(update=changes)))


def _without_moot_request(case: Case) -> Case:
    """A request for more time falls with its deadline: none is waiting for a date that was met, or is gone."""
    if case.extension is None:
        return case
    deadline = case.deadline(case.extension.deadline)
    ended = deadline is None or deadline.state in ("met", "late")
    return case.model_copy(update={"extension": None}) if ended else case


def _without_moot_dispute(case: Case) -> Case:
    """A dispute or an appeal that is open when the case ends is left: nobody decides it any more.

    But for an appeal against a decision on what was closed out, which may have touched a certificate.
    """
    if case.status in LIVE:
        return case
    open_ones = {"dispute": case.dispute, "appeal": None if case.status == "closed" else case.appeal}
    left = {
        name: one.model_copy(update={"state": "left"})
        for name, one in open_ones.items()
        if one is not None and one.state == "open"
    }
    return case.model_copy(update=left) if left else case
