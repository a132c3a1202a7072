"""Clients: what their entries hold, names that are one client's each, and duplicates that end in another client."""

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


async def merge(desk: Desk, key: str, into: str, who: str = "manager") -> Any:
    return await desk.ask(who, "POST", f"/v1/clients/{key}/merge", {"into": into, "reason": "Registered twice."})


async def arrives(desk: Desk, path: str, **said: Any) -> Any:
    """A thing once it says so: what a merge causes arrives by reaction."""
    return await desk.once("manager", path, lambda seen: said.items() <= seen.items())


async def test_an_entry_says_where_a_client_is(desk: Desk) -> None:
    place = {"country": "DE", "subdivision": "BY", "zone": "Europe/Berlin", "sites": ["Munich"], "people": ["p-1"]}
    made = await desk.ask("manager", "POST", "/v1/clients", {"key": "initech", "name": "Initech", **place})
    assert made.status_code == 201, made.text
    seen = await desk.get("auditor", "/v1/clients/initech")
    assert {name: seen[name] for name in place} == place
    assert (seen["status"], seen["merged_into"]) == ("registered", None)
    moved = await desk.ask("manager", "PATCH", "/v1/clients/initech", {"country": "AT"})
    assert (moved.json()["country"], moved.json()["subdivision"]) == ("AT", None)
    for field, value, pointer in (
        ("name", "Hoo\x00li", "/name"),
        ("country", "XX", "/country"),
        ("sites", ["Graz", "graz"], "/sites"),
    ):
        wrong = await desk.ask("manager", "POST", "/v1/clients", {"key": "hooli", "name": "Hooli", field: value})
        assert (wrong.status_code, [one["pointer"] for one in wrong.json()["errors"]]) == (422, [pointer])
    astray = await desk.ask("manager", "POST", "/v1/clients", {"key": "hooli", "name": "Hooli", "subdivision": "BY"})
    assert (astray.status_code, astray.json()["code"]) == (422, "shape")


async def test_a_duplicate_ends_in_another_client(desk: Desk) -> None:
    case = (await desk.reports("auditor", "F-1"))["id"]
    certificate = {"key": "C-1", "client": "acme", "standards": ["ISO 9001"], "scope": "Hosting"}
    assert (await desk.ask("manager", "POST", "/v1/certificates", certificate)).status_code == 201
    team = [{"person": "Auditor", "role": "lead"}]
    audit = {"key": "A-1", "client": "acme", "stage": "stage1", "standards": ["ISO 9001"], "team": team}
    days = {"starts_on": "2030-01-01", "ends_on": "2030-01-02"}
    assert (await desk.ask("manager", "POST", "/v1/audits", audit | days)).status_code == 201

    merged = await merge(desk, "acme", "globex")
    assert (merged.status_code, merged.json()["status"], merged.json()["merged_into"]) == (200, "merged", "globex")
    for path in (f"/v1/nonconformities/{case}", "/v1/certificates/C-1", "/v1/audits/A-1"):
        await arrives(desk, path, client="globex")
    survivor = await arrives(desk, "/v1/clients/globex", aliases=["Globex Inc.", "acme", "Acme Ltd", "Acme Ltd."])
    assert survivor["status"] == "registered"
    # The people of the survivor see the case, those of the duplicate need a token that names the survivor.
    assert (await desk.ask("stranger", "GET", f"/v1/nonconformities/{case}")).status_code == 200
    assert (await desk.ask("owner", "GET", f"/v1/nonconformities/{case}")).status_code == 404
    for number, name in enumerate(("acme", "ACME", "acme ltd.", "Acme Ltd", "Globex Inc")):
        told = await desk.reports("auditor", f"F-2{number}", client=name)
        assert (await desk.get("auditor", f"/v1/nonconformities/{told['id']}"))["client"] == "globex"
    page = await desk.get("auditor", "/v1/clients")
    assert {item["key"]: item["merged_into"] for item in page["items"]} == {"acme": "globex", "globex": None}


