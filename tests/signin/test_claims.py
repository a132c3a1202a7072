"""What an issuer's claims mean here, by a mapping that is data."""

from pathlib import Path
from typing import Any

import pytest

from services.settings import Settings
from services.signin import claims
from services.signin.claims import BadMapping, Meaning, NoRole
from services.tokens import BadToken
from workflows.people import Role

SAID: dict[str, Any] = {"sub": "u-1", "name": "Ada", "iat": 1_700_000_000, "roles": ["reviewer"]}


def meaning(tmp_path: Path, text: str) -> Meaning:
    file = tmp_path / "claims.toml"
    file.write_text(text, encoding="utf-8")
    return claims.of(Settings(oidc_claims=file))


def test_claims_by_their_own_names() -> None:
    said = SAID | {
        "tenant": "north",
        "roles": "client_owner",
        "client": "acme",
        "auth_time": 1_700_000_000,
        "amr": ["x"],
    }
    found = claims.packaged().claims(said, "demo")
    assert (found.sub, found.name, found.tenant, found.client) == ("u-1", "Ada", "north", "acme")
    assert (found.roles, found.amr) == ((Role.CLIENT_OWNER,), ("x",))
    assert found.auth_time is not None
    assert found.auth_time.timestamp() == 1_700_000_000


def test_without_a_tenant_one_is_of_the_installations_own() -> None:
    assert claims.packaged().claims(SAID, "demo").tenant == "demo"


def test_a_name_is_found_where_there_is_one() -> None:
    without = {name: value for name, value in SAID.items() if name != "name"}
    assert claims.packaged().claims(without | {"preferred_username": "ada"}, "demo").name == "ada"
    assert claims.packaged().claims(without, "demo").name == "u-1"
    assert claims.packaged().claims(SAID | {"name": " Ada \n Lovelace "}, "demo").name == "Ada Lovelace"


GROUPS = """
[id]
claim = "oid"

[tenant]
claim = "/org/id"
values = {o-1 = "north", o-2 = "south"}

[roles]
claim = ["/realm_access/roles", "https://closeout.example/roles"]
values = {QA = ["auditor", "reviewer"], "Scheme owners" = "scheme_manager", Suppliers = "client_owner"}

[client]
claim = "company"
values = {"Acme B.V." = "acme"}
"""


def test_groups_mean_roles_and_organisations_tenants_and_clients(tmp_path: Path) -> None:
    known = meaning(tmp_path, GROUPS)
    said = {"oid": "o-9", "name": "Ada", "iat": 1, "org": {"id": "o-2"}, "company": "The body itself"}
    found = known.claims(said | {"realm_access": {"roles": ["QA", "Canteen", 7]}}, "demo")
    assert (found.sub, found.tenant, found.roles, found.client) == (
        "o-9",
        "south",
        (Role.AUDITOR, Role.REVIEWER),
        None,
    )
    theirs = said | {"https://closeout.example/roles": "Suppliers", "company": "Acme B.V."}
    assert (known.claims(theirs, "demo").client, known.claims(theirs, "demo").roles) == ("acme", (Role.CLIENT_OWNER,))


def test_a_tenant_that_is_not_listed_is_none_and_never_the_installations_own(tmp_path: Path) -> None:
    said = {"oid": "o-9", "name": "Ada", "iat": 1, "org": {"id": "o-3"}, "realm_access": {"roles": ["QA"]}}
    with pytest.raises(BadToken, match="tenant"):
        meaning(tmp_path, GROUPS).claims(said, "demo")


@pytest.mark.parametrize("tenant", [7, {"id": "demo"}, ["demo", "north"], [7], "De Mo"])
def test_a_tenant_that_cannot_be_one_is_not_the_installations_own(tenant: Any) -> None:
    with pytest.raises(BadToken, match="tenant"):
        claims.packaged().claims(SAID | {"tenant": tenant}, "demo")


@pytest.mark.parametrize("roles", [None, [], "", ["king"], ["integration"], {"auditor": True}, 7, [["auditor"]]])
def test_no_role(roles: Any) -> None:
    with pytest.raises(NoRole, match="Ada"):
        claims.packaged().claims(SAID | {"roles": roles}, "demo")


def test_a_role_for_everybody_of_whom_none_is_said(tmp_path: Path) -> None:
    known = meaning(tmp_path, '[roles]\nclaim = "groups"\nvalues = {QA = "reviewer"}\ndefault = "observer"\n')
    assert known.claims(SAID, "demo").roles == (Role.OBSERVER,)
    assert known.claims(SAID | {"groups": ["QA"]}, "demo").roles == (Role.REVIEWER,)
    with pytest.raises(NoRole):
        known.claims(SAID | {"groups": ["Canteen"]}, "demo")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[roles", "claims.toml"),
        ('[role]\nclaim = "x"\n', "role"),
        ('[roles]\nclaim = "x"\nvalues = {QA = "king"}\n', "king is none of"),
        ('[roles]\nclaim = "x"\nvalues = {QA = "integration"}\n', "integration is none of"),
        ("[tenant]\nclaim = 7\n", "tenant"),
    ],
)
def test_a_mapping_that_is_none_says_where(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(BadMapping, match=why):
        meaning(tmp_path, text)


def test_a_mapping_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadMapping, match=r"nowhere\.toml"):
        claims.of(Settings(oidc_claims=tmp_path / "nowhere.toml"))


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"email": "ada@people.example"}, "ada@people.example"),
        ({"email": "ada@people.example", "email_verified": True}, "ada@people.example"),
        ({"email": "ada@people.example", "email_verified": False}, None),
        ({"email": "ada@people.example\r\nBcc: all@evil.example"}, None),
        ({"email": 7}, None),
        ({}, None),
    ],
)
def test_a_mail_address_is_taken_where_it_is_one_and_nobody_doubts_it(said: dict[str, Any], found: str | None) -> None:
    assert claims.packaged().claims(SAID | said, "demo").email == found
