"""One token, one side; and what a token says of a person holds until a newer one says otherwise."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities.ledger.protocol import Scope
from services import auth
from services.auth import Authenticator
from services.bootstrap import mint
from services.tokens import BadClaims, Issuer
from tests.api.conftest import Desk, Office
from tests.api.test_identity import issuer, signed
from workflows.decider import Wants
from workflows.people import Role


@pytest.mark.parametrize("role", ["auditor", "reviewer", "committee_member", "scheme_manager", "admin", "integration"])
async def test_no_token_acts_on_both_sides(office: Office, desk: Desk, role: str) -> None:
    token = signed(office, roles=["client_owner", role], client="acme", tenant=desk.tenant)
    answer = await desk.http.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    assert role in answer.json()["detail"]
    assert "leave out the client" in answer.json()["detail"]


async def test_who_is_bound_to_a_client_keeps_no_keys(office: Office, desk: Desk) -> None:
    for roles in (["admin"], ["scheme_manager", "client_approver"]):
        token = signed(office, roles=roles, client="acme", tenant=desk.tenant)
        headers = {"Authorization": f"Bearer {token}"}
        assert (await desk.http.post("/v1/api-keys", json={"source": "x"}, headers=headers)).status_code == 401


BAD: list[dict[str, Any]] = [
    {"name": ""},
    {"name": "  "},
    {"name": "a\nb"},
    {"name": "a\x85b"},
    {"name": "x" * 201},
    {"tenant": "No Tenant"},
    {"tenant": ""},
    {"client": "acme"},
    {"role": Role.CLIENT_OWNER},
    {"role": Role.CLIENT_OWNER, "client": "*"},
    {"role": Role.CLIENT_OWNER, "client": ""},
]


@pytest.mark.parametrize("wish", BAD, ids=repr)
def test_what_the_api_would_refuse_is_not_minted(office: Office, wish: dict[str, Any]) -> None:
    wanted = {"role": Role.AUDITOR, "name": "Nobody"} | wish
    with pytest.raises(BadClaims) as refused:
        mint(office.settings, **wanted)
    assert "\n" not in str(refused.value)
    assert "pydantic" not in str(refused.value)


def test_an_observer_may_be_a_client_s(office: Office) -> None:
    assert mint(office.settings, Role.OBSERVER, "Guest", "acme")


async def test_an_older_token_restores_no_role(desk: Desk) -> None:
    key = issuer(desk.office)
    early = datetime.now(UTC) - timedelta(hours=2)

    async def seen(authenticator: Authenticator, *roles: Role, since: datetime) -> None:
        token = key.sign(desk.tenant, "Grace", roles, None, since, timedelta(days=1))
        await authenticator.caller(f"Bearer {token}", datetime.now(UTC))

    async def sitting() -> int:
        return len((await desk.office.ledger.facts(Scope(desk.tenant), Wants(committee=True))).committee)

    here, there = (Authenticator(desk.office.ledger.database, key) for _ in range(2))
    await seen(here, Role.COMMITTEE_MEMBER, since=early)
    assert await sitting() == 1
    await seen(here, Role.OBSERVER, since=early + timedelta(hours=1))
    assert await sitting() == 0
    for process in (here, there):
        await seen(process, Role.COMMITTEE_MEMBER, since=early)
        assert await sitting() == 0
    await seen(there, Role.OBSERVER, Role.COMMITTEE_MEMBER, since=early + timedelta(hours=1.5))
    await seen(here, Role.OBSERVER, since=early + timedelta(hours=1.2))
    assert await sitting() == 1


async def test_a_process_remembers_so_many_people_and_no_more(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "MOST_KNOWN", 3)
    key: Issuer = issuer(desk.office)
    authenticator = Authenticator(desk.office.ledger.database, key)
    for number in range(6):
        token = key.sign(desk.tenant, f"P{number}", (Role.OBSERVER,), None, datetime.now(UTC), timedelta(days=1))
        await authenticator.caller(f"Bearer {token}", datetime.now(UTC))
    assert len(authenticator._known) == 3
