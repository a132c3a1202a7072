"""The conditions of the commands on an audit."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from workflows import policy
from workflows.audit import commands as c
from workflows.audit import refusals as r
from workflows.audit.audit import Audit, Concern
from workflows.audit.events import Outline
from workflows.audit.standing import said, standing
from workflows.decider import Context
from workflows.grades import Stage
from workflows.people import MANAGERS, Actor
from workflows.policy import Policy
from workflows.policy_book import PolicyError
from workflows.procedure import guard

MOST_POSITIVES = MOST_CONCERNS = 100
ONE_DAY = timedelta(days=1)


def outline_of(audit: Audit) -> Outline:
    """The outline of a planned audit."""
    if audit.outline is None:
        raise ValueError("a planned audit has an outline")
    return audit.outline


def policy_for(stage: Stage, standards: tuple[str, ...], context: Context) -> Policy:
    """The policy by whose terms an audit's clocks run; raises PolicyError where none is in force.

    An audit has no grade: it goes by what holds for a major, the grade that its clocks are about (17021-1 9.5.3.2).
    """
    case = policy.Case(context.tenant, c.names(standards), stage, "major")
    return context.facts.policies.choose(case, context.today)


def audits(audit: Audit, actor: Actor) -> bool:
    """Whether an actor is of the team and audits: lead or auditor, no expert or observer."""
    team = outline_of(audit).team
    return any(member.role in ("lead", "auditor") and actor.is_called(member.person) for member in team)


@guard(r.NoPolicy, needs_body=True)
def under_policy(audit: Audit, body: c.Plan, context: Context) -> None:
    """A policy is in force for it."""
    try:
        policy_for(body.stage, body.standards, context)
    except PolicyError as error:
        raise r.NoPolicy(why=error) from None


@guard(r.DaysReversed, needs_body=True)
def days_in_order(audit: Audit, body: c.Revise, context: Context) -> None:
    """With what stays as it was, it ends no earlier than it starts."""
    outline = outline_of(audit)
    starts_on, ends_on = body.starts_on or outline.starts_on, body.ends_on or outline.ends_on
    if ends_on < starts_on:
        pointer = "/ends_on" if body.ends_on else "/starts_on"
        raise r.DaysReversed(pointer, starts_on=starts_on, ends_on=ends_on)


@guard(r.TeamMissing)
def has_team(audit: Audit, body: object, context: Context) -> None:
    """Somebody audits."""
    if not any(member.role in ("lead", "auditor") for member in outline_of(audit).team):
        raise r.TeamMissing


@guard(r.NotOnTeam)
def on_team(audit: Audit, body: object, context: Context) -> None:
    """The caller audits in this audit."""
    if not audits(audit, context.actor):
        raise r.NotOnTeam


@guard(r.NotOnTeam)
def on_team_or_planner(audit: Audit, body: object, context: Context) -> None:
    """The caller audits in this audit, planned it, or manages audits."""
    actor = context.actor
    if not actor.roles & MANAGERS and actor.id != audit.planned_by and not audits(audit, actor):
        raise r.NotOnTeam


@guard(r.NotLead, r.NotOnTeam)
def leads(audit: Audit, body: object, context: Context) -> None:
    """The caller is the lead auditor; where none is named, an auditor of the team."""
    lead = next((member for member in outline_of(audit).team if member.role == "lead"), None)
    if lead is not None and not context.actor.is_called(lead.person):
        raise r.NotLead(lead=lead.person)
    if not audits(audit, context.actor):
        raise r.NotOnTeam


@guard(r.TooEarly)
def on_its_day(audit: Audit, body: object, context: Context) -> None:
    """Its first day has come at the client, or comes on the next."""
    today, starts_on = _today(audit, context), outline_of(audit).starts_on
    if starts_on - today > ONE_DAY:
        raise r.TooEarly(today=today, starts_on=starts_on)


@guard(r.EndedAlready, needs_body=True)
def still_open(audit: Audit, body: c.Revise | c.Cancel, context: Context) -> None:
    """Once it ended, a manager changes the team, or cancels it."""
    if audit.status != "ended":
        return
    fitting = isinstance(body, c.Cancel) or body.model_fields_set <= {"team"}
    if not fitting or not context.actor.roles & MANAGERS:
        raise r.EndedAlready


@guard(r.DayAhead, r.DayBeforeStart, needs_body=True)
def sound_day(audit: Audit, body: c.End, context: Context) -> None:
    """The last day has come, and lies not before the first."""
    if body.on > _today(audit, context):
        raise r.DayAhead("/on", day=body.on)
    first = outline_of(audit).starts_on
    if body.on < first:
        raise r.DayBeforeStart("/on", day=body.on, first=first)


@guard(r.TooMany)
def room_for_positives(audit: Audit, body: object, context: Context) -> None:
    """Bounded: every event of the audit folds them again."""
    if len(audit.positives) >= MOST_POSITIVES:
        raise r.TooMany(most=MOST_POSITIVES)


@guard(r.ConcernsInStage1, r.TooMany)
def takes_concerns(audit: Audit, body: object, context: Context) -> None:
    """Stage 1, and not without bounds."""
    stage = outline_of(audit).stage
    if stage != "stage1":
        raise r.ConcernsInStage1(stage=stage)
    if len(audit.concerns) >= MOST_CONCERNS:
        raise r.TooMany(most=MOST_CONCERNS)


@guard(r.ConcernKnown, needs_body=True)
def new_concern(audit: Audit, body: c.RaiseConcern, context: Context) -> None:
    """The key is free."""
    if audit.concern(body.key) is not None:
        raise r.ConcernKnown("/key", key=body.key)


@guard(r.ConcernUnknown, r.ConcernIs, needs_body=True)
def to_repair(audit: Audit, body: c.RepairConcern, context: Context) -> None:
    """It is open."""
    concern = _concern(audit, body.key)
    if concern.state != "open":
        raise r.ConcernIs("/key", key=body.key, state=concern.state)


@guard(r.ConcernUnknown, r.NotRepaired, needs_body=True)
def to_return(audit: Audit, body: c.ReturnConcern, context: Context) -> None:
    """It is repaired, as the client says."""
    concern = _concern(audit, body.key)
    if concern.state != "repaired":
        raise r.NotRepaired("/key", key=body.key, state=concern.state)


@guard(r.ConcernUnknown, r.ConcernIs, needs_body=True)
def to_clear(audit: Audit, body: c.ClearConcern, context: Context) -> None:
    """It is not cleared."""
    if _concern(audit, body.key).state == "cleared":
        raise r.ConcernIs("/key", key=body.key, state="cleared")


@guard(r.ConcludedAlready)
def not_settled(audit: Audit, body: object, context: Context) -> None:
    """No unconditional recommendation was made."""
    if audit.conclusion is not None and audit.conclusion.recommendation == "recommended":
        raise r.ConcludedAlready


@guard(r.BetterThanStanding, needs_body=True)
def as_it_stands(audit: Audit, body: c.Conclude, context: Context) -> None:
    """No better than the standing."""
    now = standing(audit, context.facts.cases, context.facts.audits)
    if not now.allows(body.recommendation):
        raise r.BetterThanStanding("/recommendation", standing=now.recommendation, why=said(now.reasons[:3]))


def _today(audit: Audit, context: Context) -> date:
    return context.now.astimezone(ZoneInfo(audit.zone)).date()


def _concern(audit: Audit, key: str) -> Concern:
    concern = audit.concern(key)
    if concern is None:
        raise r.ConcernUnknown("/key", key=key)
    return concern
