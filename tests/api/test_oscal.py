"""The POA&M over HTTP: what is open, for those who may see it, and read back by ourselves."""

import json

import pytest
import yaml

from services.intake import Context, Found, oscal
from tests.api.conftest import Desk
from tests.intake.oscal_documents import XML, finding, results

POAM = "/v1/oscal/poam"


async def test_what_is_open_goes_out_and_is_the_same_finding_when_it_comes_back(desk: Desk) -> None:
    told = [await desk.reports("auditor", f"F-{n}", title=f"Failure {n} \x00") for n in range(2)]
    await desk.does("auditor", told[0]["id"], "comment", text="Seen.")

    document = await desk.get("owner", POAM)

    read = list(oscal.read(json.dumps(document).encode(), Context(client="acme")))
    assert all(isinstance(item, Found) for item in read)
    known = {item.finding.source.external_id: item.finding for item in read if isinstance(item, Found)}
    assert set(known) == {"F-0", "F-1"}
    assert (known["F-0"].title, known["F-0"].grade) == ("Failure 0 \x1a0000", "minor")
    again = await desk.ask("auditor", "POST", "/v1/findings", document)
    assert [one["result"] for one in again.json()["items"]] == ["duplicate", "duplicate"]
    assert {one["id"] for one in again.json()["items"]} == {one["id"] for one in told}


async def test_triage_is_nobodys_plan(desk: Desk) -> None:
    await desk.reports("auditor", "F-1", grade=None)
    answer = await desk.ask("owner", "GET", POAM)
    assert (answer.status_code, answer.json()["code"]) == (404, "nothing_open")


async def test_each_client_sees_its_own(desk: Desk) -> None:
    await desk.reports("auditor", "F-1")
    await desk.reports("auditor", "F-2", client="globex")
    await desk.grants("observer", client="globex")

    async def items(who: str, **params: str) -> list[str]:
        document = await desk.get(who, POAM, **params)
        return [one["title"] for one in document["plan-of-action-and-milestones"]["poam-items"]]

    assert (
        len(await items("owner")) == len(await items("stranger")) == len(await items("observer", client="globex")) == 1
    )
    refused = await desk.ask("owner", "GET", POAM, params={"client": "globex"})
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    unsaid = await desk.ask("auditor", "GET", POAM)
    assert (unsaid.status_code, unsaid.json()["errors"][0]["pointer"]) == (422, "/client")


async def test_a_key_of_one_client_may_and_another_may_not(desk: Desk) -> None:
    await desk.reports("auditor", "F-1")
    bound, free = await desk.key("grc", client="acme"), await desk.key("scanner")
    await desk.get(bound, POAM)
    answer = await desk.ask(free, "GET", POAM, params={"client": "acme"})
    assert (answer.status_code, answer.json()["code"]) == (403, "role")


async def test_a_document_is_the_same_in_xml_json_and_yaml(desk: Desk) -> None:
    key = await desk.key("grc", client="acme")
    told = []
    for document in (XML, json.dumps(results(finding())), yaml.safe_dump(results(finding()))):
        answer = await desk.ask(key, "POST", "/v1/findings", content=document.encode())
        told.append([(one["result"], one["external_id"]) for one in answer.json()["items"]])
    external_id = finding()["uuid"]
    assert told == [[("created", external_id)], [("duplicate", external_id)], [("duplicate", external_id)]]


LAUGHS = "x0: &x0 [ha]\n" + "".join(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 10)}]\n" for n in range(1, 12))


@pytest.mark.parametrize(
    ("document", "status", "code", "line"),
    [
        (XML.replace("<assessment", '<!DOCTYPE x [<!ENTITY y "z">]>\n<assessment', 1), 400, "doctype", 2),
        (XML.replace("</back-matter>", ""), 400, "not_xml", 40),
        ("assessment-results:\n  results: [", 400, "not_yaml", 3),
        (LAUGHS + "assessment-results: *x11", 413, "too_many_values", None),
    ],
)
async def test_hostile_documents_are_refused_by_name(
    desk: Desk, document: str, status: int, code: str, line: int | None
) -> None:
    answer = await desk.ask("auditor", "POST", "/v1/findings", content=document.encode())
    assert (answer.status_code, answer.json()["code"], answer.json().get("line")) == (status, code, line)
