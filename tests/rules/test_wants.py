"""What deciders ask for before they decide, while what they have a workflow, and what the clock makes of it."""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest

from tests.rules import audits as a
from tests.rules import walks as w
from tests.rules.audit_world import state
from tests.rules.life import START, World, policy
from workflows.audit import clocks
from workflows.audit.audit import Audit
from workflows.audit.rules import Audits
from workflows.certificate.certificate import Certificate
from workflows.certificate.rules import Certificates
from workflows.decider import Command, Wants
from workflows.entries import CaseQuery
from workflows.nonconformity.case import Case
from workflows.nonconformity.parts import Appeal
from workflows.nonconformity.rules import Nonconformity
from workflows.people import Actor

NOW = datetime(2026, 5, 1, tzinfo=UTC)
SERIES = "NC-2026"
FINDING: dict[str, Any] = {**w.FINDING, "audit": {"ref": "A-1", "stage": "stage2"}, "certificates": ["C-1"]}

Kind = Literal["person", "key", "reaction", "clock", "source"]


def asking(name: str, kind: Kind = "person", **body: Any) -> Command:
    return Command(id="1", name=name, body=body, actor=Actor(id="a", kind=kind))


def case(status: Any = "open", **changes: Any) -> Case:
    reported = World(policy()).walk(w.report(**{k: FINDING[k] for k in ("audit", "certificates")})).case
    return reported.model_copy(update={"status": status, "stream": "nonconformity/n1", **changes})


def wants(of: Case, command: Command) -> Wants:
    return Nonconformity().wants(of, command, NOW)


def issuing(cases: CaseQuery | None = None) -> Wants:
    return Wants(client="acme", series=SERIES, audit="A-1", audits=True, certificates=True, cases=cases)


def test_a_report_asks_for_its_client_its_audit_and_the_certificates_it_names() -> None:
    assert wants(Case(), asking("report", finding=FINDING)) == Wants(client="acme", audit="A-1", certificates=True)
    plain = {**w.FINDING, "recurrence_of": "NC-2025-0001"}
    assert wants(Case(), asking("report", finding=plain)) == Wants(
        client="acme", cases=CaseQuery(numbers=("NC-2025-0001",))
    )
    assert wants(case(), asking("report", finding=FINDING)) == Wants(client="acme")


def test_completing_asks_for_what_the_finding_names_of_audits_and_certificates() -> None:
    assert wants(case("reported"), asking("complete")) == Wants(client="acme", audit="A-1", certificates=True)
    assert wants(case(), asking("complete")) == Wants(client="acme")


def test_issuing_asks_for_a_number_and_all_that_dates_count_from() -> None:
    assert wants(case("reported"), asking("issue")) == issuing()
    assert wants(Case(), asking("issue")) == Wants(series=SERIES, audits=True, certificates=True)


def test_a_systemic_major_asks_for_its_minors_and_their_client_by_reaction_alone() -> None:
    body = {"finding": FINDING, "aggregates": [{"id": "n1", "number": None}, {"id": "n2", "number": "NC-2026-0002"}]}
    raising = asking("raise_systemic", "reaction", **body, reason="One cause", by="auditor")
    assert wants(Case(), raising) == issuing(CaseQuery(ids=("n1", "n2"), holder="acme"))
    assert wants(case(), raising) == Wants(client="acme")
    assert wants(Case(), asking("raise_systemic", "person", **body, reason="One cause", by="auditor")) == Wants()


def test_an_aggregation_asks_for_itself_and_the_others() -> None:
    joining = asking("aggregate", others=["n2", "n3"], title="All", statement="All", reason="One cause")
    assert wants(case(), joining) == Wants(client="acme", cases=CaseQuery(ids=("n1", "n2", "n3"), holder="acme"))


@pytest.mark.parametrize("kind", ["source", "reaction"])
def test_a_revised_finding_asks_as_a_report_does(kind: Kind) -> None:
    assert wants(case(), asking("revise_finding", kind, finding=FINDING)) == Wants(
        client="acme", audit="A-1", certificates=True
    )
    assert wants(case(), asking("revise_finding", kind, finding=dict(w.FINDING))) == Wants(client="acme")
    assert wants(case("closed"), asking("revise_finding", kind, finding=FINDING)) == Wants(client="acme")


@pytest.mark.parametrize(
    ("name", "audits", "certificates"),
    [("defer_verification", True, False), ("apply_decision", False, True), ("comment", False, False)],
)
def test_other_commands_ask_for_their_client_and_what_they_turn_on(name: str, audits: bool, certificates: bool) -> None:
    assert wants(case(), asking(name)) == Wants(client="acme", audits=audits, certificates=certificates)


