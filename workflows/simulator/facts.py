"""What deciders may know of other streams, made from their states: as the ledger's facts, without a database."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workflows.audit.entry import audit_entry
from workflows.certificate.entry import certificate_entry
from workflows.client.state import ClientState
from workflows.decider import Client, Facts, Wants, stream_of
from workflows.entries import MOST_CASES, AuditEntry, CaseEntry, CaseQuery, CertificateEntry
from workflows.nonconformity.case import LIVE
from workflows.nonconformity.entry import case_entry
from workflows.people import Person, Role
from workflows.policy_book import PolicyBook

States = Mapping[str, Any]
"""The states of all streams that hold an event, by the stream's name, in the order in which they began."""


def told(states: States, wants: Wants, policies: PolicyBook, number: int | None, people: Sequence[Person]) -> Facts:
    """The answers to `wants`."""
    named = audit(states, wants.audit)
    return Facts(
        policies=policies,
        client=client(states, wants.client),
        into=client(states, wants.into),
        number=number,
        committee=[one for one in people if Role.COMMITTEE_MEMBER in one.roles] if wants.committee else (),
        people=[one for one in people if one.client == wants.client] if wants.people and wants.client else (),
        audit=named,
        team=[one for one in people if named is not None and one.id in named.team],
        audits=audits(states, wants.client) if wants.audits else (),
        certificates=certificates(states, wants.client) if wants.certificates else (),
        cases=cases(states, wants.cases) if wants.cases is not None else (),
    )


def client(states: States, key: str | None) -> Client | None:
    """A client's entry as deciders know it; None for one that is not registered."""
    state = states.get(stream_of("client", key)) if key is not None else None
    if not isinstance(state, ClientState) or state.entry is None:
        return None
    entry = state.entry
    return Client(
        entry.key,
        zone=entry.zone,
        country=entry.country,
        subdivision=entry.subdivision,
        sites=entry.sites,
        four_eyes=entry.settings.four_eyes,
        internal_confirmation=entry.settings.internal_confirmation,
        merged_into=entry.merged_into,
    )


def audit(states: States, key: str | None) -> AuditEntry | None:
    """The audit under a key, whosever it is."""
    state = states.get(stream_of("audit", key)) if key is not None else None
    return audit_entry(key, state) if key is not None and state is not None else None


def audits(states: States, of: str | None) -> Sequence[AuditEntry]:
    """All audits of a client, by key."""
    found = (audit_entry(key, state) for key, state in sorted(_of(states, "audit"), key=_key))
    return [entry for entry in found if entry is not None and entry.client == of]


def certificates(states: States, of: str | None) -> Sequence[CertificateEntry]:
    """All certificates of a client, by key."""
    found = (certificate_entry(key, state) for key, state in sorted(_of(states, "certificate"), key=_key))
    return [entry for entry in found if entry is not None and entry.client == of]


def cases(states: States, query: CaseQuery) -> Sequence[CaseEntry]:
    """The cases that a query asks for, those that were reported last first."""
    found = [case_entry(key, state) for key, state in _of(states, "nonconformity")]
    asked = (entry for entry in reversed(found) if query.names(entry) and (entry.status in LIVE or not query.living))
    return list(asked)[:MOST_CASES]


def _of(states: States, kind: str) -> Iterator[tuple[str, Any]]:
    """Ids and states of the streams of a kind."""
    for name, state in states.items():
        of, _, key = name.partition("/")
        if of == kind:
            yield key, state


def _key(keyed: tuple[str, Any]) -> str:
    return keyed[0]
