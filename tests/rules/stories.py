"""Every row of every procedure as it is accepted, and every refusal that a row names: who does what after which steps.

A story is data (`tests.rules.life` has its words), so the same stories run on the rules alone and over HTTP.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.rules import audit_stories as audits
from tests.rules import certificate_stories as certificates
from tests.rules import certificates as held
from tests.rules import committee_stories as committee
from tests.rules import completion_stories as completions
from tests.rules import dispute_stories as disputes
from tests.rules import lineage_stories as lineage
from tests.rules import plan_stories as plans
from tests.rules import source_stories as sources
from tests.rules import talk_stories as talk
from tests.rules import time_stories as times
from tests.rules import verification_stories as verification
from tests.rules import walks as w
from tests.rules.dispute_stories import by
from tests.rules.life import Sign, Step, Steps, Wait
from workflows.people import CLIENT_SIDE, Role
from workflows.procedure import SIGNING, Row
from workflows.registry import PROCEDURES


@dataclass(frozen=True, slots=True)
class Story:
    """`actor` gives `command` after `steps`: refused with `code`, or accepted where that is None.

    `policy` changes the packaged default; `fresh` asks signers to have authenticated within five minutes (they did so
    at the start). A story whose actor is a reaction cannot be told over HTTP.
    """

    kind: str
    command: str
    code: str | None
    steps: Steps
    actor: str
    body: Mapping[str, Any]
    policy: Mapping[str, Any] = field(default_factory=dict)
    fresh: bool = False

    @property
    def name(self) -> str:
        """What a test report calls it."""
        return f"{self.kind}-{self.command}-{self.code or 'accepted'}"


def _told(step: Step, steps: Steps, code: str | None = None, **more: Any) -> Story:
    return Story(step.kind, step.command, code, steps, step.actor, step.body, **more)


def _client(actor: str, command: str, **body: Any) -> Step:
    return Step(actor, command, body, "client")


DECISION = {"review": "none", "choice": "extend", "effect": "More time", "reason": "So"}

ACCEPTED: tuple[Story, ...] = (
    _told(Step("key_plain", "report", {"finding": w.FINDING}), ()),
    _told(by("auditor", "issue", grade="major"), w.REPORTED),
    _told(by("auditor", "dismiss", reason="Service accounts"), w.REPORTED),
    _told(by("reviewer", "regrade", grade="minor", reason="One account only"), w.OPEN),
    _told(by("owner", "acknowledge"), w.OPEN),
    _told(w.VERIFY, w.IN_REVIEW),
    _told(w.CLOSE, w.VERIFIED),
    _told(by("reviewer", "reopen", reason="Another case was meant"), w.CLOSED),
    _told(by("auditor", "propose_withdrawal", reason="Wrong company"), w.OPEN),
    _told(by("reviewer", "confirm_withdrawal", reason="Indeed"), w.PROPOSED),
    _told(by("auditor", "escalate", reason="Cannot stand"), w.OPEN),
    _told(by("owner", "comment", text="We are on it"), w.OPEN),
    _told(by("auditor", "assign", role="reviewer", person="reviewer2"), w.OPEN),
    _told(_client("scheme_manager", "revise", name="Acme plc"), ()),
    _told(_client("approver", "change_settings", four_eyes=False), ()),
    *(
        _told(step, steps)
        for step, steps in (
            *completions.ACCEPTED,
            *plans.ACCEPTED,
            *times.ACCEPTED,
            *committee.ACCEPTED,
            *audits.ACCEPTED,
            *certificates.ACCEPTED,
            *verification.ACCEPTED,
            *disputes.ACCEPTED,
            *talk.ACCEPTED,
            *lineage.ACCEPTED,
        )
    ),
)
"""One accepted story per row that a person or a key can reach; `register` opens every world."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How a reaction reaches a row: a `walk` that carries it out, whose last event of the row's kind is `event`.

    The row is possible after the steps of `here`, as far as the state goes, and not after those of `elsewhere`; None
    where it is possible in every state.
    """

    walk: Steps
    event: str
    here: Steps
    elsewhere: Steps | None


MOVED = Step("reaction:client/acme", "change_client", {"client": "globex"}, "audit")
BY_REACTION: Mapping[tuple[str, str], Reached] = {
    ("nonconformity", "apply_decision"): Reached(w.decided(), "review_decided", w.ESCALATED, w.REPORTED),
    ("nonconformity", "call_up"): Reached(
        verification.CALLED_UP, "called_up", verification.DEFERRED, verification.IN_TRIAGE
    ),
    ("nonconformity", "move_verification"): Reached(
        verification.PUT_OFF, "verification_deferred", verification.DEFERRED, verification.IN_TRIAGE
    ),
    ("nonconformity", "call_off"): Reached(
        verification.CALLED_OFF, "verification_deferred", verification.CALLED_UP, verification.IN_TRIAGE
    ),
    ("nonconformity", "audit_ended"): Reached(
        verification.UNVERIFIED, "regraded", verification.CALLED_UP, verification.IN_TRIAGE
    ),
    ("nonconformity", "raise_systemic"): Reached(lineage.AGGREGATED, "superseded", (), w.OPEN),
    ("nonconformity", "lapse_aggregation"): Reached((*w.OPEN, lineage.LAPSE), "aggregation_lapsed", w.OPEN, ()),
    ("nonconformity", "supersede"): Reached(lineage.AGGREGATED, "superseded", w.OPEN, w.REPORTED),
    ("nonconformity", "change_client"): Reached((*w.OPEN, lineage.CHANGE), "client_changed", w.OPEN, ()),
    ("nonconformity", "revise_finding"): Reached(
        (*sources.REPORTED, sources.REVISE), "finding_revised", w.REPORTED, w.CLOSED
    ),
    ("nonconformity", "note_pass"): Reached((*w.OPEN, sources.PASS), "finding_passed", w.OPEN, w.CLOSED),
    ("committee_review", "open"): Reached(w.ESCALATED, "convened", w.OPEN, w.ESCALATED),
    ("committee_review", "discontinue"): Reached(w.LEFT, "discontinued", w.ESCALATED, w.LEFT),
    ("audit", "change_client"): Reached(
        (*w.STATES["audit"]["planned"], MOVED), "client_changed", w.STATES["audit"]["ended"], ()
    ),
    ("certificate", "apply_decision"): Reached(held.BY_CASE, "suspended", held.ACTIVE, held.WITHDRAWN),
    ("certificate", "resolve"): Reached((*held.BY_CASE, held.resolve()), "restored", held.SUSPENDED, held.ACTIVE),
    ("certificate", "set_aside"): Reached(
        (*held.BY_CASE, held.set_aside()), "decision_set_aside", held.SUSPENDED, held.APPLIED
    ),
    ("committee_review", "change_client"): Reached(
        (w.GLOBEX, *w.ESCALATED, lineage.CHANGE), "client_changed", w.ESCALATED, w.decided()
    ),
    ("certificate", "change_client"): Reached((*held.ACTIVE, held.CHANGE), "client_changed", held.ACTIVE, ()),
    ("client", "absorb"): Reached((w.GLOBEX, certificates.BACK), "absorbed", (), None),
}
"""The rows that reactions reach."""

ALIKE = (
    *(*completions.REFUSED, *plans.REFUSED, *times.REFUSED, *committee.REFUSED),
    *(*audits.REFUSED, *certificates.REFUSED),
)
APART = (*times.LIMITED, *verification.REFUSED, *disputes.REFUSED, *talk.REFUSED, *lineage.REFUSED, *sources.REFUSED)
TOLD: tuple[Story, ...] = (
    _told(_client("scheme_manager", "revise"), (), "nothing_to_change"),
    _told(_client("approver", "change_settings", four_eyes=None), (), "nothing_to_change"),
    _told(_client("scheme_manager", "revise", country="DE", subdivision="9"), (), "subdivision_unknown"),
    _told(Step("key_plain", "report", {"finding": {**w.FINDING, "client": "nobody"}}), (), "client_unknown"),
    _told(
        Step("key_plain", "report", {"finding": {**w.FINDING, "audit": {"ref": "A-1", "stage": "stage2"}}}),
        (w.GLOBEX, Step("scheme_manager", "plan", {**audits.PLAN.body, "client": "globex"}, "audit")),
        "audit_of_another",
    ),
    _told(by("key_plain", "issue", grade="major"), w.REPORTED, "may_not_state_grade"),
    _told(by("auditor", "issue", grade="major"), w.INCOMPLETE, "finding_incomplete"),
    _told(by("auditor", "regrade", grade="minor", reason="So"), w.OPEN, "regrade_by_issuer"),
    _told(by("reviewer", "regrade", grade="major", reason="So"), w.OPEN, "grade_unchanged"),
    _told(by("reviewer", "regrade", grade="ofi", reason="So"), w.OPEN, "regrade_to_ofi"),
    _told(by("owner", "acknowledge"), (*w.OPEN, by("owner", "acknowledge")), "already_acknowledged"),
    _told(w.CLOSE, w.IN_REVIEW, "not_verified"),
    _told(replace(w.CLOSE, actor="reviewer"), w.VERIFIED, "closer_is_verifier"),
    _told(by("reviewer", "propose_withdrawal", reason="So"), w.PROPOSED, "withdrawal_pending"),
    _told(by("reviewer", "confirm_withdrawal", reason="So"), w.OPEN, "no_withdrawal_proposed"),
    _told(by("auditor", "confirm_withdrawal", reason="So"), w.PROPOSED, "same_person"),
    _told(by("auditor", "escalate", reason="So"), w.ESCALATED, "under_review"),
    _told(Step("reaction:committee_review/none", "apply_decision", DECISION), w.ESCALATED, "strange_review"),
    _told(by("owner", "comment", text="So"), w.REPORTED, "not_issued"),
    _told(by("owner", "assign", role="client_owner", person="owner"), w.REPORTED, "not_issued"),
    *(_told(step, steps, code) for step, steps, code in ALIKE),
    *(_told(step, steps, code, policy=policy) for step, steps, code, policy in APART),
    *(
        _told(step, (held.TRANSFER,), "no_policy", policy={"stages": ["stage1"]})
        for step in (held.SUSPEND, held.decision("suspend"))
    ),
    _told(audits.PLAN, (), "no_policy", policy={"stages": ["stage1"]}),
    _told(held.GRANT, held.APPLIED, "no_policy", policy={"stages": ["stage1"]}),
    _told(held.RENEW, (held.TRANSFER,), "no_policy", policy={"stages": ["stage1"]}),
)
"""Every refusal of a row's own guards."""


