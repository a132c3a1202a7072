"""Refusals about dates: extensions, excuses."""

from workflows.decider import Refusal


class DeadlineNotRunning(Refusal):
    """More time is asked for a date that still runs."""

    code = "deadline_not_running"
    says = "The {deadline} deadline is {state}."


class DeadlinePassed(Refusal):
    """More time is asked for before the date, not after it."""

    code = "deadline_passed"
    says = "The {deadline} deadline passed {due_at}: an extension is requested before it."


class ExtensionPending(Refusal):
    """One request at a time."""

    code = "extension_pending"
    says = "A request for the {deadline} deadline waits for an answer."


class NotLater(Refusal):
    """An extension moves the date later."""

    code = "not_later"
    says = "{until} is not after {due_at}."


class BeyondLimit(Refusal):
    """Nothing moves a date past its hard limit."""

    code = "beyond_limit"
    says = "{until} is past the hard limit, {words}: {limit}."


class ExtensionTooLong(Refusal):
    """The policy caps extensions, counted from the first date."""

    code = "extension_too_long"
    says = "The policy allows at most {longest} in all: until {until}."


class MoreThanAsked(Refusal):
    """A grant gives the requested time, or less."""

    code = "more_than_asked"
    says = "{until} is later than what was asked for: {asked}."


class NoExtensionRequested(Refusal):
    """An answer needs a request."""

    code = "no_extension_requested"
    says = "No extension is requested."


class CommitteeGrants(Refusal):
    """A reviewer grants what the policy leaves to reviewers; the committee decides on more."""

    code = "committee_grants"
    says = "The policy leaves {most} extension(s) of a date to reviewers: the committee decides on this one."


class NotLate(Refusal):
    """Only lateness is excused."""

    code = "not_late"
    says = "The {deadline} deadline was not missed."


class AlreadyExcused(Refusal):
    """Lateness is excused once, until the date is another."""

    code = "already_excused"
    says = "The lateness of the {deadline} deadline was excused already: {reason}"


class PolicyUnknown(Refusal):
    """A policy is applied that is in force, and this body's."""

    code = "policy_unknown"
    says = "No policy {policy} can be applied{why}."


class PolicyUnchanged(Refusal):
    """Another policy, or another version of it."""

    code = "policy_unchanged"
    says = "It is under {policy} {version} already, the newest version that is in force."


class PolicyDoesNotCover(Refusal):
    """A policy is for the standards, audit stages and grades that it names, and knows the scheme's word for a grade."""

    code = "policy_does_not_cover"
    says = "The policy {policy} {version} is not for {what}."