@pytest.mark.parametrize(
    ("status", "appeal", "lives"),
    [
        ("open", None, True),
        ("verified", None, True),
        ("closed", None, False),
        ("closed", "open", True),
        ("closed", "upheld", False),
        ("withdrawn", "left", False),
    ],
)
def test_a_case_has_a_workflow_while_clocks_or_an_appeal_run(status: Any, appeal: Any, lives: bool) -> None:
    made = appeal and Appeal(review="r", reason="So", by="owner", at=START, deciders=(), state=appeal)
    assert Nonconformity().lives(case(status, appeal=made)) is lives


def test_an_audit_asks_for_what_its_plan_names() -> None:
    def asked(**body: Any) -> Wants:
        return Audits().wants(Audit(), asking("plan", client="acme", **body), NOW)

    assert asked() == Wants(client="acme")
    assert asked(certificates=["C-1"]) == Wants(client="acme", certificates=True)
    assert asked(team=[a.LEAD]) == Wants(client="acme", people=True)
    assert Audits().wants(Audit(), asking("plan", client=7), NOW) == Wants()


@pytest.mark.parametrize("named", [{}, {"sites": ["Linz"]}, {"certificates": ["C-1"]}, {"team": [a.LEAD]}])
def test_a_revised_audit_asks_for_its_client_where_it_names_what_is_the_clients(named: dict[str, Any]) -> None:
    planned = state(World(policy()).walk((a.plan(),)))
    deferred = CaseQuery(client="acme", living=True, deferred=True)
    expected = Wants(client="acme", certificates=True, people=True, cases=deferred) if named else Wants(cases=deferred)
    assert Audits().wants(planned, asking("revise", **named), NOW) == expected
    assert Audits().wants(planned, asking("start", **named), NOW) == Wants(cases=deferred)


@pytest.mark.parametrize(
    ("status", "open_window", "lives"),
    [
        ("planned", False, True),
        ("under_way", False, True),
        ("ended", True, True),
        ("concluded", True, True),
        ("concluded", False, False),
        ("lapsed", True, False),
        ("cancelled", False, False),
    ],
)
def test_an_audit_has_a_workflow_until_it_is_over_and_no_window_is_open(
    status: Any, open_window: bool, lives: bool
) -> None:
    window = clocks.Clock(kind="repair", due_at=START, state="running" if open_window else "met")
    assert Audits().lives(Audit(status=status, clocks=(window,))) is lives


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        ("stage2", "No recommendation came within P6M of the last day: stage 2 has to be repeated."),
        ("recertification", "No recommendation came within P6M of the last day: the audit has to be repeated."),
    ],
)
def test_the_first_window_that_closed_ends_an_audit_and_says_why(stage: str, said: str) -> None:
    ended = state(World(policy()).walk((a.plan(stage), a.START, a.END)))
    [conclude] = ended.clocks
    late = conclude.due_at + timedelta(days=30)
    repair = clocks.Clock(kind="repair", due_at=conclude.due_at + timedelta(days=1))
    both = ended.model_copy(update={"clocks": (repair, conclude)})
    [lapsed] = Audits().on_wakeup(both, late)
    assert lapsed.model_dump()["because"] == said and lapsed.model_dump()["clock"] == "conclude"
    first = ended.model_copy(update={"clocks": (conclude, repair.model_copy(update={"due_at": START}))})
    [lapsed] = Audits().on_wakeup(first, late)
    assert lapsed.model_dump()["because"] == (
        "The areas of concern were not repaired in time: stage 1 has to be audited again."
    )
    assert Audits().on_wakeup(both, conclude.due_at) == ()


@pytest.mark.parametrize(
    ("status", "name", "looks"),
    [
        ("applied", "grant", True),
        ("active", "renew", True),
        ("expired", "restore", True),
        ("suspended", "restore", True),
        ("suspended", "withdraw", False),
        ("withdrawn", "apply", False),
    ],
)
def test_a_certificate_is_decided_on_with_what_is_open_in_sight(status: Any, name: str, looks: bool) -> None:
    held = Certificate(status=status, client="acme")
    unsettled = CaseQuery(client="acme", unsettled=True) if looks else None
    assert Certificates().wants(held, asking(name), NOW) == Wants(client="acme", audits=True, cases=unsettled)


def test_a_transfer_looks_at_the_cases_of_the_client_that_it_names() -> None:
    def asked(**body: Any) -> Wants:
        return Certificates().wants(Certificate(), asking("transfer_in", client="acme", **body), NOW)

    assert asked() == Wants(client="acme")
    assert asked(cases=["NC-2026-0001"]) == Wants(client="acme", cases=CaseQuery(client="acme", unsettled=True))
    assert Certificates().wants(Certificate(), asking("restore"), NOW) == Wants()
