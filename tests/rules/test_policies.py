"""Policies as files and as they are kept: what cannot be used is named by line and field, what is kept stays."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from services.cli import app
from services.entry import MENDABLE
from tests.rules import walks as w
from tests.rules.life import CASE, SIGN, Step, World, policy
from workflows import calendars
from workflows.decider import Refusal
from workflows.policy import Case, Policy
from workflows.policy_book import PACKAGED, PolicyBook, PolicyError, read, snapshot
from workflows.policy_doubts import doubts
from workflows.toml_lines import line_of

DOCS = Path(__file__).parents[2] / "docs"
HEAD = 'name = "own"\nversion = "1"\n'
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
UNCOUNTABLE = """days = "working"
[minor]
plan = { within = "P1M" }
[major]
closure = { within = "P3D", on_breach = "upgrade" }
[review]
within = "PT3H"
anchor = "issue"
on_breach = "upgrade"
"""


def told(tmp_path: Path, text: str | bytes) -> list[str]:
    file = tmp_path / "own.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(PolicyError) as refused:
        read(file)
    return str(refused.value).splitlines()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", ["1: name: This field is required.", "1: version: This field is required."]),
        (HEAD + "\n# so\n[major\n", ["5:7: not readable as TOML: Expected ']' at the end of a table declaration"]),
        (HEAD + 'title = """\nso\n', ["4:3: not readable as TOML: Unterminated string"]),
        (HEAD.encode() + b'title = "\xff"', ["3:10: not readable as TOML: it is not UTF-8"]),
        (HEAD + 'colour = "red"', ["3: colour: There is no such field."]),
        (
            HEAD + "[major]\nplan = { after = 1 }",
            ["4: major.plan.within: This field is required.", "4: major.plan.after: There is no such field."],
        ),
        (
            HEAD + '[labels.critical.plan]\nwithin = "14 days"',
            [
                "3: labels.critical.grade: This field is required.",
                "4: labels.critical.plan.within: '14 days' is not an ISO 8601 duration such as P14D, P6M or PT2S",
            ],
        ),
        (
            HEAD + 'reminders = [\n  "-P1D",\n  "P1",\n]\nanchor = "noon"',
            [
                "3: reminders.1: 'P1' is not an ISO 8601 duration such as P14D, P6M or PT2S",
                "7: anchor: One of these is expected here: issue, receipt, audit_end or detection.",
            ],
        ),
        (
            HEAD + '[[limits]]\nanchor = "issue"\nwithin = "P1D"\n\n[[limits]]\nwithin = "P1D"',
            ["7: limits.1.anchor: This field is required."],
        ),
        (
            HEAD + 'resubmission = "-P1D"',
            ["3: resubmission: -P1D leads back: only reminders and hard limits may"],
        ),
        (
            HEAD + UNCOUNTABLE,
            [
                "5: minor.plan.within: Working days are counted in days, such as P10D.",
                "7: major.closure.on_breach: Only a minor becomes a major.",
                "9: review.within: Working days are counted in days, such as P10D.",
                "10: review.anchor: A review is counted from the submission.",
                "11: review.on_breach: A late review does not make a minor a major.",
            ],
        ),
        (HEAD + '[calendar]\ncountry = "XX"', ["4: calendar.country: No holidays are known of XX."]),
        (
            HEAD + 'calendar = { country = "DE", subdivision = "XX" }',
            ["3: calendar.subdivision: No holidays are known of DE-XX."],
        ),
        (
            HEAD + 'calendar = { subdivision = "BY" }',
            ["3: calendar.subdivision: A part of a country is named with its country."],
        ),
        (HEAD + '[labels.""]\ngrade = "major"', ['3: labels."": This text is empty.']),
        (HEAD + 'version = "2"', ["3:14: not readable as TOML: this key has a value already"]),
        (HEAD + "[major.plan]\n[major.plan]", ["4:12: not readable as TOML: Cannot declare major.plan twice"]),
        (HEAD + "[calendar]\nweekend = [0,1,2,3,4,5,6]", ["4: calendar.weekend: a week needs a working day"]),
        (
            HEAD + '[calendar]\ncountry = "XX"\nweekend = [9]',
            [
                "4: calendar.country: No holidays are known of XX.",
                "5: calendar.weekend: days of the week are numbered from 0, Monday, to 6, Sunday",
            ],
        ),
        (HEAD + "reviewers = []", ["3: reviewers: Somebody reviews."]),
        (
            HEAD + 'reviewers = ["auditor", "committee_member", "observer"]',
            [
                "3: reviewers.1: Nobody reviews as committee_member: one of auditor, reviewer, scheme_manager does.",
                "3: reviewers.2: Nobody reviews as observer: one of auditor, reviewer, scheme_manager does.",
            ],
        ),
        (
            HEAD + '[labels.Critical]\ngrade = "major"\n[labels.critical]\ngrade = "minor"',
            ["5: labels.critical: Nobody could tell it from Critical: they differ in capitals only."],
        ),
        (
            HEAD + '[labels."  "]\ngrade = "major"\n[labels."a\\u0000b"]\ngrade = "major"',
            [
                '3: labels."  ": A label is a word, without space around it and without control characters.',
                '5: labels."a\\u0000b": A label is a word, without space around it and without control characters.',
            ],
        ),
        (
            HEAD + '[labels.Minor]\ngrade = "major"\n[labels.major]\ngrade = "major"',
            ["3: labels.Minor: This is the name of another grade than major, which it stands for."],
        ),
    ],
)
def test_what_cannot_be_used_is_named_by_line_and_field(tmp_path: Path, text: str | bytes, says: list[str]) -> None:
    assert told(tmp_path, text) == [f"own.toml:{line}" for line in says]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["", "# so", 'note = """\n\n[major]\n"""', "list = [\n1,\n2]"]), max_size=6, unique=True)
)
def test_a_line_is_found_whatever_stands_before_it(before: list[str]) -> None:
    text = "\n".join([*before, "[major]", 'plan = { within = "P1D" }', "[[limits]]", "a = 1", "[[limits]]", "a = 2"])
    lines = text.split("\n")
    assert lines[line_of(text, ("major", "plan", "within")) - 1].startswith("plan")
    assert line_of(text, ("limits", 1, "a")) == len(lines)
    assert line_of(text, ("limits", 0)) == len(lines) - 3
    assert lines[line_of(text, ("major", "evidence")) - 1] == "[major]"
    assert line_of(text, ("nowhere",)) == 1


