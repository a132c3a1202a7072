"""Names of clients: each is one client's."""

import asyncio
from collections import Counter
from typing import Any

import asyncpg
import pytest

from tests.api.conftest import Desk
from tests.api.test_findings import finding


async def register(desk: Desk, key: str, name: str, *aliases: str, who: str = "manager", **headers: str) -> Any:
    body = {"key": key, "name": name, "aliases": list(aliases)}
    return await desk.ask(who, "POST", "/v1/clients", body, headers)


@pytest.mark.parametrize(
    ("key", "name", "aliases"),
    [("ACME", "New", ()), ("new", " acme LTD ", ()), ("new", "New", ("acme ltd.",)), ("new", "Acme", ())],
)
async def test_a_name_is_one_client_s(desk: Desk, key: str, name: str, aliases: tuple[str, ...]) -> None:
    taken = await register(desk, key, name, *aliases)
    assert (taken.status_code, taken.json()["code"]) == (409, "client_name_taken")
    assert "the client acme" in taken.json()["detail"]
    assert (await desk.ask("manager", "GET", f"/v1/clients/{key}")).status_code == 404
    hidden = await register(desk, key, name, *aliases, who="owner")
    assert hidden.json()["code"] == "role"


async def test_names_have_bounds(desk: Desk) -> None:
    for name, aliases in (("x" * 201, ()), ("New", ["a"] * 51), ("New", ["x" * 201]), ("New", [" "])):
        refused = await register(desk, "new", name, *aliases)
        assert (refused.status_code, refused.json()["code"]) == (422, "shape")


async def test_a_revision_takes_no_name_of_another(desk: Desk) -> None:
    for change in ({"name": "ACME"}, {"aliases": ["x", "Acme Ltd"]}):
        taken = await desk.ask("manager", "PATCH", "/v1/clients/globex", change)
        assert (taken.status_code, taken.json()["code"]) == (409, "client_name_taken")
    own = await desk.ask("manager", "PATCH", "/v1/clients/globex", {"name": "GLOBEX", "aliases": ["Globex Inc"]})
    assert own.status_code == 200
    key = {"Idempotency-Key": "once"}
    first = await desk.ask("manager", "PATCH", "/v1/clients/globex", {"aliases": []}, key)
    assert first.status_code == 200
    assert (await register(desk, "other", "Globex Inc")).status_code == 201
    again = await desk.ask("manager", "PATCH", "/v1/clients/globex", {"aliases": []}, key)
    assert (again.status_code, again.json()["seq"]) == (200, first.json()["seq"])


async def test_of_many_who_want_a_name_at_once_one_gets_it(desk: Desk) -> None:
    answers = await asyncio.gather(*(register(desk, f"c{n}", f"Client {n}", "Shared") for n in range(6)))
    counts = Counter(answer.status_code for answer in answers)
    assert counts[201] == 1
    assert counts.keys() <= {201, 409, 503}
    for number, answer in enumerate(answers):
        if answer.status_code != 201:
            again = await register(desk, f"c{number}", f"Client {number}", "shared")
            assert (again.status_code, again.json()["code"]) == (409, "client_name_taken")


async def test_a_name_that_several_have_is_ambiguous(desk: Desk) -> None:
    """As two clients could have it before names were kept apart."""
    connection = await asyncpg.connect(desk.office.settings.owner)
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("SELECT closeout.enter($1, NULL)", desk.tenant)
        await connection.execute("UPDATE closeout.clients SET aliases = '{Both}' WHERE tenant = $1", desk.tenant)
    await connection.close()
    answer = await desk.ask("auditor", "POST", "/v1/findings", [finding("1", client="both"), finding("2")])
    first, second = answer.json()["items"]
    assert (first["result"], first["problem"]["code"]) == ("rejected", "client_ambiguous")
    assert second["result"] == "created"
