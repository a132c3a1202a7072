"""OSCAL's own examples: their XML and YAML say what their JSON says."""

import json
import re
from typing import Any

import pytest

from services import intake
from services.intake import Context, Found, Item, Limits, oscal_names, oscal_xml, oscal_yaml
from tests.intake.samples import SAMPLES, beside

SHARED = SAMPLES.parent
pytestmark = beside

AR, POAM = "oscal/ifa_assessment-results-example", "oscal/ifa_plan-of-action-and-milestones"
FOUND = {
    AR: ["45d8a6c2-1368-4bad-9ba0-7141f0a32889"],
    POAM: ["e174dfb9-0ae3-4a8f-8e7c-081527b84337", "48c8368d-43ff-4736-9b28-64b1b1284c03"],
}


def items(file: str) -> list[Item]:
    return list(intake.read((SAMPLES / file).read_bytes(), "oscal", Context(client="acme")))


def ids(file: str) -> list[str]:
    return [item.finding.source.external_id for item in items(file) if isinstance(item, Found)]


@pytest.mark.parametrize("name", [AR, POAM])
@pytest.mark.parametrize("ending", [".json", "-min.json", ".xml", ".yaml"])
def test_every_way_of_writing_it(name: str, ending: str) -> None:
    assert ids(name + ending) == FOUND[name]


@pytest.mark.parametrize(
    ("file", "found"),
    [
        ("malformed/derived/ar_yaml_norway_types.yaml", FOUND[AR]),
        ("malformed/derived/poam_utf16le_bom.json", FOUND[POAM]),
        ("malformed/derived/poam_utf8_bom.json", FOUND[POAM]),
    ],
)
def test_the_others(file: str, found: list[str]) -> None:
    assert ids(file) == found


def _plain(value: Any) -> Any:
    """A value without white space in its texts: OSCAL's converters lay out Markdown in their own way."""
    match value:
        case dict():
            return {key: _plain(one) for key, one in value.items()}
        case list():
            return [_plain(one) for one in value]
        case str():
            return re.sub(r"\s+", "", value)
    return value


@pytest.mark.parametrize("name", [AR, POAM])
def test_xml_and_yaml_have_the_shape_of_json(name: str) -> None:
    written = json.loads((SAMPLES / f"{name}.json").read_bytes())
    assert _plain(oscal_yaml.value((SAMPLES / f"{name}.yaml").read_text(), Limits())) == _plain(written)
    assert _plain(oscal_xml.value((SAMPLES / f"{name}.xml").read_bytes(), Limits())) == _plain(written)


@pytest.mark.parametrize("model", ["assessment-results", "poam"])
def test_every_list_of_the_schema_has_its_element(model: str) -> None:
    def lists(value: Any) -> set[str]:
        found = set()
        if isinstance(value, dict):
            named = value.get("properties")
            if isinstance(named, dict):
                found = {key for key, one in named.items() if isinstance(one, dict) and one.get("type") == "array"}
            return found.union(*(lists(one) for one in value.values()))
        return found.union(*(lists(one) for one in value)) if isinstance(value, list) else found

    schema = json.loads((SHARED / "reference" / "schemas" / f"oscal_{model}_schema.json").read_bytes())
    # The last ones belong to catalogues, whose definitions the schema brings with it.
    of_catalogues = {"choice", "guidelines", "matching"}
    assert lists(schema) - set(oscal_names.LISTS.values()) <= of_catalogues
