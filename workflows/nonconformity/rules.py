"""The procedure of a nonconformity: one row a transition (DESIGN section 3), and the decider that applies it."""

from collections.abc import Sequence
from datetime import datetime

from workflows.decider import Command, Context, Event, Happened, Reaction, Wants, stream_of
from workflows.nonconformity import commands as c
from workflows.nonconformity import events as e
from workflows.nonconformity import guards as g
from workflows.nonconformity import records
from workflows.nonconformity.case import LIVE, Case, closing_content, evidence_content, plan_content
from workflows.nonconformity.deadlines import next_instant
from workflows.nonconformity.folds import evolve
from workflows.people import CB_SIDE, CLIENT_SIDE, Role
from workflows.procedure import Procedure, Row, parse

NEW = frozenset({""})
REPORTED = frozenset({"reported"})
OPEN = frozenset({"open"})
PLAN_SUBMITTED = frozenset({"plan_submitted"})
EVIDENCE_SUBMITTED = frozenset({"evidence_submitted"})
VERIFIED = frozenset({"verified"})
CLOSED = frozenset({"closed"})
ENDED = frozenset({"dismissed", "withdrawn", "superseded"})
ANY = REPORTED | LIVE | CLOSED | frozenset({"dismissed", "withdrawn", "superseded"})
BEFORE_VERIFIED = LIVE - VERIFIED
PLANNING = OPEN | PLAN_SUBMITTED

OWNER = frozenset({Role.CLIENT_OWNER})
APPROVER = frozenset({Role.CLIENT_APPROVER})
CLIENT = frozenset({Role.CLIENT_OWNER, Role.CLIENT_APPROVER})
AUDITOR = frozenset({Role.AUDITOR})
REPORTER = frozenset({Role.INTEGRATION, Role.AUDITOR})
REVIEWING = CB_SIDE
"""Who may review where the policy says so: the guard `reviews_here` asks it."""
NOBODY: frozenset[Role] = frozenset()

