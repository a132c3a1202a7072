"""The POA&M that we write: it keeps OSCAL's schema, and our own reader takes the same findings from it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake import Context, Found, Rejected, Skipped, detect, oscal, text
from services.intake.oscal_own import NAMESPACE
from services.oscal import poam
from services.telling import encoded
from tests.intake import fuzz
from workflows import findings
from workflows.findings import Finding
from workflows.nonconformity.case import Case

SCHEMA = Path(__file__).parents[3] / "shared" / "reference" / "schemas" / "oscal_poam_schema.json"
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
CASE = "01890a5d-ac96-774b-bcce-b302099a8057"

_TEXT = st.text(max_size=40) | st.sampled_from(
    ["=1+1", "a\nb", "\u202eab", "\x1c", "a\x1a0000b", "no", "{}", "*a*", "\u2028"]
)
_WORD = st.text(min_size=1, max_size=12).filter(lambda word: bool(word.strip()))
_OPTIONAL = st.none() | _WORD
_MOMENT = st.datetimes(datetime(1971, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_REQUIREMENT = st.fixed_dictionaries({"standard": _WORD, "clause": _WORD}, optional={"edition": _WORD, "text": _TEXT})
_FINDING = st.fixed_dictionaries(
    {"source": st.fixed_dictionaries({"system": _WORD, "external_id": _WORD}, optional={"stated": _WORD})}
    | {"client": _WORD, "title": _WORD},
    optional={
        "statement": _TEXT,
        "objective_evidence": _TEXT,
        "sites": st.lists(_WORD, max_size=3),
        "department": _OPTIONAL,
        "process": _OPTIONAL,
        "requirements": st.lists(_REQUIREMENT, max_size=3),
        "grade": st.sampled_from(["major", "minor", "ofi"]),
        "label": _WORD,
        "severity": _WORD,
        "detected_at": _MOMENT.map(datetime.isoformat),
        "language": st.sampled_from(["en", "de-CH"]),
        "audit": st.fixed_dictionaries(
            {"ref": _WORD, "stage": st.just("internal")}, optional={"team": st.lists(_WORD)}
        ),
        "certificates": st.lists(_WORD, max_size=2),
        "attachments": st.lists(st.fixed_dictionaries({"name": _WORD}, optional={"url": _WORD}), max_size=3),
        "history": st.just(
            {"grade": "minor", "issued_on": "2020-01-01", "deadlines": {"plan": "2021-01-01T00:00:00Z"}}
        ),
    },
)


@st.composite
def found(draw: st.DrawFn) -> Finding:
    """A finding as the record holds it."""
    try:
        return findings.read(text.held(draw(_FINDING))[0])[0]
    except findings.Unfit:
        return draw(st.nothing())


def case(finding: Finding, **more: Any) -> Case:
    return Case.model_validate({"status": "open", "finding": finding, "grade": "minor", "reported_at": AT, **more})


def written(*cases: Case) -> bytes:
    return encoded(poam("cb", "acme", {f"{CASE}-{n}": one for n, one in enumerate(cases)}, AT))


def plain(**more: Any) -> Finding:
    return Finding.model_validate(
        {"source": {"system": "s", "external_id": "F-1"}, "client": "acme", "title": "T", **more}
    )


@pytest.fixture(scope="session")
def schema() -> jsonschema.Draft7Validator:
    if not SCHEMA.is_file():
        pytest.skip("the schemas are not beside this checkout")
    # Python's expressions have no classes of Unicode's properties.
    source = SCHEMA.read_text(encoding="utf-8").replace(r"(\\p{L}|_)(\\p{L}|\\p{N}|", r"([^\\W\\d_]|_)(\\w|")
    return jsonschema.Draft7Validator(json.loads(source))


@given(finding=found())
def test_a_finding_comes_home_as_it_went(finding: Finding) -> None:
    document = written(case(finding))
    assert detect(document) == "oscal"
    [item] = oscal.read(document, Context())
    assert isinstance(item, Found), item
    assert item.finding == finding


@given(finding=found())
def test_any_finding_keeps_the_schema(schema: jsonschema.Draft7Validator, finding: Finding) -> None:
    schema.validate(json.loads(written(case(finding))))


def full() -> Case:
    return case(
        plain(
            statement="Access stayed.",
            objective_evidence="Three of ten.",
            severity="high",
            attachments=["https://x.example/a?b=1", "not an address"],
        ),
        number="NC-2026-0001",
        plan={"version": 1, "state": "accepted"},
        correction={"text": "Removed.", "done_on": "2026-06-01"},
        actions=[
            {
                "key": "feed",
                "text": "Feed leavers\nfrom HR.",
                "causes": ["mail"],
                "owner": "Mara",
                "due_on": "2026-07-01",
            }
            | {"after": []}
        ],
        analysis={
            "method": "other",
            "steps": [],
            "causes": [{"key": "mail", "text": "Leavers reach IT by chance."}],
            "extent": {"looked_at": ["all"], "found": ["none"]},
        },
        evidence=[
            {"shows": ["feed"], "name": "leavers.csv", "sha256": "0" * 64, "media_type": "text/csv"}
            | {"produced_on": None, "size": None, "attached_by": "p", "attached_at": AT}
        ],
        deadlines=[{"kind": "closure", "due_at": AT, "first_due_at": AT}],
    )


def test_what_a_case_says(schema: jsonschema.Draft7Validator) -> None:
    document = poam("cb", "acme", {CASE: full()}, AT)
    schema.validate(document)
    body = document["plan-of-action-and-milestones"]
    [item], [risk], [observation] = body["poam-items"], body["risks"], body["observations"]
    props = {one["name"]: one["value"] for one in item["props"]}
    assert (props["case"], props["number"], props["status"], props["external-id"]) == (
        CASE,
        "NC-2026-0001",
        "open",
        "F-1",
    )
    assert (risk["status"], risk["deadline"]) == ("remediating", "2026-06-01T12:00:00.000000Z")
    facets = {one["name"]: one["value"] for one in risk["characterizations"][0]["facets"]}
    assert facets == {"grade": "minor", "severity": "high"}
    [response] = risk["remediations"]
    assert response["description"] == "Correction: Removed.\n\nCause: Leavers reach IT by chance."
    [task] = response["tasks"]
    assert (response["lifecycle"], task["title"], task["timing"]) == (
        "planned",
        "Feed leavers from HR.",
        {"on-date": {"date": "2026-07-01T00:00:00Z"}},
    )
    assert [(one["description"], one.get("href")) for one in observation["relevant-evidence"]] == [
        ("https://x.example/a?b=1", "https://x.example/a?b=1"),
        ("not an address", None),
        ("leavers.csv", None),
    ]


def test_the_same_cases_make_the_same_document() -> None:
    first, second, other = (
        poam("cb", "acme", {CASE: one}, at)["plan-of-action-and-milestones"]
        for one, at in ((full(), AT), (full(), AT.replace(day=2)), (case(plain()), AT))
    )
    assert first["uuid"] == second["uuid"] != other["uuid"]
    assert first["poam-items"] == second["poam-items"]
    assert first["metadata"]["last-modified"] != second["metadata"]["last-modified"]


def test_what_has_ended_is_a_closed_risk_and_comes_back_as_resolved() -> None:
    assert list(oscal.read(written(case(plain(), status="closed")), Context())) == [
        Skipped(0, "F-1", "resolved", system="s")
    ]


def test_no_case_makes_no_document() -> None:
    with pytest.raises(ValueError, match="one item at least"):
        poam("cb", "acme", {}, AT)


def test_the_finding_names_its_own_source_and_client_as_in_our_own_shape() -> None:
    [item] = oscal.read(written(case(plain())), Context(client="globex", system="grc"))
    assert isinstance(item, Found)
    assert (item.finding.source.system, item.finding.client) == ("s", "acme")


def test_a_property_that_somebody_mangled_is_refused_with_its_place() -> None:
    document = json.loads(written(case(plain(sites=["a", "b"]))))
    props = document["plan-of-action-and-milestones"]["poam-items"][0]["props"]
    index = next(n for n, one in enumerate(props) if one["name"] == "sites")
    props[index]["remarks"] = "a and b"
    [item] = oscal.read(json.dumps(document).encode(), Context())
    assert isinstance(item, Rejected)
    assert (item.problem.code, item.problem.pointer) == ("not_json", f"/props/{index}/remarks")


_NAMES = [name.replace("_", "-") for name in Finding.model_fields] + ["external-id", "source-system", "source-stated"]


@given(
    name=st.sampled_from(_NAMES), remarks=fuzz.value("standard", "clause", "ref").map(json.dumps) | st.text(max_size=9)
)
def test_whatever_a_property_of_ours_holds_is_read_or_refused(name: str, remarks: str) -> None:
    document = json.loads(written(case(plain())))
    own = {"ns": NAMESPACE, "name": name, "value": "x", "remarks": remarks}
    document["plan-of-action-and-milestones"]["poam-items"][0]["props"].append(own)
    fuzz.holds(oscal.read, json.dumps(document).encode())


def test_what_somebody_changed_in_the_document_holds() -> None:
    document = json.loads(written(full()))
    item = document["plan-of-action-and-milestones"]["poam-items"][0]
    item |= {"title": "Changed", "description": "Changed too."}
    [read] = oscal.read(json.dumps(document).encode(), Context())
    assert isinstance(read, Found)
    assert (read.finding.title, read.finding.statement) == ("Changed", "Changed too.")
    assert read.finding.objective_evidence == "Three of ten."
