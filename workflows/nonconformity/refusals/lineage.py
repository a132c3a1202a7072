"""Refusals about lineage."""

from workflows.decider import Refusal


class NotAMinor(Refusal):
    """Minors are aggregated."""

    code = "not_a_minor"
    says = "Minors are aggregated; this is a {grade}."


class AggregationPending(Refusal):
    """A minor is aggregated once."""

    code = "aggregation_pending"
    says = "It was aggregated already: the systemic nonconformity {systemic} is being raised."


class MinorsTaken(Refusal):
    """A systemic nonconformity has at least two minors that are no part of another one."""

    code = "minors_taken"
    says = "Fewer than two of its minors are left: {ids} became part of another systemic nonconformity."


class AggregatedWithItself(Refusal):
    """The case itself is one of the minors without being named."""

    code = "aggregated_with_itself"
    says = "{id} is this nonconformity itself: name the others."


class OtherUnknown(Refusal):
    """The others are nonconformities of this certification body."""

    code = "other_unknown"
    says = "Unknown: {ids}."


class OtherClient(Refusal):
    """A systemic nonconformity is one client's."""

    code = "other_client"
    says = "Of another client: {ids}."


class OtherNotAnOpenMinor(Refusal):
    """The others are minors that are open."""

    code = "other_not_an_open_minor"
    says = "No open minors: {ids}."


class OtherTaken(Refusal):
    """A minor is part of one systemic nonconformity at most."""

    code = "other_taken"
    says = "Of another systemic nonconformity, {systemic}: {ids}."


class CertificateTouched(Refusal):
    """What the committee decided about a certificate lasts until the nonconformity that it was for has ended."""

    code = "certificate_touched"
    says = "The committee decided about a certificate because of {numbers}: it is closed out by itself."


class NothingInCommon(Refusal):
    """What is aggregated has one audit, requirement, department or process in common."""

    code = "nothing_in_common"
    says = "They share no audit, no requirement, no department and no process."


class TooMuchForOne(Refusal):
    """A systemic nonconformity is one finding, with the bounds of one."""

    code = "too_much_for_one"
    says = "Together they say more than one finding holds: {field}: {problem}"
