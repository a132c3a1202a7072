"""Ways to the states of an audit, as steps that any interface can replay."""

from collections.abc import Mapping
from typing import Any

from tests.rules.life import SIGN, Day, Step, Steps, Wait

LEAD: Mapping[str, str] = {"person": "Auditor", "role": "lead"}
SECOND: Mapping[str, str] = {"person": "Auditor2", "role": "auditor"}
EXPERT: Mapping[str, str] = {"person": "Dr. Expert", "role": "expert"}


def by(actor: str, command: str, **body: Any) -> Step:
    """A command on the audit."""
    return Step(actor, command, body, "audit")


def plan(stage: str = "stage2", **changes: Any) -> Step:
    """An audit of acme, led by the auditor, which starts today."""
    body: dict[str, Any] = {
        "key": "A-1",
        "client": "acme",
        "stage": stage,
        "standards": ["ISO 27001:2022", "ISO 9001"],
        "sites": ["Vienna"],
        "scope": "Development of software",
        "team": [LEAD, EXPERT],
        "starts_on": Day(0),
        "ends_on": Day(2),
    }
    return Step("scheme_manager", "plan", body | changes, "audit")


def itself(command: str, **body: Any) -> Step:
    """The client's internal auditor on an audit."""
    return by("internal_auditor", command, **body)


def concern(key: str = "k1", actor: str = "auditor") -> Step:
    """An area of concern."""
    return by(actor, "raise_concern", key=key, text="No internal audit was planned yet")


def conclude(recommendation: str = "recommended", actor: str = "auditor") -> Step:
    """The recommendation."""
    return by(actor, "conclude", recommendation=recommendation, reasons="As reported", signature=SIGN)


START, END = by("auditor", "start"), by("auditor", "end", on=Day(0))
REPAIR = by("owner", "repair_concern", key="k1", text="Planned for May")
RETURN = by("auditor", "return_concern", key="k1", reason="By whom?")
CLEAR = by("auditor", "clear_concern", key="k1")
POSITIVE = by("auditor", "note_positive", text="Every leaver is known within the hour", site="Vienna")
CANCEL = by("scheme_manager", "cancel", reason="The client moved")

LEADS: Mapping[str, str] = {"person": "Internal_Auditor", "role": "lead"}
INTERNAL = itself("plan", **plan("internal", team=[LEADS]).body)
INTERNALLY: Steps = (INTERNAL, itself("start"), itself("end", on=Day(0)))
"""An internal audit, by the client's own people."""

PLANNED: Steps = (plan(),)
STAGE1: Steps = (plan("stage1"), START)
CONCERNED: Steps = (*STAGE1, concern())
REPAIRED: Steps = (*CONCERNED, REPAIR)
UNDER_WAY: Steps = (*PLANNED, START)
ENDED: Steps = (*UNDER_WAY, END)
CONCLUDED: Steps = (*ENDED, conclude())
LAPSED: Steps = (*ENDED, Wait("P190D"))
TWO: Steps = (plan(team=[LEAD, SECOND]), START, END)
NO_LEAD: Steps = (plan(team=[{"person": "Auditor"}]), START, END)

STATES: Mapping[str, Steps] = {
    "planned": PLANNED,
    "under_way": UNDER_WAY,
    "ended": ENDED,
    "concluded": CONCLUDED,
    "lapsed": LAPSED,
    "cancelled": (*PLANNED, CANCEL),
}
"""The shortest walk to each state."""
