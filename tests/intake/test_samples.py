"""Real documents of other systems. They stand beside the repository and are no part of it."""

from collections import Counter
from pathlib import Path

import pytest

from services import intake
from services.intake import Context, Found, Item, TooLarge, UnknownFormat, Unreadable

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample documents are not beside this checkout")


def items(path: str, format: str | None = None) -> list[Item]:
    document = (SAMPLES / path).read_bytes()
    return list(
        intake.read(document, format or intake.detect(document, "application/json", path), Context(client="acme"))
    )


@pytest.mark.parametrize(
    ("file", "found", "skipped"),
    [
        ("config_many_findings.json", 0, 3),
        ("config_multiple_resources.json", 2, 0),
        ("config_one_finding.json", 0, 1),
        ("config_one_finding_active.json", 1, 0),
        ("config_repeated_findings.json", 0, 2),
        ("guardduty.json", 4, 0),
        ("issue_10956.json", 1, 0),
        ("missing_account_id.json", 1, 0),
        ("prowler-output.asff.json", 286, 445),
    ],
)
def test_asff(file: str, found: int, skipped: int) -> None:
    counts = Counter(type(item).__name__ for item in items(f"asff/{file}"))
    assert counts == Counter(Found=found, Skipped=skipped)


def test_prowler_findings_bear_on_iso_controls_and_none_is_lost_by_its_id() -> None:
    found = [item.finding for item in items("asff/prowler-output.asff.json") if isinstance(item, Found)]
    assert len({finding.source.external_id for finding in found}) == 286
    assert sum(any(one.standard == "ISO/IEC 27001" for one in finding.requirements) for finding in found) == 224
    assert Counter(finding.proposed_grade for finding in found) == {"minor": 199, "ofi": 55, "major": 32}


@pytest.mark.parametrize(
    ("file", "refusal", "code"),
    [
        ("asff_truncated_50pct.json", Unreadable, "not_json"),
        ("deep_5000.json", TooLarge, "too_deep"),
        ("generic_latin1.json", Unreadable, "not_utf8"),
        ("sarif_truncated_last_byte.sarif", Unreadable, "not_json"),
        ("ar_xxe.xml", Unreadable, "doctype"),
        ("xlsx_truncated.xlsx", Unreadable, "not_xlsx"),
    ],
)
def test_malformed_documents_are_refused_by_name(file: str, refusal: type[Exception], code: str) -> None:
    with pytest.raises(refusal) as refused:
        items(f"malformed/derived/{file}")
    assert getattr(refused.value, "code", None) == code


def test_json_that_must_be_refused_is_refused_and_json_that_must_be_read_is_read() -> None:
    refused, read = Counter[str](), Counter[str]()
    for file in sorted((SAMPLES / "malformed/json_nst").iterdir()):
        try:
            items(f"malformed/json_nst/{file.name}", "json")
            read[file.name[0]] += 1
        except (Unreadable, TooLarge):
            refused[file.name[0]] += 1
    # The four are bare scalars: JSON, but no document of findings.
    assert (refused, read) == (Counter(n=125, i=7, y=4), Counter(y=59, i=17))


def test_no_sample_causes_anything_but_items_or_a_named_refusal() -> None:
    for file in sorted(path for path in SAMPLES.rglob("*") if path.is_file()):
        for each in (None, *intake.FORMATS):
            try:
                items(str(file.relative_to(SAMPLES)), each)
            except (Unreadable, TooLarge, UnknownFormat):
                continue
