"""What stands beside a case: the audit in which it was found, and the certificates on which it bears."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.api.context import Api
from services.auth import Caller
from workflows.decider import Wants
from workflows.entries import AuditEntry, CertificateEntry
from workflows.nonconformity.case import Case


@dataclass(frozen=True, slots=True)
class Beside:
    """An audit and certificates as they stand now; None and empty where nobody registered any."""

    audit: AuditEntry | None = None
    certificates: Sequence[CertificateEntry] = ()


async def beside(api: Api, caller: Caller, case: Case) -> Beside:
    """What stands beside a case, as far as somebody sees it.

    Certificates are those that it names or that a decision on it touched, and those of the client on a standard that
    was not fulfilled. Raises Unavailable.
    """
    if case.client is None:
        return Beside()
    known = await api.ledger.facts(caller.scope, Wants(client=case.client, audits=True, certificates=True))
    finding = case.finding
    ref = finding.audit.ref if finding and finding.audit else None
    named = {*case.certificates, *(finding.certificates if finding else ())}
    standards = {one.standard for one in finding.requirements} if finding else set()
    return Beside(
        next((one for one in known.audits if one.key == ref), None),
        [one for one in known.certificates if one.key in named or standards.intersection(one.standards)],
    )
