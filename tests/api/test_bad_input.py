"""Every route on bad input: things that are not there, bodies that cannot be read, machines that are no party."""

from typing import Any

import pytest

from services.api import links
from tests.api.conftest import Desk, Office
from tests.api.test_audits import plan, planned
from tests.api.test_certificates import applied, apply, transferred
from tests.api.test_problems import problem
from workflows.procedure import Row
from workflows.registry import PROCEDURES

JSON = {"Content-Type": "application/json"}
BODIES: dict[str, Any] = {
    "/v1/subscriptions/{id}/replay": {"since": "2026-01-01"},
    "/v1/people/{id}/retire": {"reason": "Left."},
}
"""What an operation has to be asked to be asked anything."""

BEGINNINGS = ("clients", "audits", "certificates", "certificates/transfer-in", "findings/check", "api-keys", "hooks")
UNREADABLE: list[tuple[bytes, dict[str, str], int, str]] = [
    (b"{", JSON, 400, "not_json"),
    (b'{"a": "\xff"}', JSON, 400, "not_utf8"),
    (b'{"a": 1, "a": 2}', JSON, 400, "duplicate_key"),
    (b"[" * 100 + b"]" * 100, JSON, 413, "too_deep"),
    (b"[]", JSON, 422, "shape"),
    (b"7", JSON, 422, "shape"),
    (b"{}", {"Content-Type": "application/x-nothing"}, 415, "unsupported_media_type"),
]
GIVEN: list[tuple[str, Row]] = [
    (kind, row)
    for kind, procedure in PROCEDURES.items()
    for row in procedure.rows
    if not row.internal and "" not in row.states
]


def operations(office: Office) -> list[tuple[str, str]]:
    """Method and path of every operation."""
    paths = office.app.openapi()["paths"]
    return [(method.upper(), path) for path, found in paths.items() for method in found]


@pytest.mark.parametrize("id", ["nothing", "%00", "x" * 500, "a%2Fb"])
async def test_what_is_not_there_is_not_found_whatever_is_asked_of_it(desk: Desk, id: str) -> None:
    asked = 0
    for method, path in operations(desk.office):
        if "{" not in path or method == "PUT":  # which makes what is not there
            continue
        before, _, after = path.partition("{")
        body: Any = BODIES.get(path, {}) if method in ("POST", "PATCH") else None
        answer = await desk.ask("manager", method, f"{before}{id}{after.partition('}')[2]}", body)
        problem(answer, 404, "not_found")
        asked += 1
    assert asked > len(GIVEN)


async def laid(desk: Desk) -> dict[str, str]:
    """A case, an audit and a certificate of the client acme: where each kind of thing is."""
    case = (await desk.reports("auditor"))["id"]
    await plan(desk)
    await apply(desk)
    return {
        "nonconformity": f"/v1/nonconformities/{case}",
        "client": "/v1/clients/acme",
        "audit": "/v1/audits/A-1",
        "certificate": "/v1/certificates/C-1",
    }


def way(row: Row, place: str) -> tuple[str, str]:
    """Method and path of a command on a thing."""
    return ("PATCH", place) if row.command == "revise" else ("POST", f"{place}/{row.command.replace('_', '-')}")


async def test_a_body_that_cannot_be_read_is_refused_on_every_route(desk: Desk) -> None:
    places = await laid(desk)
    ways = [way(row, places[kind]) for kind, row in GIVEN if kind in places]
    for method, path in (*ways, *(("POST", f"/v1/{name}") for name in BEGINNINGS)):
        for content, headers, status, code in UNREADABLE:
            problem(await desk.ask("manager", method, path, content=content, headers=headers), status, code)


@pytest.mark.parametrize(
    ("who", "path", "body", "pointers"),
    [
        ("manager", "audits", {"key": "a b", "x": 1}, {"/key", "/x", "/client", "/stage", "/standards", "/starts_on"}),
        ("manager", "audits", planned(team=[{"person": "", "role": "guest"}]), {"/team/0/person", "/team/0/role"}),
        ("manager", "audits", planned(starts_on=20260101), {"/starts_on"}),
        ("manager", "certificates", {"key": 7}, {"/key", "/client", "/standards", "/scope"}),
        ("manager", "certificates", applied(sites=["Vienna", ""]), {"/sites/1"}),
        ("manager", "certificates/transfer-in", transferred(expires_on="2030-02-30"), {"/expires_on"}),
        ("manager", "clients", {"key": "x", "zone": "Mars"}, {"/name", "/zone"}),
        ("manager", "clients/acme/merge", {"into": ""}, {"/into", "/reason"}),
        ("auditor", "findings/check", {"title": 7}, {"/title", "/source", "/client"}),
    ],
)
async def test_the_fields_at_fault_are_named(desk: Desk, who: str, path: str, body: Any, pointers: set[str]) -> None:
    told = problem(await desk.ask(who, "POST", f"/v1/{path}", body), 422, "shape")
    assert pointers <= {fault["pointer"] for fault in told["errors"]}
    assert all(fault["detail"] for fault in told["errors"])


async def test_a_machine_is_no_party_to_audits_and_certificates(desk: Desk) -> None:
    places = await laid(desk)
    key = await desk.key("scanner", client="acme", may_state_grades=True)
    for kind, row in GIVEN:
        if kind in ("audit", "certificate"):
            problem(await desk.ask(key, *way(row, places[kind]), {}), 404, "not_found")
    for name, body in (("audits", planned("A-2")), ("certificates", applied("C-2"))):
        problem(await desk.ask(key, "POST", f"/v1/{name}", body), 403, "role")
    problem(await desk.ask(key, "POST", "/v1/certificates/transfer-in", transferred()), 403, "role")
    for kind in ("audit", "certificate", "committee_review"):
        assert (await desk.get(key, f"/v1/{links.PLURAL[kind].replace('_', '-')}"))["items"] == []
    for path in ("audits/A-1/proposals", "clients/acme/priorities"):
        problem(await desk.ask(key, "GET", f"/v1/{path}"), 403, "role")


async def test_what_is_read_of_patterns_is_for_those_whose_it_is(desk: Desk) -> None:
    await laid(desk)
    for who, status in (("owner", 403), ("approver", 403), ("stranger", 403), ("observer", 403), ("reviewer", 200)):
        answer = await desk.ask(who, "GET", "/v1/audits/A-1/proposals")
        assert answer.status_code == status, (who, answer.text)
    for who, status in (("stranger", 404), ("owner", 200), ("auditor", 200)):
        answer = await desk.ask(who, "GET", "/v1/clients/acme/priorities")
        assert answer.status_code == status, (who, answer.text)
    problem(await desk.ask("owner", "GET", "/v1/clients/acme/priorities?limit=many"), 422, "shape")
    problem(await desk.ask("owner", "GET", "/v1/clients/acme/priorities?most=3"), 400, "unknown_filter")