async def test_the_names_of_a_merged_client_stay_its_survivor_s(desk: Desk) -> None:
    await register(desk, "initech", "Initech")
    assert (await merge(desk, "acme", "globex")).status_code == 200
    await arrives(desk, "/v1/clients/globex", aliases=["Globex Inc.", "acme", "Acme Ltd", "Acme Ltd."])
    assert (await merge(desk, "globex", "initech")).status_code == 200
    names = ["globex", "Globex Inc", "Globex Inc.", "acme", "Acme Ltd", "Acme Ltd."]
    await arrives(desk, "/v1/clients/initech", aliases=names)
    for name in names:
        taken = await register(desk, "new", name)
        assert (taken.status_code, taken.json()["code"]) == (409, "client_name_taken")
        told = await desk.reports("auditor", f"F-{name}", client=name)
        assert (await desk.get("auditor", f"/v1/nonconformities/{told['id']}"))["client"] == "initech"
    again = await register(desk, "acme", "Acme Ltd")
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    own = await desk.ask("manager", "PATCH", "/v1/clients/initech", {"aliases": ["Acme Ltd", "Globex"]})
    assert own.status_code == 200


async def test_what_a_client_is_not_merged_into(desk: Desk) -> None:
    for key, into, status, code in (
        ("acme", "acme", 409, "merge_into_itself"),
        ("acme", "nobody", 409, "survivor_unknown"),
        ("nobody", "acme", 404, "not_found"),
        ("acme", "a b", 422, "shape"),
    ):
        refused = await merge(desk, key, into)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert (await merge(desk, "acme", "globex", "auditor")).json()["code"] == "role"
    assert (await merge(desk, "acme", "globex")).status_code == 200
    await arrives(desk, "/v1/clients/globex", aliases=["Globex Inc.", "acme", "Acme Ltd", "Acme Ltd."])
    assert (await merge(desk, "globex", "acme")).json()["code"] == "survivor_merged"
    assert (await merge(desk, "acme", "globex")).json()["code"] == "merged_already"
    certificate = {"key": "C-1", "client": "acme", "standards": ["ISO 9001"], "scope": "Hosting"}
    refused = await desk.ask("manager", "POST", "/v1/certificates", certificate)
    assert (refused.status_code, refused.json()["code"]) == (409, "client_merged")
    changed = await desk.ask("manager", "PATCH", "/v1/clients/acme", {"name": "X"})
    assert (changed.status_code, changed.json()["code"]) == (409, "wrong_state")


async def test_of_two_merges_that_would_close_a_circle_one_is_refused(desk: Desk) -> None:
    answers = await asyncio.gather(merge(desk, "acme", "globex"), merge(desk, "globex", "acme"))
    assert Counter(answer.status_code for answer in answers)[200] == 1
    assert {answer.json().get("code") for answer in answers} <= {None, "survivor_merged", "unavailable"}
    page = await desk.get("manager", "/v1/clients")
    [stands] = [item["key"] for item in page["items"] if item["merged_into"] is None]
    await desk.once("manager", f"/v1/clients/{stands}", lambda seen: len(seen["aliases"]) == 4)


async def test_who_switched_off_four_eyes_can_be_read(desk: Desk) -> None:
    off = {"four_eyes": False}
    assert (await desk.ask("approver", "POST", "/v1/clients/acme/change-settings", off)).status_code == 200
    for who in ("approver", "auditor"):
        last = (await desk.get(who, "/v1/clients/acme/events"))[-1]
        assert last["type"] == "client.settings_changed"
        assert last["actor"] == (await desk.get("approver", "/v1/me"))["id"]
        assert last["data"]["entry"]["settings"]["four_eyes"] is False
    assert (await desk.ask("stranger", "GET", "/v1/clients/acme/events")).status_code == 404
