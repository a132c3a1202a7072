"""Why a command on a committee review is refused."""

from workflows.decider import Refusal


class NotSitting(Refusal):
    """Only members of this review vote and decide."""

    kind = "forbidden"
    code = "not_sitting"
    says = "You do not sit in this review."


class RecusedByRule(Refusal):
    """Whoever had a part in the audit or belongs to the client does not decide (17021-1 9.5.1)."""

    kind = "forbidden"
    code = "recused"
    says = "You are recused: {reason}."


class UntilMissing(Refusal):
    """An extension states its new date."""

    kind = "invalid"
    code = "until_missing"
    says = "To extend, say until when."


class UntilPast(Refusal):
    """A new date lies ahead, when it is voted for and when it is decided."""

    code = "until_past"
    says = "{until} is past already: name a later date."


class UntilWithout(Refusal):
    """Only an extension and a special audit have a date of their own."""

    kind = "invalid"
    code = "until_without"
    says = "A vote to {choice} names no date: leave it out."


class NotLater(Refusal):
    """An extension moves the date later."""

    code = "not_later"
    says = "{until} is not after the present date, {due_at}."


class BeyondLimit(Refusal):
    """Not even the committee moves a date past its hard limit."""

    code = "beyond_limit"
    says = "{until} is past the hard limit {limit}."


class TooLong(Refusal):
    """Where no hard limit holds, the committee gives as long as the policy lets a verification wait, and no longer.

    Counted from the call of the committee, or from the present date where that is later (policy: deferral.longest).
    """

    code = "too_long"
    says = "{until} is later than the policy lets a case wait that has no hard limit: {longest}."


class RefusalOnlyInitial(Refusal):
    """Certification is refused at an initial audit; later certificates are suspended or withdrawn."""

    code = "refusal_only_initial"
    says = "Certification can be refused at an initial audit only; this is {stage}."


class NotANonconformity(Refusal):
    """An opportunity for improvement is none: there is no grade to correct."""

    code = "not_a_nonconformity"
    says = "An opportunity for improvement is not regraded: what is a nonconformity after all is raised as one."


class QuorumMissing(Refusal):
    """A decision needs the quorum."""

    code = "quorum_missing"
    says = "{votes} of {quorum} votes are cast: {ways}."


class NoMajority(Refusal):
    """A decision needs the majority that the policy asks for; a tie is none."""

    code = "no_majority"
    says = (
        "The votes are {how} ({tally}), and a decision takes {share}: "
        "a member votes, or votes anew, or a scheme manager convenes more members."
    )


class RecuseAnother(Refusal):
    """Members recuse themselves; a scheme manager recuses anybody."""

    kind = "forbidden"
    code = "recuse_another"
    says = "A member can recuse nobody else: ask a scheme manager."


class NotAMember(Refusal):
    """Only members are recused."""

    code = "not_a_member"
    says = "{person} is no member of this review, or recused already."


class NotCommittee(Refusal):
    """Only committee members of the certification body sit."""

    code = "not_committee"
    says = "No committee members of this body: {people}."
