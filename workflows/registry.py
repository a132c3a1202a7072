"""Every decider and every event there is, and how a stored event becomes one again."""

import inspect
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from workflows.audit import events as audit_events
from workflows.audit.rules import PROCEDURE as AUDIT
from workflows.audit.rules import Audits
from workflows.certificate import events as certificate_events
from workflows.certificate.rules import PROCEDURE as CERTIFICATE
from workflows.certificate.rules import Certificates
from workflows.client import events as client_events
from workflows.client.rules import PROCEDURE as CLIENT
from workflows.client.rules import ClientRegistry
from workflows.committee import events as review_events
from workflows.committee.rules import PROCEDURE as COMMITTEE_REVIEW
from workflows.committee.rules import CommitteeReview
from workflows.decider import Decider, Event, Registry
from workflows.nonconformity import events as case_events
from workflows.nonconformity.rules import PROCEDURE as NONCONFORMITY
from workflows.nonconformity.rules import Nonconformity
from workflows.procedure import Procedure

DECIDERS: dict[str, Decider[Any]] = {
    decider.kind: decider
    for decider in (Nonconformity(), CommitteeReview(), ClientRegistry(), Certificates(), Audits())
}

PROCEDURES: dict[str, Procedure[Any]] = {
    "nonconformity": NONCONFORMITY,
    "committee_review": COMMITTEE_REVIEW,
    "client": CLIENT,
    "certificate": CERTIFICATE,
    "audit": AUDIT,
}


def _events_of(module: ModuleType) -> list[type[Event]]:
    """The events that a module or a package defines; what it only imports from elsewhere is not among them."""
    classes = (item for _, item in inspect.getmembers(module, inspect.isclass))
    inside = f"{module.__name__}."
    return [item for item in classes if issubclass(item, Event) and f"{item.__module__}.".startswith(inside)]


EVENTS: dict[str, type[Event]] = {
    event.type: event
    for module in (case_events, review_events, client_events, audit_events, certificate_events)
    for event in _events_of(module)
}

UPCASTERS: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""From the data of (type, v) to the data of v + 1. Stored events never change; their readers do."""


def decode(type: str, v: int, data: Mapping[str, Any]) -> Event:
    """A stored event in its present shape; KeyError for a type nobody knows or a version without upcaster.

    A field that this process does not know was added by a newer one, and is left out. A version that it does not know
    is a newer shape: ValueError, because nobody here can say what it means.
    """
    event = EVENTS[type]
    if v > event.v:
        raise ValueError(f"{type} is stored in version {v}; this program knows it up to {event.v}")
    current = dict(data)
    for version in range(v, event.v):
        current = UPCASTERS[(type, version)](current)
    return event.model_validate(current, extra="ignore")


REGISTRY = Registry(DECIDERS, decode)