def _for_guards_shared_by_rows() -> Iterator[Story]:
    """The guards `reviews_here`, `known_client` and their like, on each row that has them."""
    for story in ACCEPTED:
        row = PROCEDURES[story.kind].row(story.command)
        codes = {refusal.code for guard in row.guards for refusal in guard.refusals}
        if "not_a_reviewer" in codes:
            yield replace(story, code="not_a_reviewer", actor="scheme_manager")
            first, *rest = story.steps
            assert isinstance(first, Step)
            audit = {"ref": "A-1", "stage": "surveillance", "team": ["Auditor"]}
            finding = {**first.body["finding"], "audit": audit}
            steps = (replace(first, body={"finding": finding}), *rest)
            yield replace(story, code="not_on_audit_team", actor="auditor2", steps=steps)
        if "no_policy" in codes and story.command == "issue":
            yield replace(story, code="no_policy", policy={"stages": ["stage1"]})
        if "client_unknown" in codes and story.command == "issue":
            yield replace(story, code="client_unknown")


def _of_every_row() -> Iterator[Story]:
    """What any command can be refused for: state, role, client, shape, signature."""
    for story in ACCEPTED:
        procedure = PROCEDURES[story.kind]
        row = procedure.row(story.command)
        # The longest walk, because people who may see nothing of a case yet cannot be told its state.
        walks = [walk for state, walk in w.STATES[story.kind].items() if state not in row.states]
        walk = max(walks, key=len, default=None)
        if walk is not None:
            yield replace(story, code="wrong_state", steps=walk)
        yield replace(story, code="role", actor="observer")
        yield replace(story, code="shape", body={"nonsense": 1})
        if row.signs is not None:
            yield replace(story, code="machine_may_not_sign", actor=f"machine:{story.actor}")
            yield replace(story, code="stale_signature", body={**story.body, "signature": Sign("0" * 64)})
            doubt = {**story.body, "signature": Sign(meaning="I object to this.")}
            yield replace(story, code="another_meaning", body=doubt)
            yield replace(story, code="authenticate_afresh", steps=(*story.steps, Wait("PT6M")), fresh=True)
        if row.who & CLIENT_SIDE:
            yield replace(story, code="another_client", actor="stranger")
        elif Role.INTEGRATION in row.who:
            yield replace(story, code="another_client", actor="key_globex")
    for (kind, command), reached in BY_REACTION.items():
        yield Story(kind, command, "unknown_command", reached.here, "scheme_manager", {})
        yield Story(kind, command, "shape", reached.here, "reaction:x", {"no": 1})
        if reached.elsewhere is not None:
            yield Story(kind, command, "wrong_state", reached.elsewhere, "reaction:x", {})
    yield Story("client", "register", "wrong_state", (), "scheme_manager", {"key": "acme", "name": "Acme"})
    yield Story("client", "register", "role", (), "observer", {"key": "acme", "name": "Acme"})


REFUSED: tuple[Story, ...] = (*TOLD, *_for_guards_shared_by_rows(), *_of_every_row())


def needed(row: Row) -> set[str]:
    """The codes for which a row needs a story."""
    codes = {refusal.code for guard in row.guards for refusal in guard.refusals} | {"wrong_state", "shape"}
    if row.internal:
        return codes | {"unknown_command"}
    codes.add("role")
    if row.signs is not None:
        codes |= {refusal.code for refusal in SIGNING}
    if row.who & CLIENT_SIDE:
        codes.add("another_client")
    return codes
