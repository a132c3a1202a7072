"""Why a command on an audit is refused."""

from workflows.decider import Refusal


class ClientUnknown(Refusal):
    """Audits are of registered clients."""

    code = "client_unknown"
    says = "The client {client} is not registered."


class ClientMerged(Refusal):
    """A duplicate that was merged into another client is audited no more."""

    code = "client_merged"
    says = "The client {client} was merged into {into}: plan the audit there."


class InternalOnly(Refusal):
    """A client audits itself; what the certification body audits is the body's (ISO 19011 5.5; 17021-1 9.2)."""

    kind = "forbidden"
    code = "internal_audits_only"
    says = "A client's internal auditor plans and holds internal audits; this one is {stage}."


class SiteUnknown(Refusal):
    """An audit covers sites of its client, where the client has registered any."""

    code = "site_unknown"
    says = "{site} is no site of the client {client}: it has {known}."


class CertificateUnknown(Refusal):
    """An audit is held for certificates of its client."""

    code = "certificate_unknown"
    says = "{certificate} is no certificate of this client."


class NoPolicy(Refusal):
    """The clocks of an audit run by a policy."""

    code = "no_policy"
    says = "It cannot be planned: {why}."


class DaysReversed(Refusal):
    """An audit does not end before it starts."""

    code = "days_reversed"
    says = "The audit would end on {ends_on}, before it starts on {starts_on}."


class WaivedAtStage2(Refusal):
    """Stage 1 comes before stage 2, and before no other audit (17021-1 9.3.1.1)."""

    code = "no_stage1_to_waive"
    says = "A {stage} audit follows no stage 1 that could be waived."


class ClientsOwn(Refusal):
    """A certification body audits with people who are not the client's (17021-1 5.2)."""

    code = "clients_own_people"
    says = "{person} is one of the people of the client {client}: they hold internal audits only."


class TooEarly(Refusal):
    """An audit starts on its first day; one day of grace is for whoever is in another zone."""

    code = "too_early"
    says = "It is {today} at the client, and the audit starts on {starts_on}: revise its dates first."


class EndedAlready(Refusal):
    """What was held stays as it was held; without a team that can conclude it, the audit would stay for ever."""

    code = "ended_already"
    says = "The audit has ended: a manager can still change its team or cancel it, and nothing else is changed."


class TeamMissing(Refusal):
    """An audit team with the competence it needs is appointed before the audit (17021-1 9.2.2.1; ISO 19011 5.5.4)."""

    code = "team_missing"
    says = "The audit has no auditor in its team: revise it first."


class NotOnTeam(Refusal):
    """What is found in an audit is said by those who audit."""

    kind = "forbidden"
    code = "not_on_team"
    says = "This belongs to the lead auditor and the auditors of the audit's team."


class NotLead(Refusal):
    """The audit team leader concludes the audit (17021-1 9.4.6, 9.4.8; ISO 19011 6.4.9)."""

    kind = "forbidden"
    code = "not_lead"
    says = "The lead auditor of this audit concludes it: {lead}."


class DayAhead(Refusal):
    """An audit ends when its last day has come."""

    code = "day_ahead"
    says = "{day} has not come yet."


class DayBeforeStart(Refusal):
    """The last day is not before the first."""

    code = "day_before_start"
    says = "{day} is before the audit's first day {first}: revise its dates first."


class ConcernsInStage1(Refusal):
    """Areas of concern belong to stage 1 (17021-1 9.3.1.2); elsewhere a nonconformity or an opportunity is reported."""

    code = "concerns_in_stage1"
    says = "Areas of concern are raised at stage 1; at a {stage} audit, report a finding."


class ConcernKnown(Refusal):
    """The key of an area of concern is used once."""

    code = "concern_known"
    says = "There is an area of concern {key} already."


class TooMany(Refusal):
    """An audit notes no end of things."""

    code = "too_many"
    says = "The audit holds {most} of these already."


class ConcernUnknown(Refusal):
    """No area of concern has this key."""

    code = "concern_unknown"
    says = "There is no area of concern {key}."


class ConcernIs(Refusal):
    """An area of concern is repaired while open, returned while repaired, cleared once."""

    code = "concern_state"
    says = "The area of concern {key} is {state} already."


class NotRepaired(Refusal):
    """Only a repair is returned."""

    code = "not_repaired"
    says = "The area of concern {key} has no repair that could be returned; it is {state}."


class ConcludedAlready(Refusal):
    """A recommendation without conditions is the last word of the team."""

    code = "concluded_already"
    says = "The audit was concluded already: recommended."


class BetterThanStanding(Refusal):
    """A recommendation is no better than the open nonconformities allow (17021-1 9.5.2, 9.5.3.2)."""

    code = "better_than_standing"
    says = "The audit stands at {standing}: {why}"
