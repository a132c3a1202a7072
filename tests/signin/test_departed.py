"""Somebody who is noted as having left: the issuer signs them in, and they come no further until it is taken back."""

from activities.directory import departures
from tests.api.conftest import Office
from tests.signin.conftest import Browser, House
from tests.signin.hostile import Hostile


async def test_who_left_is_told_so_and_not_signed_in(
    visitor: Browser, relying: House, issuer: Hostile, office: Office
) -> None:
    issuer.said = {"sub": "u-leaving"}
    database, tenant = office.ledger.database, relying.settings.tenant
    await visitor.go("/console/sign-in?next=/console/probe")
    assert (await visitor.who())["id"] == "u-leaving"
    assert await departures.begin(database, tenant, "u-leaving", "m-1", "Elsewhere.")
    assert await visitor.who() == {}
    answer = await visitor.go("/console/sign-in?next=/console/probe")
    assert answer.status_code == 403
    assert "You are noted as having left" in answer.text and "can take that back" in answer.text
    assert await visitor.who() == {}
    async with relying.browser() as other:
        issuer.said = {"sub": "u-staying"}
        assert (await other.go("/console/sign-in?next=/console/probe")).json()["id"] == "u-staying"
    issuer.said = {"sub": "u-leaving"}
    assert await departures.end(database, tenant, "u-leaving", "m-1")
    assert (await visitor.go("/console/sign-in?next=/console/probe")).json()["id"] == "u-leaving"