def test_the_command_names_every_fault_and_warns_of_what_contradicts(tmp_path: Path) -> None:
    (tmp_path / "doubtful.toml").write_text(
        HEAD + '[major]\nplan = { within = "P100D" }\nclosure = { within = "P90D" }\n'
        '[[limits]]\nanchor = "issue"\nwithin = "P60D"\n'
    )
    found = CliRunner().invoke(app, ["policy", "check", str(tmp_path)])
    assert (found.exit_code, found.output.splitlines()) == (
        0,
        [
            "warning: doubtful.toml:4: major.plan: It comes due after the close-out (P90D).",
            "warning: doubtful.toml:6: limits.0: It comes before the close-out that it limits (major).",
            "warning: doubtful.toml:1: name: It has no date for a minor: nothing would come due.",
            "doubtful.toml: own 1 can be used",
        ],
    )
    (tmp_path / "wrong.toml").write_text(HEAD + "days = 3")
    found = CliRunner().invoke(app, ["policy", "check", str(tmp_path)])
    assert isinstance(found.exception, PolicyError)
    assert str(found.exception).startswith("wrong.toml:3: days: ")
    run = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "services.cli", "policy", "check", str(tmp_path)], capture_output=True, check=False
    )
    assert run.returncode == MENDABLE
    assert "exit code is 2" in " ".join((DOCS / "policies.md").read_text("utf-8").split())
    assert "own 1 can be used" in found.output


@pytest.mark.parametrize(
    ("scope", "other", "alike"),
    [
        ("", "", True),
        ('schemes = ["ISO 27001"]', 'schemes = ["ISO/IEC 27001:2022"]', True),
        ('stages = ["stage1", "stage2"]\neffective_from = 2027-01-01', 'stages = ["stage2", "stage1"]', True),
        ('stages = ["stage1"]', 'stages = ["stage2"]', False),
        ('grades = ["minor"]', "", False),
        ('tenants = ["cb"]', "", False),
    ],
)
def test_two_files_of_one_version_for_the_same_cases_are_refused(
    tmp_path: Path, scope: str, other: str, alike: bool
) -> None:
    (tmp_path / "first.toml").write_text(HEAD + scope)
    (tmp_path / "second.toml").write_text(HEAD + other)
    (tmp_path / "third.toml").write_text('name = "own"\nversion = "2"\n' + scope)
    checked = CliRunner().invoke(app, ["policy", "check", str(tmp_path)])
    usable = [line.partition(":")[0] for line in checked.output.splitlines() if line.endswith("can be used")]
    if not alike:
        assert (checked.exit_code, usable) == (0, ["first.toml", "second.toml", "third.toml"])
        assert len([one for one in PolicyBook.load(tmp_path).policies if one.name == "own"]) == 3
        return
    says = "first.toml and second.toml are both own 1, for the same cases: give one another version, or take it away"
    assert (checked.exit_code, str(checked.exception), usable) == (1, says, ["third.toml"])
    with pytest.raises(PolicyError, match=r"^first\.toml and second\.toml are both own 1"):
        PolicyBook.load(tmp_path)


