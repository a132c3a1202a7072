"""A certificate as other streams and lists see it."""

from typing import Any

from workflows.canonical import instant
from workflows.certificate import clock
from workflows.certificate.certificate import Certificate, name_of
from workflows.entries import CertificateEntry


def certificate_entry(key: str, state: Certificate) -> CertificateEntry | None:
    """The entry of a certificate, for facts; None before its first event, and where that was erased."""
    if state.client is None or state.status == "":
        return None
    return CertificateEntry(
        key=key,
        client=state.client,
        status=state.status,
        standards=tuple(map(name_of, state.standards)),
        expires_on=state.term.expires_on if state.term else None,
    )


def certificate_view(key: str, state: Certificate) -> dict[str, Any]:
    """The row of a certificate in lists, as JSON: the entry, and what a reader of lists wants to know beside it.

    `due_at` is when it expires, while it can.
    """
    entry, term, suspension = certificate_entry(key, state), state.term, state.suspension
    if entry is None:
        return {"key": key, "status": state.status}
    return {
        **entry.model_dump(mode="json"),
        "stated": list(state.standards),
        "sites": list(state.sites),
        "scope": state.scope,
        "issued_on": term.issued_on.isoformat() if term else None,
        "audits": list(state.audits),
        "from_body": state.from_body,
        "reduced": bool(state.reductions),
        "suspended_until": instant(suspension.until) if suspension and state.status == "suspended" else None,
        "due_at": instant(term.expires_at) if term and state.status in clock.LIVING else None,
    }
