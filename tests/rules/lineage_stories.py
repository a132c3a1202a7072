"""The stories of aggregation: the case, and a second one beside it (`sister`)."""

from collections.abc import Mapping
from typing import Any

from tests.rules import certificates as held
from tests.rules import walks as w
from tests.rules.dispute_stories import ESCALATE, by
from tests.rules.life import Day, Step, Steps

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
LAPSE = Step(
    "reaction:nonconformity/0190-systemic",
    "lapse_aggregation",
    {"by": "0190-systemic", "code": "minors_taken", "detail": "Fewer than two of its minors are left"},
)
SISTER_CLOSED: Steps = (
    sister(),
    *(
        Step(one.actor, one.command, one.body, "sister")
        for one in (*w.MINOR[1:], w.VERIFY, w.CLOSE)
        if isinstance(one, Step)
    ),
)
RAISE = Step("reaction:nonconformity/0190-case", "raise_systemic", RAISED)
SUPERSEDE = Step("reaction:nonconformity/x", "supersede", {"by": "0190-systemic", "number": "NC-2026-0009"})
CHANGE = Step("reaction:client/acme", "change_client", {"client": "globex"})

SUSPENDING: Steps = w.decided("suspend", (*held.ACTIVE, *MINOR, ESCALATE))


def again(named: str = SISTER_ID) -> Step:
    """What is said to be a recurrence."""
    return Step("auditor", "report", {"finding": {**w.FINDING, "grade": "minor", "recurrence_of": named}})


def moved(due_on: int, issued_on: int = -10) -> Step:
    """A case of another body, issued so many days from today, with a plan that was due so many days from today."""
    deadlines = [{"kind": "evidence", "due_at": Day(30)}, {"kind": "plan", "due_at": Day(due_on)}]
    history = {"grade": "minor", "issued_on": Day(issued_on), "deadlines": deadlines}
    return Step("auditor", "report", {"finding": {**w.FINDING, "history": history}})


ACCEPTED: tuple[tuple[Step, Steps], ...] = (
    (aggregate(), BESIDE),
    (again(), SISTER_CLOSED),
    (moved(20, issued_on=0), ()),
)

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
    (again("0190-nobody"), SISTER_CLOSED, "ancestor_unknown", {}),
    (again("NC-2020-0001"), SISTER_CLOSED, "ancestor_unknown", {}),
    (again(), (GLOBEX, sister(client="globex")), "ancestor_of_another_client", {}),
    (again(), (sister(),), "ancestor_not_closed", {}),
    (moved(5, issued_on=1), (), "history_in_future", {}),
    (moved(-11), (), "history_out_of_order", {}),
)
