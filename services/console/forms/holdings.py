"""What forms about audits, certificates and clients offer to choose and begin with, read off them. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from services.console.forms.choices import Chosen, short
from services.console.forms.fields import Options
from services.console.frame.words import word
from workflows.audit.audit import Audit, Concern
from workflows.certificate.certificate import Certificate
from workflows.client.commands import Revise
from workflows.client.events import Entry
from workflows.decider import Facts
from workflows.entries import AuditEntry

OPEN: Mapping[str, Sequence[str]] = {
    "repair_concern": ("open",),
    "return_concern": ("repaired",),
    "clear_concern": ("open", "repaired"),
}
"""The states of the areas of concern that a command can be about."""


def about(audit: Audit, command: str) -> Sequence[Concern]:
    """The areas of concern that a command can be about."""
    return [one for one in audit.concerns if one.state in OPEN.get(command, ())]


def of_audit(audit: Audit, command: str, beside: Facts) -> Options:
    """What may be chosen for the fields of a command on an audit."""
    match command:
        case "revise":
            return {**_sites(beside, "sites"), **_certificates(beside)}
        case "note_positive":
            return _sites(beside, "site")
        case "repair_concern" | "return_concern" | "clear_concern":
            return {"key": [(one.key, short(one.key, one.text)) for one in about(audit, command)]}
    return {}


def _certificates(beside: Facts) -> Options:
    certificates = [(one.key, f"{one.key}: {', '.join(one.standards)}") for one in beside.certificates]
    return {"certificates": certificates} if certificates else {}


def of_certificate(certificate: Certificate, command: str, beside: Facts) -> Options:
    """What may be chosen for the fields of a command on a certificate."""
    match command:
        case "grant" | "renew" | "restore":
            return {"audit": [_audit(one) for one in beside.audits if one.status == "concluded"]}
        case "reduce":
            parts = {"standards": certificate.standards, "sites": certificate.sites}
            return {name: [(one, one) for one in known] for name, known in parts.items() if known}
    return {}


def known_of_audit(audit: Audit, command: str, today: date) -> Any:
    """What a form about an audit begins with; of one that ended, its team alone can be revised."""
    match command:
        case "revise" if audit.outline:
            fields = {"team"} if audit.status == "ended" else set(type(audit.outline).model_fields) - _FIXED
            return audit.outline.model_dump(mode="json", include=fields)
        case "end":
            return {"on": today.isoformat()}
    return None


_FIXED = {"key", "client", "stage"}


def known_of_certificate(command: str, today: date) -> Any:
    """What a form about a certificate begins with."""
    return {"issued_on": today.isoformat()} if command in ("grant", "renew") else None


def known_of_client(entry: Entry, command: str) -> Any:
    """What a form about a client begins with: what is registered, or what it decided for itself."""
    match command:
        case "revise":
            return entry.model_dump(mode="json", include=set(Revise.model_fields))
        case "change_settings":
            return entry.settings.model_dump(mode="json")
    return None


def _sites(beside: Facts, field: str) -> Options:
    sites = beside.client.sites if beside.client else ()
    return {field: [(site, site) for site in sites]} if sites else {}


def _audit(one: AuditEntry) -> Chosen:
    said = word("recommendation", one.recommendation) if one.recommendation else word("status", one.status)
    return one.key, f"{one.key}: {word('stage', one.stage)}, {said}"
