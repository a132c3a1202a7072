"""The audits on which certification is decided: which count, and what stands against them (17021-1 9.5, 9.6.3)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from workflows.audit.standing import HELD, beside, covers, first_stages, last_day, precedes, said
from workflows.certificate import commands as c
from workflows.certificate import refusals as r
from workflows.certificate.certificate import Certificate, name_of
from workflows.decider import Context
from workflows.entries import AuditEntry
from workflows.grades import Stage
from workflows.procedure import guard
from workflows.sentences import Fact, Sentence, Value

LOOKED_AT: tuple[Stage, ...] = ("stage1", "stage2", "recertification")
"""The audits that lead to certification; a first stage alone does not."""

AGAIN: tuple[Stage, ...] = ("recertification", "stage2")
DECIDED_ON: Mapping[str, tuple[Stage, ...]] = {"applied": ("stage2",), "active": AGAIN, "expired": AGAIN}
"""On which of them a decision rests, by the state of the certificate: at first on stage 2, later on either.

What lifts a suspension rests on the audit before it.
"""

_SAID: Mapping[Stage, str] = {
    "stage1": Sentence("a first stage"),
    "stage2": Sentence("a stage 2"),
    "surveillance": Sentence("a surveillance audit"),
    "recertification": Sentence("a recertification audit"),
    "special": Sentence("a special audit"),
    "internal": Sentence("an internal audit"),
}


@guard(r.HadPart)
def no_part(state: Certificate, body: object, context: Context) -> None:
    """The signer took part in no audit of these standards since the certificate was last issued (17021-1 9.5.1)."""
    for audit in _held(state, context):
        if any(context.actor.is_called(member) for member in audit.took_part):
            raise r.HadPart(audit=audit.key)


@guard(r.AuditUnknown, r.NotRecommended, needs_body=True)
def known_audit(state: Certificate, body: c.Grant | c.Renew | c.Restore, context: Context) -> None:
    """The audit that is named was held for this client and for one of the standards, and concluded for it."""
    if body.audit is None:
        return
    named = next((audit for audit in _held(state, context) if audit.key == body.audit), None)
    if named is None:
        raise r.AuditUnknown("/audit", audit=body.audit)
    how = _against(named, state)
    if how is not None:
        raise r.NotRecommended("/audit", audit=named.key, how=how, wanted=_wanted(state))


@guard(r.AuditMissing, r.NotRecommended, r.LaterAudit)
def recommended(state: Certificate, body: object, context: Context) -> None:
    """For each standard there is an audit to decide on, registered, and the latest recommends it.

    The latest that was held, else one that is planned. It was held in this cycle: not before an earlier certification
    ended, nor before the present one was issued. A suspension is lifted without another.
    """
    if state.status not in DECIDED_ON:
        return
    named = body.audit if isinstance(body, c.Grant | c.Renew | c.Restore) else None
    for standard, audit in _latest(state, context):
        if audit is None:
            raise r.AuditMissing(standard=standard, wanted=_wanted(state))
        how = _against(audit, state)
        if how is None:
            continue
        if named in (None, audit.key):
            raise r.NotRecommended(audit=audit.key, how=how, wanted=_wanted(state))
        raise r.LaterAudit("/audit", named=named, standard=standard, audit=audit.key, how=how, wanted=_wanted(state))


@guard(r.StagesMissing)
def first_stage_held(state: Certificate, body: object, context: Context) -> None:
    """At first, a stage 1 before it was concluded for each standard; or its plan says why stage 2 needs none."""
    if state.status != "applied":
        return
    for standard, second in _latest(state, context):
        if second is None or second.stage1_waived:
            continue
        first = first_stages(second, _of_cycle(state, context)).get(standard)
        if first is None or first.status != "concluded" or not precedes(first, second):
            raise r.StagesMissing(standard=standard, audit=second.key)


@guard(r.StandsAgainst)
def nothing_open(state: Certificate, body: object, context: Context) -> None:
    """Each audit that it rests on stands without a reason against it now, as far as the certificate's standards go.

    What was recommended on plans is granted when they are accepted, and what was found since counts too.
    """
    cases, names = context.facts.cases, _names(state.standards)
    others = {case.id for case in cases if not covers(state.standards, case)}
    for audit in _rested_on(state, body, context):
        about = audit.model_copy(update={"standards": tuple(sorted(names & _names(audit.standards)))})
        reasons = [one for one in beside(about, cases, context.facts.audits, state.zone) if one.case not in others]
        if reasons:
            raise r.StandsAgainst(audit=audit.key, why=said(reasons[:3]))


def rests_on(state: Certificate, body: c.Grant | c.Renew | c.Restore, context: Context) -> tuple[str, ...]:
    """The keys of the audits on which a decision rests, in order of time; none where it takes none."""
    return tuple(audit.key for audit in _rested_on(state, body, context))


def _rested_on(state: Certificate, body: object, context: Context) -> list[AuditEntry]:
    """The audit that is named, and the latest of each standard; a suspension is lifted on the one that is named."""
    named = body.audit if isinstance(body, c.Grant | c.Renew | c.Restore) else None
    found = {audit.key: audit for audit in _held(state, context) if audit.key == named}
    if state.status in DECIDED_ON:
        found |= {audit.key: audit for _, audit in _latest(state, context) if audit is not None}
    return sorted(found.values(), key=last_day)


def _latest(state: Certificate, context: Context) -> Iterator[tuple[str, AuditEntry | None]]:
    """For each standard the audit by which it stands: the latest that was held, else one that is planned."""
    counted = [audit for audit in _of_cycle(state, context) if audit.status != "cancelled" and audit.stage in LOOKED_AT]
    for standard in sorted(_names(state.standards)):
        covering = [audit for audit in counted if not audit.standards or standard in _names(audit.standards)]
        held = [audit for audit in covering if audit.status in HELD]
        yield standard, max(held or covering, key=last_day, default=None)


def _against(audit: AuditEntry, state: Certificate) -> str | None:
    """What an audit is instead of one to decide on; None for one that is that."""
    fitting = DECIDED_ON.get(state.status)
    if fitting is not None and audit.stage not in fitting:
        return _SAID[audit.stage]
    if audit.status != "concluded":
        return Fact(audit.status.replace("_", " "), Value("status", audit.status))
    if audit.recommendation not in ("recommended", "recommended_on_plan"):
        return Sentence("concluded without one")
    return None


def _wanted(state: Certificate) -> str:
    fitting = tuple(_SAID[stage] for stage in DECIDED_ON.get(state.status, ()))
    return Fact(" or ".join(fitting), fitting) if fitting else Sentence("an audit")


def _held(state: Certificate, context: Context) -> Iterable[AuditEntry]:
    """The audits of the certificate's standards that were held since it was last issued."""
    since = state.term.issued_on if state.term else date.min
    return (audit for audit in _about(state, context) if audit.status in HELD and last_day(audit)[0] >= since)


def _of_cycle(state: Certificate, context: Context) -> Iterable[AuditEntry]:
    """The audits after what was decided before: on the day of an issue or an end, they belong to that."""
    before = state.term.issued_on if state.term else state.ended_before
    for audit in _about(state, context):
        if audit.key not in state.audits and (before is None or last_day(audit)[0] > before):
            yield audit


def _about(state: Certificate, context: Context) -> Iterable[AuditEntry]:
    """The audits of the certificate's standards, held or to come."""
    names = _names(state.standards)
    return (audit for audit in context.facts.audits if not audit.standards or names & _names(audit.standards))


def _names(standards: Iterable[str]) -> set[str]:
    return {name_of(standard) for standard in standards}
