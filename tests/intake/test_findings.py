from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows import findings
from workflows.canonical import escape
from workflows.findings import Finding, Requirement, Unfit

PLAIN: dict[str, Any] = {
    "source": {"system": "audit-notes", "external_id": "7"},
    "client": "acme",
    "title": "Access rights were not reviewed",
}


def read(**fields: Any) -> Finding:
    return findings.read({**PLAIN, **fields})[0]


def problems(data: object) -> list[tuple[str, str]]:
    with pytest.raises(Unfit) as refused:
        findings.read(data)
    return [(problem.code, problem.pointer) for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("line", "standard", "edition", "clause"),
    [
        ("ISO 27001:2022 A.8.3", "ISO/IEC 27001", "2022", "A.8.3"),
        ("ISO/IEC 27001:2022 6.1.2", "ISO/IEC 27001", "2022", "6.1.2"),
        ("27001:2022 Annex A 5.18", "ISO/IEC 27001", "2022", "A.5.18"),
        ("ISO27001-2022 A5.01", "ISO/IEC 27001", "2022", "A.5.1"),
        ("iso9001 clause 8.4", "ISO 9001", None, "8.4"),
        ("ISO 9001:2015, 7.5.3 a)", "ISO 9001", "2015", "7.5.3 a)"),
        ("SOC2 cc_a_1_1", "SOC 2", None, "A1.1"),
        ("SOC 2 CC6.1", "SOC 2", None, "CC6.1"),
        ("NIST.800-53.r5 AC-2", "NIST.800-53.r5", None, "AC-2"),
    ],
)
def test_a_requirement_is_read_from_one_line(line: str, standard: str, edition: str | None, clause: str) -> None:
    assert read(requirements=line).requirements == (Requirement(standard=standard, edition=edition, clause=clause),)


@pytest.mark.parametrize("name", ["ISO/IEC 27001", "iso27001", "27001", "ISO-27001", "ISO IEC 27001", " iso 27001 "])
def test_a_standard_has_one_name(name: str) -> None:
    [requirement] = read(requirements=[{"standard": name, "edition": 2022, "clause": "A.5.18"}]).requirements
    assert (requirement.standard, requirement.edition) == ("ISO/IEC 27001", "2022")


def test_a_standard_that_we_do_not_know_stays_as_it_is() -> None:
    [requirement] = read(requirements=[{"standard": "Acme rules  v2", "clause": "Clause 3"}]).requirements
    assert (requirement.standard, requirement.edition, requirement.clause) == ("Acme rules v2", None, "3")


def test_two_editions_at_once_are_refused() -> None:
    stated = {"standard": "ISO/IEC 27001:2022", "edition": "2013", "clause": "A.5.18"}
    assert problems({**PLAIN, "requirements": [stated]}) == [("invalid", "/requirements/0")]


def test_a_clause_as_a_number_is_refused_since_5_10_would_have_become_5_1() -> None:
    stated = {"standard": "ISO 9001", "clause": 5.1}
    assert problems({**PLAIN, "requirements": [stated]}) == [("invalid", "/requirements/0/clause")]


@pytest.mark.parametrize(
    ("stated", "at", "flag"),
    [
        ("2026-03-12T10:40:00+01:00", datetime(2026, 3, 12, 9, 40, tzinfo=UTC), None),
        ("2026-03-12T10:40:00Z", datetime(2026, 3, 12, 10, 40, tzinfo=UTC), None),
        ("2026-03-12T10:40:00", datetime(2026, 3, 12, 10, 40, tzinfo=UTC), "zone_assumed"),
        ("2026-03-12", datetime(2026, 3, 12, tzinfo=UTC), "date_only"),
        ("20260312", datetime(2026, 3, 12, tzinfo=UTC), "date_only"),
        ("2026-W10-1", datetime(2026, 3, 2, tzinfo=UTC), "date_only"),
        ("2026W101", datetime(2026, 3, 2, tzinfo=UTC), "date_only"),
        ("20260312T1040", datetime(2026, 3, 12, 10, 40, tzinfo=UTC), "zone_assumed"),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC), "leap_second"),
        ("2017-01-01T05:29:60.5+05:30", datetime(2017, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC), "leap_second"),
    ],
)
def test_times_come_out_in_utc_and_say_what_was_assumed(stated: str, at: datetime, flag: str | None) -> None:
    finding, flags = findings.read({**PLAIN, "detected_at": stated})
    assert finding.detected_at == at
    assert finding.detected_at.tzinfo is UTC
    assert [(found.code, found.pointer) for found in flags] == ([(flag, "/detected_at")] if flag else [])


@pytest.mark.parametrize(
    "stated",
    [
        "yesterday",
        "2026-02-30",
        1_760_000_000,
        "0001-01-01T00:00:00+14:00",
        "9999-12-31",
        "9999-12-31T23:59:60Z",
        "2016-12-31T23:59:60",
        "2016-12-31T23:58:60Z",
        "2016-12-30T23:59:60Z",
        "2016-12-31T23:59:60+01:00",
        "yester:day:60Z",
    ],
)
def test_times_that_nobody_can_tell_are_refused(stated: object) -> None:
    assert problems({**PLAIN, "detected_at": stated}) == [("invalid", "/detected_at")]


def test_null_and_blank_count_as_absent_and_space_around_text_is_cut() -> None:
    finding = read(title="  Title ", statement=None, department=" ", sites=None, requirements=None, grade="Major")
    assert (finding.title, finding.statement, finding.department, finding.sites) == ("Title", "", None, ())
    assert finding.grade == "major"


