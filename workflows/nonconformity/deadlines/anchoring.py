"""From what dates count: the instants that a finding, and what is known of its client, offer."""

from collections.abc import Iterable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from workflows.durations import end_of_day
from workflows.entries import AuditEntry, CertificateEntry, looks_back
from workflows.findings import Finding
from workflows.nonconformity.deadlines.dates import Anchors
from workflows.policy import Policy


def anchors(
    finding: Finding,
    policy: Policy,
    issued: datetime,
    zone: str,
    audits: Iterable[AuditEntry] = (),
    certificates: Iterable[CertificateEntry] = (),
) -> Anchors:
    """The instants to count from as they are known at issue; receipt is deemed some days later."""
    area = ZoneInfo(zone)
    ended = finding.audit.ended_on if finding.audit else None
    following = next_audit(finding, audits, issued.astimezone(area).date())
    return Anchors(
        issue=issued,
        receipt=policy.deemed_receipt.after(issued, area),
        audit_end=None if ended is None else datetime.combine(ended, time.min, area),
        detection=finding.detected_at,
        certificate_expiry=last_second(expiry(finding, certificates), area),
        next_audit=last_second(following.ends_on if following else None, area),
        stage=finding.audit.stage if finding.audit else None,
    )


def acknowledged(known: Anchors, at: datetime) -> Anchors:
    """With the true receipt, where it was earlier than the deemed one."""
    receipt = at if known.receipt is None else min(known.receipt, at)
    return known.model_copy(update={"receipt": receipt})


def next_audit(finding: Finding, audits: Iterable[AuditEntry], after: date) -> AuditEntry | None:
    """The client's next audit that ends after a day and looks back: planned or under way, of one of its standards."""
    own = finding.audit.ref if finding.audit else None
    found = finding.audit.stage if finding.audit else None
    coming = [
        (audit.ends_on, audit.key, audit)
        for audit in audits
        if audit.status in ("planned", "under_way")
        and audit.key != own
        and looks_back(audit.stage, found)
        and (not audit.standards or _of_one(finding, audit.standards))
        and audit.ends_on is not None
        and audit.ends_on > after
    ]
    return min(coming)[2] if coming else None


def expiry(finding: Finding, certificates: Iterable[CertificateEntry]) -> date | None:
    """The first day on which a certificate expires that the finding names, else one that covers its standards."""
    valid = [entry for entry in certificates if entry.status in ("active", "suspended")]
    touched = [entry for entry in valid if entry.key in finding.certificates] or [
        entry for entry in valid if _of_one(finding, entry.standards)
    ]
    return min((entry.expires_on for entry in touched if entry.expires_on is not None), default=None)


def _of_one(finding: Finding, standards: Iterable[str]) -> bool:
    """Whether the finding is of one of these standards."""
    named = {standard.casefold() for standard in standards}
    return any(item.standard.casefold() in named for item in finding.requirements)


def last_second(day: date | None, area: ZoneInfo) -> datetime | None:
    """The end of a day there."""
    return None if day is None else end_of_day(datetime.combine(day, time(12), area), area)
