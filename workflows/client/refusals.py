"""Why a command on a client is refused."""

from workflows.decider import Refusal


class NameTaken(Refusal):
    """Findings name clients by key, name or alias: each is one client's, however it is written."""

    code = "client_name_taken"
    says = "{name} is what the client {holder} is called: choose another, or revise {holder} first."


class SubdivisionUnknown(Refusal):
    """Working days at a client go by the holidays of its part of its country (ISO 3166-2), as far as they are known."""

    kind = "invalid"
    code = "subdivision_unknown"
    says = "No holidays are known of {subdivision} in {country}: name a part of it that has its own, or none."


class IntoItself(Refusal):
    """A duplicate is another client."""

    code = "merge_into_itself"
    says = "The client {key} cannot be merged into itself."


class NothingToChange(Refusal):
    """A change changes something: an empty one would stand in the record and say nothing."""

    kind = "invalid"
    code = "nothing_to_change"
    says = "It names nothing to change."


class SurvivorUnknown(Refusal):
    """A duplicate is merged into a registered client."""

    code = "survivor_unknown"
    says = "The client {key} is not registered."


class SurvivorMerged(Refusal):
    """A duplicate is merged into a client that still stands, so that no circle comes about."""

    code = "survivor_merged"
    says = "The client {key} was merged into {into} itself: name the one that stands."


class MergedAlready(Refusal):
    """A client is merged once; again only into the same, for what was left under its key."""

    code = "merged_already"
    says = "It was merged into {into} already; only what is left under its key can follow, and only there."
