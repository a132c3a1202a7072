"""Every row of every procedure as it is accepted, and every refusal that a row names: who does what after which steps.

A story is data (`tests.rules.life` has its words), so the same stories run on the rules alone and over HTTP.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.rules import audit_stories as audits
from tests.rules import certificate_stories as certificates
from tests.rules import certificates as held
from tests.rules import dispute_stories as disputes
from tests.rules import lineage_stories as lineage
from tests.rules import talk_stories as talk
from tests.rules import verification_stories as verification
from tests.rules import walks as w
from tests.rules.life import SIGN, Day, In, Sign, Step, Steps, Wait
from workflows.nonconformity.guards import MOST_ACTIONS, MOST_EVIDENCE
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


def _by(actor: str, command: str, **body: Any) -> Step:
    return Step(actor, command, body)


def _sit(actor: str, command: str, **body: Any) -> Step:
    return Step(actor, command, body, "committee_review")


def _client(actor: str, command: str, **body: Any) -> Step:
    return Step(actor, command, body, "client")


ONE_MAN: Steps = (Step("approver", "change_settings", {"four_eyes": False}, "client"),)
CONFIRMED: Steps = (Step("approver", "change_settings", {"internal_confirmation": True}, "client"),)
CONFIRM = _by("internal_auditor", "confirm_effectiveness", statement="Sampled again: none", signature=SIGN)
ATTACH = Step("owner", "attach_evidence", w.EVIDENCE)
DECISION = {"review": "none", "choice": "extend", "effect": "More time", "reason": "So"}
ONE_MORE = _by(
    "owner", "request_extension", deadline="plan", until=In("P25D"), reason="HR is still away", containment="As before"
)
SECOND: Steps = (*w.OPEN, w.MORE_TIME, w.GRANT, ONE_MORE)

FULL_OF_ACTIONS: Steps = (*w.ANALYSED, *(Step("owner", "plan_action", w.action(f"b{n}")) for n in range(MOST_ACTIONS)))
FULL_OF_EVIDENCE: Steps = (*w.ACCEPTED, *([ATTACH] * MOST_EVIDENCE))

ACCEPTED: tuple[Story, ...] = (
    _told(Step("key_plain", "report", {"finding": w.FINDING}), ()),
    _told(_by("auditor", "issue", grade="major"), w.REPORTED),
    _told(_by("auditor", "dismiss", reason="Service accounts"), w.REPORTED),
    _told(_by("reviewer", "regrade", grade="minor", reason="One account only"), w.OPEN),
    _told(_by("owner", "acknowledge"), w.OPEN),
    _told(Step("owner", "record_correction", w.CORRECTION), w.OPEN),
    _told(Step("owner", "record_cause", w.CAUSE), w.OPEN),
    _told(Step("owner", "plan_action", w.action()), w.ANALYSED),
    _told(_by("owner", "revise_action", key="a1", text="Hourly"), w.PLANNED),
    _told(_by("owner", "drop_action", key="a1", reason="Too dear"), w.PLANNED),
    _told(_by("owner", "propose_plan"), w.PLANNED),
    _told(w.SUBMIT, w.PLANNED),
    _told(w.RETURN, w.SUBMITTED),
    _told(w.ACCEPT, w.SUBMITTED),
    _told(ATTACH, w.ACCEPTED),
    _told(_by("owner", "complete_action", key="a1", done_on=Day(0)), w.ACCEPTED),
    _told(CONFIRM, w.EVIDENCED),
    _told(w.SUBMIT_EVIDENCE, w.EVIDENCED),
    _told(
        _by("reviewer", "return_evidence", to="evidence", sections=[{"shows": "a1", "reason": "Whose?"}]), w.IN_REVIEW
    ),
    _told(w.VERIFY, w.IN_REVIEW),
    _told(w.CLOSE, w.VERIFIED),
    _told(_by("reviewer", "reopen", reason="Another case was meant"), w.CLOSED),
    _told(w.MORE_TIME, w.OPEN),
    _told(w.GRANT, (*w.OPEN, w.MORE_TIME)),
    _told(_by("reviewer", "deny_extension", reason="Not contained"), (*w.OPEN, w.MORE_TIME)),
    _told(_by("reviewer", "excuse_lateness", deadline="plan", reason="Our outage"), w.LATE),
    _told(_by("auditor", "propose_withdrawal", reason="Wrong company"), w.OPEN),
    _told(_by("reviewer", "confirm_withdrawal", reason="Indeed"), w.PROPOSED),
    _told(_by("auditor", "escalate", reason="Cannot stand"), w.OPEN),
    _told(_by("owner", "comment", text="We are on it"), w.OPEN),
    _told(_by("auditor", "assign", role="reviewer", person="reviewer2"), w.OPEN),
    _told(_sit("scheme_manager", "convene", members=["member1", "member2", "member3"]), w.ESCALATED),
    _told(_sit("member1", "recuse", person="member1", reason="My brother works there"), w.ESCALATED),
    _told(w.vote("member1"), w.ESCALATED),
    _told(w.DECIDE, (*w.ESCALATED, *w.votes())),
    _told(_client("scheme_manager", "revise", name="Acme plc"), ()),
    _told(_client("approver", "change_settings", four_eyes=False), ()),
    *(
        _told(step, steps)
        for step, steps in (
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
    ("nonconformity", "call_off"): Reached(
        verification.CALLED_OFF, "verification_deferred", verification.CALLED_UP, verification.IN_TRIAGE
    ),
    ("nonconformity", "audit_ended"): Reached(
        verification.UNVERIFIED, "regraded", verification.CALLED_UP, verification.IN_TRIAGE
    ),
    ("nonconformity", "raise_systemic"): Reached(lineage.AGGREGATED, "superseded", (), w.OPEN),
    ("nonconformity", "supersede"): Reached(lineage.AGGREGATED, "superseded", w.OPEN, w.REPORTED),
    ("nonconformity", "change_client"): Reached((*w.OPEN, lineage.CHANGE), "client_changed", w.OPEN, ()),
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

APART = (*verification.REFUSED, *disputes.REFUSED, *talk.REFUSED, *lineage.REFUSED)
TOLD: tuple[Story, ...] = (
    _told(Step("key_plain", "report", {"finding": {**w.FINDING, "client": "nobody"}}), (), "client_unknown"),
    _told(_by("key_plain", "issue", grade="major"), w.REPORTED, "may_not_state_grade"),
    _told(_by("auditor", "issue", grade="major"), w.INCOMPLETE, "finding_incomplete"),
    _told(_by("auditor", "regrade", grade="minor", reason="So"), w.OPEN, "regrade_by_issuer"),
    _told(_by("reviewer", "regrade", grade="major", reason="So"), w.OPEN, "grade_unchanged"),
    _told(_by("reviewer", "regrade", grade="ofi", reason="So"), w.OPEN, "regrade_to_ofi"),
    _told(_by("owner", "acknowledge"), (*w.OPEN, _by("owner", "acknowledge")), "already_acknowledged"),
    _told(Step("owner", "record_correction", w.CORRECTION), w.OFI, "no_plan_duty"),
    _told(Step("owner", "record_correction", w.CORRECTION), w.SUBMITTED, "plan_under_review"),
    _told(Step("owner", "record_correction", {**w.CORRECTION, "done_on": Day(2)}), w.OPEN, "done_in_future"),
    _told(Step("owner", "record_cause", w.CAUSE), w.OFI, "no_plan_duty"),
    _told(
        Step("owner", "record_cause", {**w.CAUSE, "causes": [{"key": "c2", "text": "Another"}]}),
        w.PLANNED,
        "cause_in_use",
    ),
    _told(Step("owner", "plan_action", w.action()), w.OFI, "no_plan_duty"),
    _told(Step("owner", "plan_action", w.action("a2")), w.SUBMITTED, "plan_under_review"),
    _told(Step("owner", "plan_action", w.action("more")), FULL_OF_ACTIONS, "case_full"),
    _told(ATTACH, FULL_OF_EVIDENCE, "case_full"),
    _told(Step("owner", "plan_action", w.action()), w.PLANNED, "action_exists"),
    _told(Step("owner", "plan_action", w.action(causes=["c9"])), w.ANALYSED, "cause_unknown"),
    _told(Step("owner", "plan_action", w.action(after=["a9"])), w.ANALYSED, "predecessor_unknown"),
    _told(Step("owner", "plan_action", w.action(after=["a1"])), w.ANALYSED, "action_cycle"),
    _told(_by("owner", "revise_action", key="a1", text="So"), w.OFI, "no_plan_duty"),
    _told(_by("owner", "revise_action", key="a1", text="So"), w.SUBMITTED, "plan_under_review"),
    _told(_by("owner", "revise_action", key="a9", text="So"), w.PLANNED, "action_unknown"),
    _told(_by("owner", "revise_action", key="a1", causes=["c9"]), w.PLANNED, "cause_unknown"),
    _told(_by("owner", "revise_action", key="a1", after=["a9"]), w.PLANNED, "predecessor_unknown"),
    _told(
        _by("owner", "revise_action", key="a1", after=["a2"]),
        (*w.PLANNED, Step("owner", "plan_action", w.action("a2", after=["a1"]))),
        "action_cycle",
    ),
    _told(_by("owner", "drop_action", key="a1", reason="So"), w.OFI, "no_plan_duty"),
    _told(_by("owner", "drop_action", key="a1", reason="So"), w.SUBMITTED, "plan_under_review"),
    _told(_by("owner", "drop_action", key="a9", reason="So"), w.PLANNED, "action_unknown"),
    _told(
        _by("owner", "drop_action", key="a1", reason="So"),
        (*w.PLANNED, Step("owner", "plan_action", w.action("a2", after=["a1"]))),
        "action_awaited",
    ),
    *(
        _told(step, steps, code)
        for step in (_by("owner", "propose_plan"), w.SUBMIT)
        for steps, code in (
            (w.OFI, "no_plan_duty"),
            (w.OPEN, "correction_missing"),
            ((*w.OPEN, Step("owner", "record_correction", w.CORRECTION)), "cause_missing"),
            (w.ANALYSED, "cause_without_action"),
            ((*w.ANALYSED, Step("owner", "plan_action", w.action(owner=None))), "action_without_owner"),
            ((*w.ANALYSED, Step("owner", "plan_action", w.action(due_on=None))), "action_without_date"),
        )
    ),
    _told(
        _by("all_in_one", "submit_plan", signature=SIGN),
        (*w.ANALYSED, Step("all_in_one", "plan_action", w.action())),
        "four_eyes",
    ),
    _told(w.RETURN, w.ACCEPTED, "plan_not_under_review"),
    _told(w.ACCEPT, w.ACCEPTED, "plan_not_under_review"),
    _told(ATTACH, w.OFI, "no_plan_duty"),
    _told(ATTACH, w.OPEN, "shows_unknown"),
    _told(_by("owner", "complete_action", key="a1", done_on=Day(0)), w.OFI, "no_plan_duty"),
    _told(_by("owner", "complete_action", key="a9", done_on=Day(0)), w.ACCEPTED, "action_unknown"),
    _told(_by("owner", "complete_action", key="a1", done_on=Day(0)), w.EVIDENCED, "already_completed"),
    _told(
        _by("owner", "complete_action", key="a2", done_on=Day(0)),
        (*w.PLANNED, Step("owner", "plan_action", w.action("a2", after=["a1"]))),
        "action_waits",
    ),
    _told(_by("owner", "complete_action", key="a1", done_on=Day(2)), w.ACCEPTED, "done_in_future"),
    _told(CONFIRM, w.SUBMITTED, "plan_not_accepted"),
    _told(
        _by("all_in_one", "confirm_effectiveness", statement="So", signature=SIGN),
        (*w.ANALYSED, Step("owner", "plan_action", w.action(owner="All_In_One")), w.SUBMIT, w.ACCEPT),
        "not_independent",
    ),
    _told(w.SUBMIT_EVIDENCE, w.SUBMITTED, "plan_not_accepted"),
    _told(w.SUBMIT_EVIDENCE, w.ACCEPTED, "cause_not_evidenced"),
    _told(w.SUBMIT_EVIDENCE, (*CONFIRMED, *w.EVIDENCED), "effectiveness_not_confirmed"),
    _told(
        _by("reviewer", "return_evidence", to="plan", sections=[{"shows": "x9", "reason": "So"}]),
        w.IN_REVIEW,
        "shows_unknown",
    ),
    _told(w.CLOSE, w.IN_REVIEW, "not_verified"),
    _told(replace(w.CLOSE, actor="reviewer"), w.VERIFIED, "closer_is_verifier"),
    _told(w.MORE_TIME, (*w.OPEN, w.MORE_TIME), "extension_pending"),
    _told(w.MORE_TIME, w.SUBMITTED, "deadline_not_running"),
    _told(w.MORE_TIME, w.LATE, "deadline_passed"),
    *(
        _told(replace(step, body={**step.body, "until": until}), steps, code)
        for step, steps in ((w.MORE_TIME, w.OPEN), (w.GRANT, (*w.OPEN, w.MORE_TIME)))
        for until, code in ((In("P1D"), "not_later"), (In("P90D"), "extension_too_long"))
    ),
    _told(
        _by("owner", "request_extension", deadline="closure", until=In("P100D"), reason="So", containment="So"),
        w.OPEN,
        "beyond_limit",
        policy={"limit": "P95D"},
    ),
    _told(
        _by("reviewer", "grant_extension", until=In("P100D"), reason="So"),
        (
            *w.OPEN,
            _by("owner", "request_extension", deadline="closure", until=In("P92D"), reason="So", containment="So"),
        ),
        "beyond_limit",
        policy={"limit": "P95D"},
    ),
    _told(w.GRANT, w.OPEN, "no_extension_requested"),
    _told(_by("reviewer", "grant_extension", until=In("P21D"), reason="So"), (*w.OPEN, w.MORE_TIME), "more_than_asked"),
    _told(w.GRANT, SECOND, "committee_grants"),
    _told(w.GRANT, (*w.ESCALATED, w.MORE_TIME), "under_review"),
    _told(_by("reviewer", "deny_extension", reason="So"), w.OPEN, "no_extension_requested"),
    _told(_by("reviewer", "deny_extension", reason="So"), SECOND, "under_review"),
    _told(_by("reviewer", "excuse_lateness", deadline="plan", reason="So"), w.OPEN, "not_late"),
    _told(_by("reviewer", "propose_withdrawal", reason="So"), w.PROPOSED, "withdrawal_pending"),
    _told(_by("reviewer", "confirm_withdrawal", reason="So"), w.OPEN, "no_withdrawal_proposed"),
    _told(_by("auditor", "confirm_withdrawal", reason="So"), w.PROPOSED, "same_person"),
    _told(_by("auditor", "escalate", reason="So"), w.ESCALATED, "under_review"),
    _told(Step("reaction:committee_review/none", "apply_decision", DECISION), w.ESCALATED, "strange_review"),
    _told(_by("owner", "comment", text="So"), w.REPORTED, "not_issued"),
    _told(_by("owner", "assign", role="owner", person="owner"), w.REPORTED, "not_issued"),
    _told(_sit("scheme_manager", "convene", members=["owner"]), w.ESCALATED, "not_committee"),
    _told(_sit("member1", "recuse", person="member2", reason="So"), w.ESCALATED, "recuse_another"),
    _told(_sit("scheme_manager", "recuse", person="owner", reason="So"), w.ESCALATED, "not_a_member"),
    _told(w.vote("member1"), (*w.ESCALATED, w.vote("member1")), "voted_already"),
    _told(w.vote("member1", until=None), w.ESCALATED, "until_missing"),
    _told(w.vote("member1", until=In("-P1D")), w.ESCALATED, "until_past"),
    _told(w.vote("member1", until=In("P1000D")), w.ESCALATED, "beyond_limit"),
    _told(w.vote("member1", "refuse"), w.ESCALATED, "refusal_only_initial"),
    _told(w.vote("member1", "regrade"), (*w.OFI, disputes.ESCALATE), "not_a_nonconformity"),
    *(
        _told(replace(step, actor="member4"), (*w.ESCALATED, *before), code)
        for step in (w.vote("member4"), w.DECIDE)
        for code, before in (
            ("recused", (_sit("member4", "recuse", person="member4", reason="So"),)),
            ("not_sitting", (_sit("scheme_manager", "convene", members=["member1", "member2", "member3"]),)),
        )
    ),
    _told(w.DECIDE, (*w.ESCALATED, w.vote("member1")), "quorum_missing"),
    _told(
        w.DECIDE,
        (*w.ESCALATED, w.vote("member1"), w.vote("member2", "suspend"), w.vote("member3", "dismiss")),
        "no_majority",
    ),
    *(_told(step, steps, code) for step, steps, code in (*audits.REFUSED, *certificates.REFUSED)),
    *(_told(step, steps, code, policy=policy) for step, steps, code, policy in APART),
    *(
        _told(step, (held.TRANSFER,), "no_policy", policy={"stages": ["stage1"]})
        for step in (held.SUSPEND, held.decision("suspend"))
    ),
    _told(audits.PLAN, (), "no_policy", policy={"stages": ["stage1"]}),
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
