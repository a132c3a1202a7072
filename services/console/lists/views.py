"""The views of the inbox: what its address may ask for, and what that asks the database for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from activities.reads.nonconformities import Wanted
from services.api.lists import Word
from services.api.nonconformities import OfClients
from services.auth import Caller
from services.console.frame.asked import address
from services.console.frame.catalogue import mark
from services.console.frame.navigation import HOME
from services.console.things.work import side_of
from workflows.nonconformity.case import LIVE

View = Literal["mine", "audits", "assigned", "overdue", "triage", "living", "all"]

TITLES: Mapping[View, str] = {
    "mine": mark("Waiting on me"),
    "audits": mark("My audits"),
    "assigned": mark("Assigned to me"),
    "overdue": mark("Overdue"),
    "triage": mark("Triage"),
    "living": mark("All open"),
    "all": mark("All"),
}

LIVING: tuple[str, ...] = tuple(sorted(LIVE))


class Asked(OfClients):
    """What the address of the inbox says: a view, filters as the API has them, and after which case a page begins."""

    view: View = "mine"
    after: Word | None = None

    @property
    def filtered(self) -> bool:
        """Whether anything but the view narrows the list."""
        return any(getattr(self, name) for name in OfClients.model_fields)

    def filter(self) -> dict[str, Any]:
        """What is saved of it: all but the page, as JSON."""
        return self.model_dump(mode="json", exclude_defaults=True, exclude={"after"}) | {"view": self.view}

    def address(self, **other: Any) -> str:
        """The inbox as asked for, with these values otherwise; None and empty are left out.

        The view is always named: without any, the inbox is what its reader begins with.
        """
        return address(HOME, {"view": self.view} | self.model_dump(exclude_defaults=True) | other)


def wanted(caller: Caller, asked: Asked, audits: Sequence[str]) -> Wanted | None:
    """What the database is asked for a view; None where it can have nothing."""
    found = asked.wanted()
    living: Sequence[str] = asked.status or LIVING
    match asked.view:
        case "mine":
            return replace(found, status=living, asks=side_of(caller.actor))
        case "audits":
            among = [key for key in audits if not asked.audit or key in asked.audit]
            return replace(found, status=living, audit=among) if among else None
        case "assigned":
            return replace(found, status=living, assignee=caller.actor.id)
        case "overdue":
            return replace(found, status=living, overdue=True)
        case "triage":
            return replace(found, status=("reported",))
        case "living":
            return replace(found, status=living)
        case "all":
            return found


def lives(found: Wanted) -> bool:
    """Whether all that is wanted lives, so that it is listed by when it is to be acted on."""
    return bool(found.status) and LIVE.issuperset(found.status)
