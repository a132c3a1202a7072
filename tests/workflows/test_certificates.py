"""Certificates on the time-skipping server: suspensions and terms end by the engine's timer; a merge moves them."""

from datetime import timedelta
from typing import Any

from tests.workflows.conftest import AUDITOR, COMMITTEE, MANAGER, Town

CERTIFICATE = "certificate/C-1"
MEMBER = COMMITTEE[0]


async def audited(town: Town, key: str, stage: str) -> None:
    """An audit that was held today, and recommends certification."""
    stream, today = f"audit/{key}", (await town.now()).date().isoformat()
    team = [{"person": "Auditor", "role": "lead"}]
    body: dict[str, Any] = {"key": key, "client": "acme", "stage": stage, "standards": ["ISO 27001"], "team": team}
    if stage == "stage2":
        body["stage1_waived"] = "Both stages as one"
    await town.does(stream, MANAGER, "plan", **body, starts_on=today, ends_on=today)
    await town.does(stream, AUDITOR, "start")
    await town.does(stream, AUDITOR, "end", on=today)
    await town.signs(stream, AUDITOR, "conclude", recommendation="recommended", reasons="All is well")


async def begun(town: Town, days: int) -> None:
    """A certificate that holds for so many days."""
    await audited(town, "S-1", "stage2")
    today = (await town.now()).date()
    body: dict[str, Any] = {"key": "C-1", "client": "acme", "standards": ["ISO/IEC 27001"], "scope": "Hosting"}
    await town.does(CERTIFICATE, MANAGER, "apply", **body)
    dates = {"issued_on": today.isoformat(), "expires_on": (today + timedelta(days=days)).isoformat()}
    await town.signs(CERTIFICATE, MEMBER, "grant", **dates, reason="Recommended")


async def test_a_suspension_that_lasts_six_months_ends_in_withdrawal(town: Town) -> None:
    await begun(town, 1095)
    await town.signs(CERTIFICATE, MEMBER, "suspend", reason="No access to the site")
    start = await town.now()
    await town.env.sleep(timedelta(days=175))
    assert (await town.types(CERTIFICATE))[-1] == "suspended"
    await town.env.sleep(timedelta(days=15))
    withdrawn = (await town.history(CERTIFICATE))[-1]
    assert (withdrawn.type, withdrawn.actor) == ("certificate.withdrawn", "clock")
    assert timedelta(days=180) <= withdrawn.at - start <= timedelta(days=185)


async def test_a_term_is_announced_to_end_and_ends(town: Town) -> None:
    await begun(town, 40)
    await town.env.sleep(timedelta(days=45))
    assert await town.types(CERTIFICATE) == ["applied", "granted", "expiry_announced", "expired"]
    await audited(town, "A-1", "recertification")
    expires_on = ((await town.now()).date() + timedelta(days=40)).isoformat()
    await town.signs(CERTIFICATE, MEMBER, "restore", reason="Recertified", expires_on=expires_on)


async def test_a_merge_is_carried_out_by_the_engine(town: Town) -> None:
    await begun(town, 40)
    await town.does("client/globex", MANAGER, "register", key="globex", name="Globex")
    await town.does("client/acme", MANAGER, "merge", into="globex", reason="Registered twice")
    await town.env.sleep(timedelta(hours=1))
    assert (await town.types("client/globex")) == ["registered", "absorbed"]
    assert (await town.types(CERTIFICATE))[-1] == "client_changed"
    await town.env.sleep(timedelta(days=45))
    assert (await town.types(CERTIFICATE))[-1] == "expired"
