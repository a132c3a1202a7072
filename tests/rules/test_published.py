"""The packaged policies against the published timings that they were made from (the reference table, row by row)."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.rules.lived import LIVES, played
from tests.rules.test_deadlines import end_of
from workflows.durations import Duration
from workflows.grades import Grade, Stage
from workflows.nonconformity import deadlines as clocks
from workflows.nonconformity.deadlines import Anchors
from workflows.nonconformity.events import Issued
from workflows.policy import Case, Policy
from workflows.policy_book import PolicyBook
from workflows.simulator.play import Played

TIMINGS = Path(__file__).parents[3] / "shared" / "reference" / "cb_timings.json"
BOOK = PolicyBook.load()
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAYS = {
    "issue": date(2026, 3, 2),
    "receipt": date(2026, 3, 9),
    "audit_end": date(2026, 2, 27),
    "detection": date(2026, 2, 25),
}
NEXT, EXPIRY = date(2026, 8, 31), date(2026, 5, 1)
FIGURES = {"plan": "plan_days", "evidence": "evidence_days", "closure": "close_days"}
IN_MONTHS = {30: 1, 60: 2, 90: 3, 120: 4, 180: 6, 365: 12}
"""Where the table sorts months as days: what they were."""


def at(day: date) -> datetime:
    return datetime.combine(day, time(9), UTC)


ANCHORS = Anchors(
    issue=at(DAYS["issue"]),
    receipt=at(DAYS["receipt"]),
    audit_end=at(DAYS["audit_end"]),
    detection=at(DAYS["detection"]),
    certificate_expiry=end_of(EXPIRY),
    next_audit=end_of(NEXT),
)


def later(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return day.replace(year=index // 12, month=index % 12 + 1)


def working(day: date, count: int) -> date:
    """Without holidays: none lies in these days where these bodies are."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


@dataclass(frozen=True)
class Row:
    """How a policy says a row of the table: which policy, for whom, from when, and what of the row it cannot say."""

    policy: str
    anchor: str = "issue"
    grades: tuple[Grade, ...] = ("major",)
    label: str | None = None
    stage: Stage = "stage2"
    tenant: str = ""
    scheme: str = "ISO 9001"
    months: bool = False
    version: str | None = None
    unsaid: dict[str, str] = field(default_factory=dict)
    also: dict[str, str] = field(default_factory=dict)


def own(name: str, anchor: str, *grades: Grade, **more: Any) -> Row:
    """A body's own rules: for the tenant of that name."""
    return Row(name, anchor, grades or ("major",), tenant=name, **more)