def test_an_unknown_field_is_named_and_so_is_every_other_problem() -> None:
    faulty = {
        "source": {"external_id": "7", "sistem": "x"},
        "titel": "x",
        "a/b": 1,
        "audit": {"ref": "1", "stage": "third"},
    }
    assert problems(faulty) == [
        ("missing", "/source/system"),
        ("unknown_field", "/source/sistem"),
        ("missing", "/client"),
        ("missing", "/title"),
        ("invalid", "/audit/stage"),
        ("unknown_field", "/titel"),
        ("unknown_field", "/a~1b"),
    ]


@pytest.mark.parametrize("data", [None, [], "x", 1, 1.5, True])
def test_only_an_object_is_a_finding(data: object) -> None:
    assert problems(data) == [("not_an_object", "")]


def test_system_and_client_of_the_request_fill_what_the_document_leaves_open() -> None:
    finding, _ = findings.read({"source": {"external_id": "7"}, "title": "T"}, system="prowler", client="acme")
    assert (finding.source.system, finding.client) == ("prowler", "acme")
    assert findings.read(PLAIN, system="prowler", client="other")[0].source.system == "audit-notes"


def test_an_external_id_fits_an_index_entry() -> None:
    assert problems({**PLAIN, "source": {"system": "s", "external_id": "ü" * 1001}}) == [
        ("invalid", "/source/external_id")
    ]


@pytest.mark.parametrize(
    ("severity", "level", "grade"),
    [
        ("CRITICAL", "critical", "major"),
        ("High", "high", "major"),
        ("moderate", "medium", "minor"),
        ("9.8", "critical", "major"),
        (4.0, "medium", "minor"),
        ("INFORMATIONAL", "info", "ofi"),
        (3, "unknown", None),
        ("whatever", "unknown", None),
        (None, "unknown", None),
    ],
)
def test_severity_proposes_a_grade_and_sets_none(severity: object, level: str, grade: str | None) -> None:
    finding = read(severity=severity)
    assert (finding.level, finding.proposed_grade, finding.grade) == (level, grade, None)


def test_issuing_needs_more_than_reporting() -> None:
    assert [(lack.pointer, lack.words) for lack in findings.missing_for_issue(read())] == [
        ("/requirements", "it names no requirement"),
        ("/statement", "it makes no statement"),
        ("/objective_evidence", "it shows no objective evidence"),
    ]
    whole = read(requirements="ISO 9001:2015 8.4", statement="Not done.", objective_evidence="Seen.")
    assert findings.missing_for_issue(whole) == []


def test_an_unknown_clause_of_a_known_standard_is_a_warning() -> None:
    finding, flags = findings.read(
        {**PLAIN, "requirements": ["ISO/IEC 27001:2022 A.5.99", "ISO 9001:2015 8.4", "Acme 1"]}
    )
    assert len(finding.requirements) == 3
    assert [(flag.code, flag.pointer) for flag in flags] == [("unknown_clause", "/requirements/0/clause")]


def test_a_case_that_moves_in_brings_its_dates() -> None:
    history = read(history={"grade": "minor", "issued_on": "2025-01-31", "deadlines": {"plan": "2025-02-14"}}).history
    assert history is not None
    assert [(due.kind, due.due_at) for due in history.deadlines] == [("plan", datetime(2025, 2, 14, tzinfo=UTC))]


def test_a_finding_survives_its_own_json() -> None:
    finding = read(
        requirements="ISO 9001:2015 8.4",
        detected_at="2026-03-12T10:40:00+01:00",
        attachments=["https://example.org/photo.jpg"],
        history={"grade": "minor", "issued_on": "2025-01-31", "deadlines": [{"kind": "plan", "due_at": "2025-02-14"}]},
        audit={"ref": "A", "stage": "Surveillance", "ended_on": "2026-03-13", "team": "Ines"},
    )
    assert Finding.model_validate(finding.model_dump(mode="json")) == finding
    assert Finding.model_validate_json(finding.model_dump_json()) == finding


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(Finding.model_fields)), VALUES, max_size=6))
def test_whatever_stands_in_the_fields_it_is_a_finding_or_unfit(fields: dict[str, Any]) -> None:
    safe, _ = escape({**PLAIN, **fields})
    with suppress(Unfit):
        finding, _ = findings.read(safe)
        assert Finding.model_validate(finding.model_dump(mode="json")) == finding


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80) | st.from_regex(r"\A(ISO|SOC|27001|A\.|[: /.-]|\d){1,12}\Z"))
def test_any_line_is_a_requirement_or_unfit(line: str) -> None:
    with suppress(Unfit):
        [requirement] = read(requirements=[line]).requirements
        assert Requirement.model_validate(requirement.model_dump()) == requirement


@pytest.mark.parametrize("stated", [float("inf"), float("nan"), True, ["high"], {"label": "high"}])
def test_a_severity_that_is_none_is_told_what_one_is(stated: object) -> None:
    with pytest.raises(Unfit) as refused:
        findings.read({**PLAIN, "severity": stated})
    [problem] = refused.value.problems
    assert (problem.code, problem.pointer) == ("invalid", "/severity")
    assert problem.detail == "a severity is a word or a number, such as high or 9.8"


@pytest.mark.parametrize(
    ("stated", "flags"), [(-5, ["severity_unread"]), (1e300, ["severity_unread"]), (0, []), (9.8, []), (10, [])]
)
def test_a_number_off_the_scale_is_kept_and_flagged(stated: float, flags: list[str]) -> None:
    finding, told = findings.read({**PLAIN, "severity": stated})
    assert finding.severity == str(stated)
    assert [flag.code for flag in told if flag.pointer == "/severity"] == flags
