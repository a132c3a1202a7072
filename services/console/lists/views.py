"""The views of the inbox: what its address may ask for, and what that asks the database for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from pydantic import field_validator

from activities.reads.nonconformities import Wanted
from services.api.lists import Several, Word
from services.api.nonconformities import requirement
from services.auth import Caller
from services.console.frame.catalogue import mark
from services.console.frame.navigation import HOME
from services.console.things.work import side_of
from workflows.nonconformity.case import LIVE, Reached
from workflows.people import Frozen
from workflows.policy import Grade

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


class Asked(Frozen):
    """What the address of the inbox says: a view, filters as the API has them, and after which case a page begins."""

    view: View = "mine"
    q: Word | None = None
    status: Annotated[tuple[Reached, ...], Several] = ()
    grade: Annotated[tuple[Grade, ...], Several] = ()
    client: Annotated[tuple[Word, ...], Several] = ()
    requirement: Word | None = None
    audit: Annotated[tuple[Word, ...], Several] = ()
    site: Word | None = None
    after: Word | None = None

    @field_validator("requirement")
    @classmethod
    def _named(cls, given: str | None) -> str | None:
        return given and requirement(given)

    @property
    def filtered(self) -> bool:
        """Whether anything but the view narrows the list."""
        return bool(self.q or self.status or self.grade or self.client or self.requirement or self.audit or self.site)

    def filter(self) -> dict[str, Any]:
        """What is saved of it: all but the page, as JSON."""
        return self.model_dump(mode="json", exclude_defaults=True, exclude={"after"}) | {"view": self.view}

    def address(self, **other: Any) -> str:
        """The inbox as asked for, with these values otherwise; None and empty are left out.

        The view is always named: without any, the inbox is what its reader begins with.
        """
        values = {"view": self.view} | self.model_dump(exclude_defaults=True) | other
        told = {name: ",".join(one) if isinstance(one, tuple) else one for name, one in values.items() if one}
        return f"{HOME}?{urlencode(told)}"


def wanted(caller: Caller, asked: Asked, audits: Sequence[str]) -> Wanted | None:
    """What the database is asked for a view; None where it can have nothing."""
    found = Wanted(
        status=asked.status,
        grade=asked.grade,
        client=asked.client,
        requirement=asked.requirement,
        audit=asked.audit,
        site=asked.site,
        q=asked.q,
    )
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
