"""The OpenAPI document says what can follow an answer, and how operations answer."""

from typing import Any

import pytest

from services.api import links
from tests.api.conftest import Office
from workflows.procedure import Row
from workflows.registry import PROCEDURES

GIVEN = [
    (kind, row)
    for kind, procedure in PROCEDURES.items()
    for row in procedure.rows
    if not row.internal and "" not in row.states
]


@pytest.fixture
def operations(office: Office) -> dict[str, Any]:
    """The document's operations by their id."""
    paths = office.app.openapi()["paths"].values()
    return {one["operationId"]: one for operations in paths for one in operations.values()}


@pytest.mark.parametrize(("kind", "row"), GIVEN, ids=lambda value: value if isinstance(value, str) else value.command)
def test_reading_leads_to_every_command_and_back(operations: dict[str, Any], kind: str, row: Row) -> None:
    name = links.NAMED.get(kind, "id")
    link = operations[links.read(kind)]["responses"]["200"]["links"][row.command]
    assert link["operationId"] == links.give(kind, row.command)
    assert link["parameters"] == {f"path.{name}": f"$response.body#/{name}", "header.If-Match": "$response.header.ETag"}
    assert ("requestBody" in link) == (row.signs is not None)
    back = operations[link["operationId"]]["responses"]["200"]["links"]["read"]
    assert back["operationId"] == links.read(kind)


def test_links_lead_somewhere_and_name_parameters_that_are_there(operations: dict[str, Any]) -> None:
    for operation in operations.values():
        for answer in operation["responses"].values():
            for link in answer.get("links", {}).values():
                target = operations[link["operationId"]]
                known = {f"{one['in']}.{one['name']}" for one in target.get("parameters", ())}
                assert link.get("parameters", {}).keys() <= known


def test_problems_are_listed_by_status(operations: dict[str, Any]) -> None:
    problem = operations["nonconformity_comment"]["responses"]["409"]
    assert problem["content"].keys() == {"application/problem+json"}
    assert {"403", "404", "412", "422", "503"} <= operations["nonconformity_comment"]["responses"].keys()
    assert "412" not in operations["read_nonconformity"]["responses"]
    ready = next(one for one in operations.values() if one.get("summary") == "Can it do its work")
    assert ready["responses"]["503"]["content"].keys() == {"application/problem+json"}


def test_numbers_are_text(operations: dict[str, Any]) -> None:
    [numbers] = [one for one in operations.values() if one.get("summary") == "Numbers for Prometheus"]
    assert numbers["responses"]["200"]["content"].keys() == {"text/plain"}