@pytest.mark.parametrize("file", sorted(PACKAGED.glob("*.toml")), ids=lambda file: file.stem)
def test_no_packaged_policy_is_in_doubt(file: Path) -> None:
    assert list(doubts(read(file))) == []


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        ({"minor": {"plan": {"within": "P40D"}, "evidence": {"within": "P30D"}}}, [("minor", "plan")]),
        ({"minor": {"plan": {"within": "P40D"}, "evidence": {"within": "P30D", "anchor": "receipt"}}}, []),
        (
            {"minor": {"plan": {"within": "P5D", "days": "working"}, "closure": {"within": "P6D"}}},
            [("minor", "plan")] * 2,
        ),
        ({"minor": {"plan": {"within": "P1M"}, "closure": {"within": "P31D"}}}, []),
        (
            {"review": {"within": "P61D"}, "minor": {"closure": {"within": "P90D"}}},
            [("major", "closure"), ("major", "plan"), ("minor", "closure")],
        ),
        (
            {"labels": {"4": {"grade": "minor", "correction": {"within": "P9D"}, "plan": {"within": "P8D"}}}},
            [("labels", "4", "correction")],
        ),
        ({"minor": {}}, [("name",)]),
        ({"minor": {}, "grades": ["major"]}, []),
        ({"minor": {}, "labels": {"4": {"grade": "minor", "plan": {"within": "P8D"}}}}, []),
        ({"grades": ["minor"]}, [("major",)]),
    ],
)
def test_what_contradicts_itself_is_in_doubt(changes: dict[str, Any], places: list[tuple[str, ...]]) -> None:
    assert [place for place, _ in doubts(policy(**changes))] == places


def test_the_most_specific_policy_is_chosen_then_the_newest() -> None:
    base = {"version": "1", "effective_from": date(2026, 1, 1)}
    scopes: list[dict[str, Any]] = [
        {"name": "all"},
        {"name": "all", "version": "2", "effective_from": date(2026, 6, 1)},
        {"name": "minors", "grades": ["minor"]},
        {"name": "surveillance", "stages": ["surveillance"]},
        {"name": "food", "schemes": ["FSSC 22000"]},
        {"name": "ours", "tenants": ["ours"]},
        {"name": "ours-food", "tenants": ["ours"], "schemes": ["FSSC 22000"]},
    ]
    book = PolicyBook([Policy.model_validate(base | scope) for scope in scopes])

    def name(tenant: str, scheme: str, stage: Any, grade: Any, at: datetime = NOW) -> str:
        found = book.choose(Case(tenant, [scheme], stage, grade), at.date())
        return f"{found.name} {found.version}"

    assert name("theirs", "ISO 9001", "stage2", "major") == "all 1"
    assert name("theirs", "ISO 9001", "stage2", "major", NOW + timedelta(days=100)) == "all 2"
    assert name("theirs", "ISO 9001", None, "minor") == "minors 1"
    assert name("theirs", "ISO 9001", "surveillance", "minor") == "surveillance 1"
    assert name("theirs", "fssc 22000", "surveillance", "minor") == "food 1"
    assert name("ours", "ISO 9001", "surveillance", "minor") == "ours 1"
    assert name("ours", "FSSC 22000", "stage2", "major") == "ours-food 1"
    with pytest.raises(PolicyError, match="no policy is in force on 2025-12-31 for ISO 9001, stage stage2, major"):
        name("ours", "ISO 9001", "stage2", "major", datetime(2025, 12, 31, tzinfo=UTC))


@pytest.mark.parametrize("written", ["ISO 27001", "iso/iec 27001", "ISO/IEC 27001:2022", "27001"])
def test_a_scheme_is_the_standard_that_its_name_means(written: str) -> None:
    base = {"version": "1", "effective_from": date(2026, 1, 1)}
    scopes: list[dict[str, Any]] = [{"name": "all"}, {"name": "security", "schemes": [written]}]
    book = PolicyBook([Policy.model_validate(base | scope) for scope in scopes])
    for said in ("ISO/IEC 27001", "ISO 27001:2013"):
        assert book.choose(Case("ours", [said], None, "major"), NOW.date()).name == "security"
    assert book.choose(Case("ours", ["ISO 9001"], None, "major"), NOW.date()).name == "all"


@pytest.mark.parametrize(
    ("schemes", "places"),
    [
        (["ISO 27001", "SOC2", "IEC 62443-2", "fedramp", "BRC"], []),
        (["ISO 27001", "ISSO 27001", "Our own"], [("schemes", 1), ("schemes", 2)]),
    ],
)
def test_a_scheme_that_nobody_knows_is_in_doubt(schemes: list[str], places: list[tuple[str, int]]) -> None:
    assert [place for place, _ in doubts(policy(schemes=schemes))] == places