PROCEDURE: Procedure[Case] = Procedure(
    thing="nonconformity",
    status=lambda case: case.status,
    client=lambda case: case.client,
    rows=(
        Row(
            c.Report,
            NEW,
            ("reported", "open"),
            REPORTER,
            records.report,
            (g.own_client, g.known_client),
            source="17021-1 9.4.5",
        ),
        Row(
            c.Issue,
            REPORTED,
            ("open",),
            REPORTER,
            records.issue,
            (g.may_grade, g.known_client, g.complete_finding, g.policy_in_force),
            source="17021-1 9.4.5.3",
        ),
        Row(c.Dismiss, REPORTED, ("dismissed",), AUDITOR, records.dismiss, source="17021-1 9.4.5"),
        Row(c.Regrade, LIVE, (), CB_SIDE, records.regrade, (g.not_the_issuer, g.another_grade), source="17021-1 9.5.2"),
        Row(c.Acknowledge, OPEN, (), CLIENT, records.acknowledge, (g.not_acknowledged,), source="policy: receipt"),
        Row(
            c.RecordCorrection,
            BEFORE_VERIFIED,
            ("open",),
            OWNER,
            records.record_correction,
            (g.plan_duty, g.plan_at_hand, g.done_already),
            source="17021-1 9.4.9; 9001 10.2.1 a",
        ),
        Row(
            c.RecordCause,
            OPEN,
            (),
            OWNER,
            records.record_cause,
            (g.plan_duty, g.causes_kept),
            source="17021-1 9.4.9; 9001 10.2.1 b",
        ),
        Row(
            c.PlanAction,
            PLANNING,
            ("open",),
            OWNER,
            records.plan_action,
            (g.plan_duty, g.plan_at_hand, g.room_for_actions, g.new_action, g.sound_links),
            source="9001 10.2.1 c",
        ),
        Row(
            c.ReviseAction,
            PLANNING,
            ("open",),
            OWNER,
            records.revise_action,
            (g.plan_duty, g.plan_at_hand, g.known_action, g.sound_links),
            source="9001 10.2.1 c; policy: tolerance",
        ),
        Row(
            c.DropAction,
            PLANNING,
            ("open",),
            OWNER,
            records.drop_action,
            (g.plan_duty, g.plan_at_hand, g.known_action, g.not_awaited),
            source="9001 10.2.1 c",
        ),
        Row(
            c.ProposePlan, OPEN, (), OWNER, records.propose_plan, (g.plan_duty, g.complete_plan), source="17021-1 9.4.9"
        ),
        Row(
            c.SubmitPlan,
            OPEN,
            ("plan_submitted",),
            APPROVER,
            records.submit_plan,
            (g.plan_duty, g.complete_plan, g.four_eyes),
            signs=plan_content,
            meaning="I submit this corrective action plan on behalf of the client.",
            source="17021-1 9.4.9",
        ),
        Row(
            c.ReturnPlan,
            PLAN_SUBMITTED,
            ("open",),
            REVIEWING,
            records.return_plan,
            (g.reviews_here, g.plan_to_review),
            source="17021-1 9.4.10; policy: round limit, resubmission",
        ),
        Row(
            c.AcceptPlan,
            PLAN_SUBMITTED,
            (),
            REVIEWING,
            records.accept_plan,
            (g.reviews_here, g.plan_to_review),
            signs=plan_content,
            meaning="I reviewed correction, causes and corrective actions, and accept this plan.",
            source="17021-1 9.4.10",
        ),
        Row(
            c.AttachEvidence,
            BEFORE_VERIFIED,
            (),
            OWNER,
            records.attach_evidence,
            (g.plan_duty, g.room_for_evidence, g.shows_something),
            source="9001 10.2.2",
        ),
        Row(
            c.CompleteAction,
            BEFORE_VERIFIED,
            (),
            OWNER,
            records.complete_action,
            (g.plan_duty, g.known_action, g.completable),
            source="9001 10.2.1 c",
        ),
        Row(
            c.ConfirmEffectiveness,
            PLAN_SUBMITTED,
            (),
            frozenset({Role.INTERNAL_AUDITOR}),
            records.confirm_effectiveness,
            (g.plan_accepted, g.independent),
            signs=evidence_content,
            meaning="I reviewed the corrective actions independently and found them effective.",
            source="9001 10.2.1 d, 9.2.2",
        ),
        Row(
            c.SubmitEvidence,
            PLAN_SUBMITTED,
            ("evidence_submitted",),
            APPROVER,
            records.submit_evidence,
            (g.plan_accepted, g.causes_evidenced, g.confirmed),
            signs=evidence_content,
            meaning="I submit this evidence of implementation on behalf of the client.",
            source="17021-1 9.4.10",
        ),
        Row(
            c.ReturnEvidence,
            EVIDENCE_SUBMITTED,
            ("plan_submitted", "open"),
            REVIEWING,
            records.return_evidence,
            (g.reviews_here, g.returns_something),
            source="17021-1 9.4.10; policy: round limit, resubmission",
        ),
        Row(
            c.Verify,
            EVIDENCE_SUBMITTED,
            ("verified",),
            REVIEWING,
            records.verify,
            (g.reviews_here,),
            signs=evidence_content,
            meaning="I verified the effectiveness of correction and corrective actions.",
            source="17021-1 9.4.10",
        ),
        Row(
            c.Close,
            LIVE,
            ("closed",),
            REVIEWING,
            records.close,
            (g.reviews_here, g.ready_to_close, g.separate_closer),
            signs=closing_content,
            meaning="I close out this nonconformity.",
            source="17021-1 9.4.10, 9.5.2",
        ),
        Row(c.Reopen, CLOSED, ("open",), REVIEWING, records.reopen, (g.reviews_here,), source="17021-1 9.5.2"),
        Row(
            c.RequestExtension,
            LIVE,
            (),
            CLIENT,
            records.request_extension,
            (g.extendable,),
            source="policy: extensions",
        ),
        Row(
            c.GrantExtension,
            LIVE,
            (),
            REVIEWING,
            records.grant_extension,
            (g.reviews_here, g.extension_requested, g.reviewer_may_grant, g.grantable),
            source="policy: extensions",
        ),
        Row(
            c.DenyExtension,
            LIVE,
            (),
            REVIEWING,
            records.deny_extension,
            (g.reviews_here, g.extension_requested, g.reviewer_may_deny),
            source="policy: extensions",
        ),
        Row(
            c.ExcuseLateness,
            LIVE,
            (),
            REVIEWING,
            records.excuse_lateness,
            (g.reviews_here, g.was_late),
            source="policy",
        ),
        Row(
            c.ProposeWithdrawal,
            LIVE,
            (),
            CB_SIDE,
            records.propose_withdrawal,
            (g.no_withdrawal_yet,),
            source="17021-1 9.4.5",
        ),
        Row(
            c.ConfirmWithdrawal,
            LIVE,
            ("withdrawn",),
            CB_SIDE,
            records.confirm_withdrawal,
            (g.second_person,),
            source="17021-1 9.4.5",
        ),
        Row(c.Escalate, LIVE, (), CB_SIDE, records.escalate, (g.not_under_review,), source="17021-1 9.5, 9.6.5"),
        Row(
            c.ApplyDecision,
            LIVE | CLOSED | ENDED,
            ("dismissed",),
            NOBODY,
            records.apply_decision,
            (g.own_review,),
            source="17021-1 9.5.2, 9.6.5",
            internal=True,
            keeps=CLOSED | ENDED,
        ),
        Row(c.Comment, ANY, (), CB_SIDE | CLIENT_SIDE, records.comment, (g.shown,), source="17021-1 9.4.9"),
        Row(c.Assign, ANY, (), CB_SIDE | CLIENT_SIDE, records.assign, (g.shown,), source="17021-1 9.2.2"),
    ),
)


