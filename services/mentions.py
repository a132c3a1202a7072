"""What is said of an item before it is sent: by that, what would become of it is foreseen (`services.foreseeing`)."""

from typing import get_args

from services.intake import Found, Item, Skipped
from workflows import findings
from workflows.canonical import instant
from workflows.nonconformity.commands import Passed


def mention(item: Item, own: str) -> dict[str, object] | None:
    """An item as `foreseeing.Item` has it; None for one that says nothing of a case. `own` is the sender's system."""
    match item:
        case Found():
            source, system = item.finding.source, item.finding.source.system
            part = item.part
            digest = findings.said(item.finding) if part is None else findings.said_in(part, item.finding)
            said: dict[str, object] = {"said": digest, "client": item.finding.client}
            if part is not None:
                said["part"] = part.model_dump(mode="json")
            named = source.external_id
        case Skipped(external_id=str(named), reason=reason) if reason in get_args(Passed):
            said, system = {"passed": reason, "client": item.client}, item.system or own
        case _:
            return None
    revision = None if item.revision is None else instant(item.revision)
    return {**said, "external_id": named, "system": None if system == own else system, "revision": revision}
