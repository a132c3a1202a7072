"""What is sent: CloudEvents 1.0, structured JSON. docs/events.md describes each member."""

from datetime import datetime
from typing import Any
from uuid import UUID

from activities.ledger.protocol import Recorded
from services.telling import encoded, event_view
from workflows.canonical import instant

MEDIA_TYPE = "application/cloudevents+json; charset=utf-8"
PREFIX = "closeout."


def source(url: str, tenant: str) -> str:
    """Whose events they are, within the API that `url` reaches."""
    return f"{url}/v1#{tenant}"


def event(source: str, recorded: Recorded) -> bytes:
    """A recorded event; its data is null once it was erased."""
    return encoded(
        {
            "specversion": "1.0",
            "id": str(recorded.event_id),
            "source": source,
            "type": f"{PREFIX}{recorded.type}",
            "subject": recorded.stream,
            "time": instant(recorded.at),
            "sequence": recorded.position,
            "dataschema": f"urn:closeout:event:{recorded.type}:{recorded.v}",
            "datacontenttype": "application/json",
            "data": event_view(recorded),
        }
    )


def trial(source: str, id: UUID, at: datetime, subscription: str) -> bytes:
    """An event that is none: it tries a receiver."""
    told: dict[str, Any] = {"subscription": subscription}
    return encoded(
        {
            "specversion": "1.0",
            "id": str(id),
            "source": source,
            "type": f"{PREFIX}test",
            "time": instant(at),
            "datacontenttype": "application/json",
            "data": told,
        }
    )