def _deadline_in_question(case: Case, event: e.Escalated) -> c.DeadlineKind:
    """The deadline that an extension by the committee moves."""
    return case.extension.deadline if event.cause == "second_extension" and case.extension else "closure"


class Nonconformity:
    """The decider of nonconformities."""

    kind = "nonconformity"
    state = Case
    version = 1

    def initial(self) -> Case:
        """Nothing reported yet."""
        return Case()

    def wants(self, state: Case, command: Command, now: datetime) -> Wants:
        """The client always; a number where the command may issue."""
        series = f"NC-{now.year}"
        if command.name == "report" and state.status == "":
            body = parse(c.Report, command.body)
            at_once = records.may_grade_at_once(body, command.actor)
            return Wants(client=body.finding.client, series=series if at_once else None)
        return Wants(client=state.client, series=series if command.name == "issue" else None)

    def decide(self, state: Case, command: Command, context: Context) -> Sequence[Event]:
        """The row's events, or its refusal."""
        return PROCEDURE.decide(state, command, context)

    def evolve(self, state: Case, happened: Happened) -> Case:
        """The fold."""
        return evolve(state, happened)

    def lives(self, state: Case) -> bool:
        """From issue to close-out."""
        return state.status in LIVE

    def next_wakeup(self, state: Case) -> datetime | None:
        """The next reminder or date."""
        if state.policy is None:
            return None
        return next_instant(state.deadlines, state.policy, state.zone)

    def on_wakeup(self, state: Case, now: datetime) -> Sequence[Event]:
        """Reminders, misses, escalation."""
        return records.on_wakeup(state, now)

    def react(self, state: Case, happened: Happened) -> Sequence[Reaction]:
        """An escalation opens a committee review; the end of the case ends one that has not decided."""
        event = happened.event
        if isinstance(event, e.Closed | e.Withdrawn | e.Dismissed) and state.escalation is not None:
            review = stream_of("committee_review", state.escalation.review)
            left = state.escalation.state == "left"
            return (Reaction(review, "discontinue", {"reason": f"the case is {state.status}"}),) if left else ()
        if not isinstance(event, e.Escalated) or state.policy is None or state.finding is None:
            return ()
        audit = state.finding.audit
        closure = state.deadline("closure")
        return (
            Reaction(
                stream_of("committee_review", event.review),
                "open",
                {
                    "case": state.stream,
                    "number": state.number,
                    "client": state.client,
                    "grade": state.grade,
                    "title": state.finding.title,
                    "cause": event.cause,
                    "reason": event.reason,
                    "stage": audit.stage if audit else None,
                    "audit_team": list(audit.team) if audit else [],
                    "took_part": list(state.took_part),
                    "deadline": _deadline_in_question(state, event),
                    "limit_at": closure.limit_at.isoformat() if closure and closure.limit_at else None,
                    "rules": state.policy.committee.model_dump(mode="json"),
                },
            ),
        )

    def status(self, state: Case) -> str:
        """Its state."""
        return state.status
