"""A document of two findings in each format, and in each way of writing it that has a reader of its own."""

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml

from tests.intake import (
    oscal_documents,
    test_asff,
    test_cloudevents,
    test_defectdojo,
    test_fac,
    test_github,
    test_jira,
    test_ocsf,
    test_prowler,
    test_sarif,
    test_servicenow,
)
from tests.intake.workbooks import HEAD, book

ROW = ("Suppliers", "Not evaluated.", "ISO 9001:2015", "8.4", "2026-03-01")


def _own(name: str) -> dict[str, Any]:
    fields = dict(zip(HEAD[1:3], ROW[:2], strict=True))
    return {"source": {"external_id": name}, "requirements": ["ISO 9001:2015 8.4"], **fields}


def _encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


_OWN = [_own("7"), _own("8")]
_OSCAL = oscal_documents.results(
    oscal_documents.finding(), oscal_documents.finding(uuid="e174dfb9-0ae3-4a8f-8e7c-081527b84337")
)
_XML = re.sub(
    "<finding .*</finding>",
    lambda found: found[0] + found[0].replace(oscal_documents.FINDING, "e174dfb9-0ae3-4a8f-8e7c-081527b84337"),
    oscal_documents.XML,
    flags=re.DOTALL,
)
_EVENTS = [
    {**test_cloudevents.EVENT, "id": f"e-{index}", "datacontenttype": "application/json", "data": one}
    for index, one in enumerate(_OWN)
]

DOCUMENTS: Mapping[tuple[str, str], bytes] = {
    ("json", ""): _encoded(_OWN),
    ("ndjson", ""): b"\n".join(map(_encoded, _OWN)),
    ("csv", ""): "\n".join(",".join(row) for row in (HEAD, ("7", *ROW), ("8", *ROW))).encode(),
    ("xlsx", ""): book(HEAD, ("7", *ROW), ("8", *ROW)),
    ("asff", ""): _encoded([test_asff.ONE, {**test_asff.ONE, "Id": "check-2"}]),
    ("sarif", ""): _encoded(test_sarif.log(test_sarif.RESULT, {**test_sarif.RESULT, "guid": "2"})),
    ("ocsf", ""): _encoded([test_ocsf.ONE, test_ocsf.PROWLER]),
    ("prowler", ""): test_prowler.table({}, {"REGION": "eu-central-1"}),
    ("defectdojo", "json"): _encoded(test_defectdojo.report(test_defectdojo.ONE, {**test_defectdojo.ONE, "line": 14})),
    ("defectdojo", "csv"): (
        f"{test_defectdojo.HEAD}\n01/30/2026,A,79,https://shop.example,High,Seen.,TRUE,,\n01/30/2026,B,,,Low,Seen.,,,\n"
    ).encode(),
    ("oscal", "json"): _encoded(_OSCAL),
    ("oscal", "yaml"): yaml.safe_dump(_OSCAL).encode(),
    ("oscal", "xml"): _XML.encode(),
    ("fac", "json"): _encoded(test_fac.ranges(test_fac.AWARDS)),
    ("fac", "xlsx"): test_fac.workbook(test_fac.AWARDS),
    ("github", ""): _encoded([test_github.body(test_github.CODE), test_github.body(test_github.DEPENDABOT)]),
    ("jira", ""): _encoded([test_jira.hook(), {**test_jira.ISSUE, "id": "10510"}]),
    ("servicenow", ""): _encoded({"result": [test_servicenow.RECORD, {**test_servicenow.RECORD, "sys_id": "b"}]}),
    ("cloudevents", ""): _encoded(_EVENTS),
}
"""By format and way of writing it."""
