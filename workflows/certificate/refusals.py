"""Why a command on a certificate is refused."""

from workflows.decider import Refusal


class ClientUnknown(Refusal):
    """A certificate is a registered client's."""

    code = "client_unknown"
    says = "The client {client} is not registered."


class ClientMerged(Refusal):
    """A duplicate that was merged gets nothing new."""

    code = "client_merged"
    says = "The client {client} was merged into {into}: name that one."


class SiteUnknown(Refusal):
    """A certificate covers sites of its client, where the client has registered any."""

    code = "site_unknown"
    says = "{site} is no site of the client {client}: it has {known}."


class AnotherClients(Refusal):
    """A certificate stays its client's when that client applies again."""

    code = "certificate_of_another"
    says = "The certificate {key} was the client {client}'s: choose another key."


class HadPart(Refusal):
    """Whoever took part in an audit does not decide on what it found (17021-1 9.5.1)."""

    kind = "forbidden"
    code = "had_part_in_audit"
    says = "You took part in the audit {audit}: somebody who had no part in it decides."


class AuditUnknown(Refusal):
    """A decision rests on an audit of the client that was held."""

    code = "audit_unknown"
    says = "{audit} is no audit of this client that was held for a standard of this certificate."


class NotYetIssued(Refusal):
    """No certificate is issued from a day that lies ahead."""

    code = "issued_ahead"
    says = "{day} lies ahead: a certificate is issued from the day of the decision or before."


class Backdated(Refusal):
    """A certificate is effective from the decision on, and not before it (17021-1 8.2.2)."""

    code = "issued_before_decision"
    says = "{day} is before the decision, which is made on {today} at the client: it is issued on that day or later."


class ExpiredThen(Refusal):
    """A certificate that is granted or taken over still holds."""

    code = "expired_already"
    says = "{day} is past: it would be expired already."


class CaseUnknown(Refusal):
    """What was open at the other body is taken over with the certificate, as open nonconformities here (IAF MD 2)."""

    code = "case_unknown"
    says = "{case} is no open nonconformity of the client {client}: report it first, with its history."


class NotLonger(Refusal):
    """A renewal makes the certificate hold longer."""

    code = "not_longer"
    says = "The certificate holds until {held} already: a renewal goes beyond that."


class ExpiryMissing(Refusal):
    """After an expiry, certification is restored until a day that is said."""

    kind = "invalid"
    code = "expiry_missing"
    says = "The certificate expired: say until when it holds again."


class ExpiryFixed(Refusal):
    """Lifting a suspension moves no date."""

    kind = "invalid"
    code = "expiry_fixed"
    says = "A suspension is lifted without another date: the certificate holds until {held}."


class TooLate(Refusal):
    """Certification is restored within six months of its expiry; later it begins anew (17021-1 9.6.3.2.5)."""

    code = "restoration_too_late"
    says = "It expired on {day}, and could be restored until {until}: the client applies again."


class BeyondCycle(Refusal):
    """A certificate holds for a cycle, of three years where a policy says no other (17021-1 9.1.3.2, 9.6.3.2.5)."""

    code = "beyond_cycle"
    says = "It can hold until {most}: {by}."


class CasesUnresolved(Refusal):
    """What a suspension was decided for is resolved before it is lifted."""

    code = "cases_unresolved"
    says = "It was suspended for nonconformities that are not resolved: {cases}."


class AuditMissing(Refusal):
    """Certification is decided on a registered audit of each standard, held in this cycle (17021-1 9.5.3, 9.6.3.2)."""

    code = "audit_missing"
    says = (
        "No audit of {standard} is registered to decide on: it takes {wanted} that is concluded with a recommendation."
    )


class NotRecommended(Refusal):
    """Certification is decided on an audit that was concluded with a recommendation (17021-1 9.5.2, 9.5.3)."""

    code = "not_recommended"
    says = "The audit {audit} is {how}: it takes {wanted} that is concluded with a recommendation."


class LaterAudit(Refusal):
    """The audit that is named does not speak for a standard of which another one is the latest (17021-1 9.5.2)."""

    code = "not_the_latest_audit"
    says = (
        "{named} is not the latest audit of {standard}. That is {audit}, which is {how}: "
        "it takes {wanted} that is concluded with a recommendation."
    )


class StagesMissing(Refusal):
    """Initial certification takes two stages (17021-1 9.3.1.1)."""

    code = "stage1_missing"
    says = (
        "No stage 1 that covers {standard} and was over when {audit} began is concluded: conclude one, or say in the "
        "plan of {audit} why it needs none (stage1_waived)."
    )


class StandsAgainst(Refusal):
    """Majors are verified and the plans for minors accepted before certification is decided (17021-1 9.5.2)."""

    code = "stands_against"
    says = "The audit {audit} does not bear the decision now: {why}"


class NotOnCertificate(Refusal):
    """Only what is there is taken out."""

    code = "not_on_certificate"
    says = "{part} is not on this certificate."


class ScopeUnchanged(Refusal):
    """A reduction takes something out."""

    code = "scope_unchanged"
    says = "The scope reads so already."


class NothingLeft(Refusal):
    """A certificate names a standard; without any it is withdrawn."""

    code = "nothing_left"
    says = "No {what} would be left: withdraw the certificate instead."


class NoPolicy(Refusal):
    """How long a certificate holds and how long a suspension lasts is a policy's."""

    code = "no_policy"
    says = "Until when it lasts cannot be said: {why}."


class NoEffect(Refusal):
    """A decision fits the state of the certificate, or has no effect on it."""

    code = "no_effect"
    says = "{choice} has no effect on a certificate that is {status}."


class NotACause(Refusal):
    """Only a nonconformity that caused the suspension is resolved."""

    code = "not_a_cause"
    says = "The certificate is not suspended for {case}."


class NothingToSetAside(Refusal):
    """What a review decided is set aside where something of it is left."""

    code = "nothing_to_set_aside"
    says = "Nothing that the review {review} decided is left here."
