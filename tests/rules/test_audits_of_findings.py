"""What a finding says of its audit, beside what is registered: another client's is refused, the rest is warned of."""

from typing import Any

import pytest

from tests.rules import audits as a
from tests.rules import certificates as c
from tests.rules import walks as w
from tests.rules.life import Day, Step, World, policy
from workflows.decider import Refusal
from workflows.nonconformity import events as e
from workflows.nonconformity.entry import case_entry

STATED = {"ref": "A-1", "stage": "surveillance", "ended_on": "2026-02-27", "team": ["Auditor", "Auditor3"]}


def report(grade: str | None = "major", **audit: Any) -> Step:
    return Step("auditor", "report", {"finding": {**w.FINDING, "grade": grade, "audit": {**STATED, **audit}}})


def test_the_registered_audit_counts_and_the_case_says_what_was_stated() -> None:
    world = World(policy()).walk((*a.ENDED, report()))
    case = world.case
    assert case.warnings == (
        "The finding says that the audit A-1 is surveillance: it is registered as stage2.",
        "The finding says that the audit A-1 ended on 2026-02-27: it ended on 2026-03-02.",
        "The finding names members of the audit A-1 who are not registered on its team: Auditor3.",
    )
    assert case.finding is not None and case.finding.audit is not None and case.anchors is not None
    assert (case.finding.audit.stage, f"{case.finding.audit.ended_on}") == ("stage2", "2026-03-02")
    assert (case.anchors.stage, f"{case.anchors.audit_end:%Y-%m-%d}") == ("stage2", "2026-03-02")
    assert (case_entry("1", case).stage, case.audit_team) == ("stage2", ("Auditor", "Auditor3", "Dr. Expert"))
    [reported, issued] = [happened.event for happened in world.stream("nonconformity/0190-case").history]
    assert isinstance(reported, e.Reported) and isinstance(issued, e.Issued)
    assert reported.warnings == case.warnings
    # The ledger keeps what the source said.
    assert reported.finding.audit is not None
    assert reported.finding.audit.stage == "surveillance"


def test_what_agrees_is_not_warned_of() -> None:
    agreed = report(stage="stage2", ended_on=Day(0), team=["auditor"])
    assert World(policy()).walk((*a.ENDED, agreed)).case.warnings == ()


def test_a_team_that_is_registered_by_ids_is_known_by_names() -> None:
    planned = a.plan(team=[{"person": "auditor", "role": "lead"}, {"person": "scheme_manager"}])
    report_of = report(stage="stage2", ended_on=None, team=["AUDITOR", "Scheme_Manager", "auditor", "Auditor3"])
    [warning] = World(policy()).walk((planned, report_of)).case.warnings
    assert warning.endswith("not registered on its team: Auditor3.")


def test_before_its_end_the_stated_day_counts() -> None:
    case = World(policy()).walk((*a.PLANNED, report(stage="stage2", team=[]))).case
    assert case.warnings == ()
    assert case.anchors is not None
    assert f"{case.anchors.audit_end:%Y-%m-%d}" == "2026-02-27"


def test_before_its_end_dates_count_from_the_planned_day_and_nothing_says_that_it_ended() -> None:
    case = World(policy()).walk((*a.UNDER_WAY, report(stage="surveillance", ended_on=None, team=[]))).case
    assert case.finding is not None and case.finding.audit is not None and case.anchors is not None
    assert (case.finding.audit.stage, case.finding.audit.ended_on) == ("stage2", None)
    assert f"{case.anchors.audit_end:%Y-%m-%d}" == "2026-03-04"


def test_an_audit_that_is_not_registered_is_what_the_finding_says() -> None:
    case = World(policy()).walk((report(),)).case
    assert case.warnings == ()
    assert case.finding is not None and case.finding.audit is not None
    assert case.finding.audit.stage == "surveillance"


def test_in_triage_the_difference_is_told_already_and_counts_at_issue() -> None:
    world = World(policy(stages=["stage2"])).walk((*a.PLANNED, report(None, team=[])))
    assert [warning[:40] for warning in world.case.warnings] == ["The finding says that the audit A-1 is s"]
    world.walk((Step("auditor", "issue", {"grade": "major"}),))
    assert (world.case.status, len(world.case.warnings)) == ("open", 1)
    with pytest.raises(Refusal, match="No date can be counted"):
        World(policy(stages=["stage2"])).walk((report(None), Step("auditor", "issue", {"grade": "major"})))


def test_another_clients_audit_is_refused() -> None:
    world = World(policy()).walk((w.GLOBEX, a.plan(client="globex")))
    with pytest.raises(Refusal) as refused:
        world.walk((report(),))
    assert (refused.value.code, refused.value.pointer) == ("audit_of_another", "/audit/ref")


def test_who_reports_for_one_client_is_told_nothing_of_the_audits_of_others() -> None:
    step = Step("key_globex", "report", {"finding": {**w.FINDING, "client": "globex", "audit": STATED}})
    beside, alone = World(policy()).walk((w.GLOBEX, *a.PLANNED, step)), World(policy()).walk((w.GLOBEX, step))
    assert beside.case == alone.case
    assert (beside.case.warnings, beside.case.status) == ((), "reported")


@pytest.mark.parametrize("grade", ["minor", None])
def test_certificates_and_sites_that_nobody_registered_are_told(grade: str | None) -> None:
    named = {"certificates": ["C-1", "C-9"], "sites": ["Vienna", "Moon"]}
    step = Step("auditor", "report", {"finding": {**w.FINDING, **named, "grade": grade}})
    sites = Step("scheme_manager", "revise", {"sites": ["Vienna", "Graz"]}, "client")
    certificates = "The finding names certificates that are not registered of the client acme: "
    world = World(policy()).walk((sites, c.TRANSFER, step))
    assert world.case.warnings == (
        "The finding names sites that are not registered of the client acme: Moon.",
        f"{certificates}C-9.",
    )
    assert World(policy()).walk((step,)).case.warnings == (f"{certificates}C-1, C-9.",)
