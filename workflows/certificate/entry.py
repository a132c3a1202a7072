"""A certificate as other streams and lists see it."""

from typing import Any

from workflows.canonical import instant
from workflows.certificate.certificate import Certificate, name_of
from workflows.entries import CertificateEntry


def certificate_entry(key: str, state: Certificate) -> CertificateEntry:
    """The entry of a certificate; `key` is the id of its stream."""
    return CertificateEntry(
        key=key,
        client=state.client or "",
        status=state.status or "applied",
        standards=tuple(map(name_of, state.standards)),
        expires_on=state.term.expires_on if state.term else None,
    )


def certificate_view(key: str, state: Certificate) -> dict[str, Any]:
    """The row of a certificate in lists, as JSON: the entry, and what a reader of lists wants to know beside it."""
    term, suspension = state.term, state.suspension
    return {
        **certificate_entry(key, state).model_dump(mode="json"),
        "stated": list(state.standards),
        "sites": list(state.sites),
        "scope": state.scope,
        "issued_on": term.issued_on.isoformat() if term else None,
        "audit": state.audit,
        "from_body": state.from_body,
        "reduced": bool(state.reductions),
        "suspended_until": instant(suspension.until) if suspension and state.status == "suspended" else None,
    }
