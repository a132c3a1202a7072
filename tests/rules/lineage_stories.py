"""The stories of aggregation: the case, and a second one beside it (`sister`)."""

from collections.abc import Mapping
from typing import Any

from tests.rules import certificates as held
from tests.rules import walks as w
from tests.rules.dispute_stories import ESCALATE, by
from tests.rules.life import Step, Steps

SISTER_ID = "0190-sister"
TWO: Mapping[str, Any] = {"title": "Access is not managed", "statement": "Two processes do not remove access."}


def sister(grade: str = "minor", **changes: Any) -> Step:
    """Another nonconformity."""
    source = {"system": "audit-notes", "external_id": "8"}
    finding = {**w.FINDING, "source": source, "title": "Keys were not returned", "grade": grade, **changes}
    return Step("auditor", "report", {"finding": finding}, "sister")


def aggregate(*others: str) -> Step:
    """An auditor holds both to be one."""
    named = list(others or (SISTER_ID,))
    return by("auditor", "aggregate", others=named, reason="One cause", **TWO)


MINOR: Steps = w.opened("minor")
BESIDE: Steps = (*MINOR, sister())
AGGREGATED: Steps = (*BESIDE, aggregate())
GLOBEX = Step("scheme_manager", "register", {"key": "globex", "name": "Globex"}, "globex")
MANY = [f"Site {number}" for number in range(60)]
ELSEWHERE = [{"standard": "ISO 9001", "edition": "2015", "clause": "8.4"}]
RAISED: Mapping[str, Any] = {
    "finding": {**w.FINDING, "grade": "major"},
    "aggregates": [{"id": SISTER_ID, "number": "NC-2026-0002"}],
    "reason": "One cause",
    "by": "auditor",
}
RAISE = Step("reaction:nonconformity/0190-case", "raise_systemic", RAISED)
SUPERSEDE = Step("reaction:nonconformity/x", "supersede", {"by": "0190-systemic", "number": "NC-2026-0009"})
CHANGE = Step("reaction:client/acme", "change_client", {"client": "globex"})

SUSPENDING: Steps = w.decided("suspend", (*held.ACTIVE, *MINOR, ESCALATE))

ACCEPTED: tuple[tuple[Step, Steps], ...] = ((aggregate(), BESIDE),)

REFUSED: tuple[tuple[Step, Steps, str, Mapping[str, Any]], ...] = (
    (aggregate(), (*w.OPEN, sister()), "not_a_minor", {}),
    (aggregate("0190-case"), MINOR, "aggregated_with_itself", {}),
    (aggregate("0190-nobody"), MINOR, "other_unknown", {}),
    (aggregate(), (GLOBEX, *MINOR, sister(client="globex")), "other_client", {}),
    (aggregate(), (*MINOR, sister("major")), "other_not_an_open_minor", {}),
    (aggregate(), (*MINOR, sister(requirements=ELSEWHERE)), "nothing_in_common", {}),
    (aggregate(), (*w.opened("minor", sites=MANY[:30]), sister(sites=MANY[30:])), "too_much_for_one", {}),
    (aggregate(), (*SUSPENDING, sister()), "certificate_touched", {}),
    (SUPERSEDE, SUSPENDING, "certificate_touched", {}),
    (aggregate(), BESIDE, "no_policy", {"grades": ["minor"]}),
    (
        Step(RAISE.actor, RAISE.command, {**RAISED, "finding": {**w.FINDING, "client": "nobody"}}),
        (),
        "client_unknown",
        {},
    ),
    (RAISE, (), "no_policy", {"grades": ["minor"]}),
    (RAISE, (), "minors_taken", {}),
)