BOTH: tuple[Grade, ...] = ("major", "minor")
EXPIRES = {"limits": "certificate_expiry"}
ROWS: tuple[tuple[str, Row], ...] = (
    ("Bureau Veritas", own("bureau-veritas", "audit_end")),
    ("Bureau Veritas", own("bureau-veritas", "audit_end", "minor")),
    ("Bureau Veritas", own("bureau-veritas", "audit_end", *BOTH, stage="recertification", also=EXPIRES)),
    ("World", own("wcs", "issue")),
    ("World", own("wcs", "issue", "minor")),
    ("Auva", own("auva", "audit_end", *BOTH)),
    ("Auva", own("auva", "audit_end", *BOTH, stage="surveillance", unsaid={"plan": "it stands on each form"})),
    ("Alcumus", own("isoqar", "audit_end", months=True)),
    ("Alcumus", own("isoqar", "audit_end", "minor", unsaid={"plan": "a gate of the audit's recommendation, no date"})),
    ("Perry", own("pjr", "audit_end", "minor")),
    ("Perry", own("pjr", "audit_end", also={"major.follow_up": "True"}, unsaid={"closure": "a revisit, no date"})),
    ("Perry", own("pjr", "audit_end", also={"dispute.within": "P15D", "dispute.anchor": "audit_end"})),
    ("ACS", own("acs", "issue")),
    ("Southpac", own("southpac", "audit_end", months=True)),
    ("IIC", own("iic", "audit_end", months=True)),
    ("IIC", own("iic", "audit_end", also={"sites": "each"}, unsaid={"closure": "a gate of the submission, no date"})),
    ("DNV wording", own("dnv", "audit_end")),
    ("DNV wording", own("dnv", "audit_end", "minor")),
    ("DNV wording", own("dnv", "audit_end", *BOTH, stage="recertification", also=EXPIRES)),
    ("DNV", own("dnv", "audit_end", "minor", also={"minor.closure.on_breach": "upgrade"})),
    ("DNV", own("dnv", "audit_end", also={"suspension.longest": "P6M", "suspension.then": "withdraw"})),
    ("Unnamed", own("seven-days", "audit_end", "minor")),
    ("All Qualiopi", Row("qualiopi", scheme="Qualiopi", months=True, also={"review.within": "P1M"})),
    (
        "All Qualiopi",
        Row(
            "qualiopi",
            grades=("minor",),
            scheme="RNQ",
            months=True,
            unsaid={"plan": "each body sets its own"},
            also={"minor.closure.on_breach": "upgrade", "patterns.propose_at": "5"},
        ),
    ),
    (
        "CBs under French order",
        Row("jorf-45220830", "audit_end", label="critical", scheme="JORFARTI000045220830", also={"closure": "P3M"}),
    ),
    (
        "CBs under French order",
        Row("jorf-45220830", "audit_end", ("minor",), label="non-critical", scheme="JORFARTI000045220830"),
    ),
    ("FSSC 22000 (v4", Row("fssc-22000", "audit_end", scheme="FSSC 22000", version="4")),
    ("FSSC 22000 (v4", Row("fssc-22000", "audit_end", ("minor",), scheme="FSSC 22000", months=True, version="4")),
    ("FSSC 22000 (v5", Row("fssc-22000", "audit_end", ("minor",), scheme="FSSC 22000", version="5")),
    ("BRC", Row("brcgs", "audit_end", BOTH, scheme="BRCGS", also={"review.within": "P14D"})),
    ("MDSAP", Row("mdsap", "audit_end", BOTH, scheme="MDSAP")),
    ("MDSAP", Row("mdsap", "audit_end", label="4", scheme="MDSAP")),
    ("CanadaGAP", Row("canadagap", "receipt", BOTH, scheme="CanadaGAP")),
    ("RBA", Row("rba-vap", "detection", label="priority", scheme="RBA VAP")),
    ("RBA", Row("rba-vap", "receipt", BOTH, scheme="RBA VAP")),
    ("ASI", own("asi", "issue", months=True, also={"major.follow_up": "True"})),
    ("ASI", own("asi", "issue", "minor")),
    ("ASSI", own("assi", "issue", label="level 1")),
    ("ASSI", own("assi", "issue", "minor", label="level 2")),
    ("FedRAMP", Row("fedramp", "detection", scheme="FedRAMP")),
    ("FDA", Row("fda-483", "audit_end", BOTH, scheme="FDA Form 483", also={"calendar": "US", "roll": "forward"})),
    ("Orion", own("orion", "issue", also={"suspension.longest": "P6M", "suspension.then": "withdraw"})),
    ("RIES", own("ries", "issue", also={"suspension.longest": "P3M", "suspension.then": "withdraw"})),
    ("IAF FAQ 22", Row("default", unsaid={"closure": "it gives no figure: the committee extends"})),
)
OTHERWISE = {
    11: "plan_days counts to the dispute, not to the plan",
    20: "close_days is the longest suspension",
    41: "close_days is the longest suspension",
    42: "close_days is the longest suspension",
}
DISPUTES, FEDRAMP, SUSPENSIONS = 11, 39, (20, 41, 42)


@pytest.fixture(scope="module")
def table() -> list[dict[str, Any]]:
    if not TIMINGS.is_file():
        pytest.skip("the reference table is not beside this checkout")
    rows: list[dict[str, Any]] = json.loads(TIMINGS.read_text())["rows"]
    assert len(rows) == len(ROWS)
    return rows


def chosen(row: Row, grade: Grade) -> Policy:
    """The policy that such a case gets today; of an earlier version, the one of its time."""
    when = NOW if row.version != "4" else datetime(2019, 6, 3, tzinfo=UTC)
    found = BOOK.choose(Case(row.tenant, [row.scheme], row.stage, grade), when.date())
    assert found.name == row.policy
    assert row.version in (None, found.version)
    return found


def expected(row: Row, figure: int, unit: str) -> date:
    start = DAYS[row.anchor]
    if unit != "calendar days":
        return working(start, figure)
    return later(start, IN_MONTHS[figure]) if row.months else start + timedelta(days=figure)


def said(policy: Policy, path: str) -> str:
    value: Any = policy
    for name in path.split("."):
        value = getattr(value, name)
    return str(value)


@pytest.mark.parametrize("number", range(len(ROWS)), ids=[f"{n}-{row.policy}" for n, (_, row) in enumerate(ROWS)])
def test_a_published_row_is_what_its_policy_counts(number: int, table: list[dict[str, Any]]) -> None:
    told, (body, row) = table[number], ROWS[number]
    assert told["cb"].startswith(body)
    known = ANCHORS.model_copy(update={"stage": row.stage})
    for grade in row.grades:
        policy = chosen(row, grade)
        assert told["source"] in policy.source or row.policy == "default"
        dates = {d.kind: d for d in clocks.fix(policy, grade, known, "UTC", row.label)}
        unlimited = policy.model_copy(update={"limits": ()})
        free = {d.kind: d for d in clocks.fix(unlimited, grade, known, "UTC", row.label)}
        for kind, column in FIGURES.items():
            figure = told[column]
            if figure is None or kind in row.unsaid or number in OTHERWISE or number == FEDRAMP:
                continue
            date_of = free[kind]  # type: ignore[index]
            if isinstance(figure, int):
                closes_in_months = row.also.get(kind) == "P3M"
                day = later(DAYS[row.anchor], 3) if closes_in_months else expected(row, figure, told["unit"])
                assert date_of.due_at == end_of(day), date_of.explanation
            elif figure == "before certificate expiry":
                assert dates["closure"].due_at == end_of(EXPIRY)
            else:
                assert figure.startswith("next ")
                assert date_of.due_at == end_of(NEXT)
                assert date_of.latest_at is not None and date_of.latest_at > date_of.due_at
        for path, value in row.also.items():
            if path == "limits":
                assert value in {limit.anchor for limit in policy.limits}
            elif path not in FIGURES:
                assert said(policy, path) == value