def test_an_appeal_has_no_anchor_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('name = "mine"\nversion = "1"\n[dispute]\nanchor = "receipt"\n[appeal]\nanchor = "detection"\n')
    with pytest.raises(PolicyError, match=r"mine\.toml:6: appeal\.anchor: "):
        read(file)


@pytest.mark.parametrize(("zone", "version"), [("Pacific/Auckland", "new"), ("UTC", "2026-01")])
def test_a_policy_is_in_force_from_its_day_at_the_client(zone: str, version: str) -> None:
    # At nine in the evening of the 2nd in UTC it is the 3rd in Auckland.
    world = World(policy(), zone=zone, now=datetime(2026, 3, 2, 21, tzinfo=UTC))
    new = policy(version="new", effective_from="2026-03-03")
    world.policies = PolicyBook([*world.policies.policies, new])
    world.walk(w.OPEN)
    assert world.case.policy is not None
    assert world.case.policy.version == version
    with pytest.raises(Refusal, match=f"under default {version} already"):
        world.walk((applied("default"),))


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        ({"schemes": ["ISO 14001"]}, "policy_does_not_cover"),
        ({"schemes": ["ISO 27001"]}, None),
        ({"stages": ["internal"]}, "policy_does_not_cover"),
        ({"grades": ["minor"]}, "policy_does_not_cover"),
        ({"tenants": ["others"]}, "policy_unknown"),
        ({"tenants": ["cb"]}, None),
    ],
)
def test_only_a_policy_that_is_for_the_case_is_applied(scope: dict[str, Any], code: str | None) -> None:
    world = World(policy()).walk(w.OPEN)
    world.policies = PolicyBook([*world.policies.policies, policy(name="another", **scope)])
    if code is None:
        assert world.walk((applied("another"),)).types()[-1] == "policy_applied"
        return
    with pytest.raises(Refusal) as refused:
        world.walk((applied("another"),))
    assert refused.value.code == code


def test_a_regrade_under_a_policy_of_other_standards_chooses_anew() -> None:
    world = World(policy()).walk(w.OPEN)
    stream = world.stream(CASE)
    stream.state = world.case.model_copy(update={"policy": policy(name="stranger", schemes=["ISO 14001"])})
    world.walk((Step("reviewer", "regrade", {"grade": "minor", "reason": "One only"}),))
    assert world.case.policy is not None
    assert world.case.policy.name == "default"


def applied(name: str) -> Step:
    return Step("scheme_manager", "apply_policy", {"policy": name, "signature": SIGN})


def test_a_folder_replaces_packaged_policies_by_name_and_needs_one_for_all(tmp_path: Path) -> None:
    (tmp_path / "default.toml").write_text('name = "default"\nversion = "own"\n')
    book = PolicyBook.load(tmp_path)
    assert [p.version for p in book.policies if p.name == "default"] == ["own"]
    assert "internal" in {p.name for p in book.policies}
    (tmp_path / "default.toml").write_text('name = "default"\nversion = "own"\ngrades = ["major"]\n')
    with pytest.raises(PolicyError, match="no policy applies to every tenant, scheme, stage and grade"):
        PolicyBook.load(tmp_path)


def test_changing_a_policy_file_changes_no_open_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "default.toml"
    text = (PACKAGED / "default.toml").read_text().replace("[major]", 'calendar = { country = "AT" }\n\n[major]', 1)
    file.write_text(text)
    world = World(read(file)).walk(w.OPEN)
    before = world.case
    file.write_text(text.replace("P14D", "P1D").replace('"AT"', '"US"').replace("2026-01", "2027-01"))
    world.policies = PolicyBook([read(file)])
    monkeypatch.setattr(calendars, "_holidays", lambda *_: pytest.fail("a case asks for its holidays again"))
    world.walk((*w.PLANNED[1:], w.SUBMIT, w.RETURN, w.SUBMIT, w.ACCEPT))
    assert world.case.policy == before.policy
    kept = world.case.policy
    assert kept is not None
    assert (kept.version, kept.calendar.country, kept.calendar.since) == ("2026-01", "AT", date(2025, 1, 1))
    dates = {d.kind: d.first_due_at for d in before.deadlines}
    assert {d.kind: d.first_due_at for d in world.case.deadlines if d.kind != "review"} == dates


def test_a_snapshot_is_the_clients_own_calendar_and_else_the_policy_itself() -> None:
    plain = read(PACKAGED / "default.toml")
    assert snapshot(plain, "AT", None, NOW) is plain
    own = policy(calendar={"country": "client"})
    assert snapshot(own, "DE", "BY", NOW).calendar.subdivision == "BY"
    assert snapshot(own, None, None, NOW).calendar == calendars.Calendar()
    with pytest.raises(PolicyError, match="no calendar of holidays is known of ZZ"):
        snapshot(own, "ZZ", None, NOW)
