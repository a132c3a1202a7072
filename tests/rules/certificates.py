"""Ways to the states of a certificate, as steps that any interface can replay."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.rules import audits as a
from tests.rules.life import SIGN, Day, Step, Steps, Wait

HELD: Mapping[str, Any] = {"issued_on": Day(0), "expires_on": Day(1095)}
WHAT: Mapping[str, Any] = {
    "key": "C-1",
    "client": "acme",
    "standards": ["iso 27001:2022", "ISO 9001"],
    "sites": ["Vienna", "Graz"],
    "scope": "Development and operation of software",
}


def by(actor: str, command: str, **body: Any) -> Step:
    """A command on the certificate."""
    return Step(actor, command, body, "certificate")


def signs(command: str, actor: str = "member1", **body: Any) -> Step:
    """A signed decision."""
    return by(actor, command, **{"reason": "As the papers say", **body, "signature": SIGN})


def decision(choice: str, case: str = "0190-case", **body: Any) -> Step:
    """What a committee review decided about a nonconformity."""
    told = {"review": "r-1", "case": case, "choice": choice, "effect": "So it is.", "reason": "As voted"}
    return by("reaction:nonconformity/0190-case", "apply_decision", **{**told, **body})


def set_aside(review: str = "r-1", case: str = "0190-case") -> Step:
    """An appeal against the review was upheld."""
    return by("reaction:nonconformity/0190-case", "set_aside", review=review, case=case, reason="Not heard")


def resolve(case: str = "0190-case") -> Step:
    """The nonconformity was closed."""
    return by("reaction:nonconformity/0190-case", "resolve", case=case, reason="It was closed")


CERTIFIABLE = ("ISO 27001:2022", "ISO 9001", "ISO 14001:2015")
STAGE2 = a.plan(key="S-1", standards=CERTIFIABLE, team=[a.LEAD], ends_on=Day(0), stage1_waived="Both as one")
AUDITED: Steps = tuple(replace(step, kind="initial") for step in (STAGE2, a.START, a.END, a.conclude()))
"""The stage 2 that lets a certificate be granted."""

AGAIN: Steps = (a.plan("recertification", team=[a.LEAD], ends_on=Day(0)), a.START, a.END, a.conclude())
"""A recertification audit, held today."""

LATER = a.plan("recertification", key="S-1", team=[a.LEAD], ends_on=Day(1))
NEXT: Steps = tuple(replace(step, kind="initial") for step in (LATER, a.START))
"""Another one that goes on."""

APPLY = by("scheme_manager", "apply", **WHAT)
TRANSFER = by(
    "scheme_manager",
    "transfer_in",
    **{**WHAT, "issued_on": Day(-400), "expires_on": Day(695), "from_body": "Other Cert"},
)


def transferred(issued_on: str | Day, expires_on: str | Day) -> Step:
    """A certificate that has held for a while: none is granted from a day that is past."""
    return anew(TRANSFER, issued_on=issued_on, expires_on=expires_on)


def anew(step: Step, **changes: Any) -> Step:
    """The step with another body."""
    return replace(step, body={**step.body, **changes})


GRANT = signs("grant", **HELD)
RENEW = signs("renew", issued_on=Day(0), expires_on=Day(1400))
SUSPEND = signs("suspend")
RESTORE = signs("restore")
REDUCE = signs("reduce", standards=["ISO 9001:2015"], sites=["Graz"], scope="Development of software")
WITHDRAW = signs("withdraw")
RESTORE_EXPIRED = signs("restore", expires_on=Day(900))
CHANGE = by("reaction:client/globex", "change_client", client="acme")

APPLIED: Steps = (APPLY,)
READY: Steps = (*AUDITED, *APPLIED)
ACTIVE: Steps = (*READY, GRANT)
TRANSFERRED: Steps = (TRANSFER,)
SUSPENDED: Steps = (*ACTIVE, SUSPEND)
BY_CASE: Steps = (*ACTIVE, decision("suspend"))
WITHDRAWN: Steps = (*ACTIVE, WITHDRAW)
REFUSED: Steps = (*APPLIED, decision("refuse"))
EXPIRED: Steps = (*ACTIVE, Wait("P1096D"))
EXPIRED_SUSPENDED: Steps = (transferred(Day(-1000), Day(30)), decision("suspend"))
RESTORABLE: Steps = (*EXPIRED, *AGAIN)
TOO_LATE: Steps = (*EXPIRED, Wait("P7M"))

STATES: Mapping[str, Steps] = {
    "applied": APPLIED,
    "active": ACTIVE,
    "suspended": SUSPENDED,
    "withdrawn": WITHDRAWN,
    "expired": EXPIRED,
    "refused": REFUSED,
}
"""The shortest walk to each state."""