@pytest.mark.parametrize("number", range(len(ROWS)), ids=[f"{n}-{row.policy}" for n, (_, row) in enumerate(ROWS)])
def test_a_published_row_is_lived(number: int, table: list[dict[str, Any]]) -> None:
    told, (_, row) = table[number], ROWS[number]
    lives = [life for life in map(played, LIVES) if called(told) in life.scenario.shows]
    assert lives, f"no life shows {called(told)}"
    figures = {kind for kind, column in FIGURES.items() if told[column] is not None and kind not in row.unsaid}
    for life in lives:
        assert row.tenant in ("", life.scenario.tenant)
        if number in SUSPENSIONS:
            assert "certificate.withdrawn" in by_the_clock(life)
            continue
        cases = list(issued(life).values())
        assert {one.grade for one in cases} >= set(row.grades)
        assert (row.policy, row.version) in {(one.policy.name, row.version and one.policy.version) for one in cases}
        assert number in OTHERWISE or figures <= expected_dates(life, row)
        if number == FEDRAMP:
            assert set(told["grade"].split(" / ")) <= {one.label for one in cases}
        if number == DISPUTES:
            assert any("dispute refused: dispute_too_late" in line.what for line in life.lines)


def test_a_life_shows_only_what_is_published(table: list[dict[str, Any]]) -> None:
    assert {name for life in map(played, LIVES) for name in life.scenario.shows} == {called(told) for told in table}


def called(told: dict[str, Any]) -> str:
    """How a life names a row of the table."""
    return f"{told['cb']}: {told['grade']}, {told['audit_type']}"


def issued(life: Played) -> dict[str, Issued]:
    """How the cases of a life were issued, by the names that it gives them."""
    return {
        name: happened.event
        for name, stream in life.names.items()
        for happened in life.world.stream(stream).history
        if isinstance(happened.event, Issued)
    }


def expected_dates(life: Played, row: Row) -> set[str]:
    """The kinds of date of which a life says when they are due, for a case of such a grade and label."""
    meant = {name for name, one in issued(life).items() if one.grade in row.grades and row.label in (None, one.label)}
    said = [(step.on, step.expect) for step in life.scenario.steps if step.expect is not None]
    return {
        kind
        for on, expect in said
        if (expect.on or on) in meant
        for kind, date in expect.deadlines.items()
        if date.due is not None
    }


def by_the_clock(life: Played) -> set[str]:
    """The types of all that the clock alone recorded."""
    return {happened.event.type for turn in life.world.turns if turn.command is None for happened in turn.happened}


def test_fedramp_counts_by_severity(table: list[dict[str, Any]]) -> None:
    policy = chosen(ROWS[FEDRAMP][1], "major")
    words, figures = table[FEDRAMP]["grade"].split(" / "), table[FEDRAMP]["close_days"].split(" / ")
    for word, figure in zip(words, figures, strict=True):
        label = policy.labels[word]
        assert label.closure is not None and label.closure.within == Duration(days=int(figure))
    assert policy.labels["critical"].closure == policy.labels["high"].closure


def test_every_packaged_policy_but_the_default_is_for_somebody() -> None:
    general = [p.name for p in BOOK.policies if not (p.tenants or p.schemes or p.stages or p.grades)]
    assert general == ["default"]
    assert all(p.source for p in BOOK.policies if p.name not in ("default", "internal"))
    assert {p.name for p in BOOK.policies} >= {row.policy for _, row in ROWS}
    for stage in ("stage1", "stage2", "surveillance", "recertification", "special", None):
        assert BOOK.choose(Case("anybody", ["ISO 9001"], stage, "major"), NOW.date()).name == "default"
    assert BOOK.choose(Case("anybody", ["ISO 9001"], "internal", "minor"), NOW.date()).name == "internal"


@pytest.mark.parametrize(("on", "version"), [("2020-05-31", "4"), ("2020-06-01", "5"), ("2026-03-02", "5")])
def test_a_version_holds_from_its_day_on(on: str, version: str) -> None:
    when = date.fromisoformat(on)
    found = BOOK.choose(Case("anybody", ["fssc 22000"], "surveillance", "minor"), when)
    named = BOOK.named("fssc-22000", when)
    assert named is not None
    assert (found.version, named.version) == (version, version)
