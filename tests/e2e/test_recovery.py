"""What is lost and found again: the engine's file, the processes, the connection of a client that repeats itself."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

from services.demo.cast import Cast
from tests.e2e.conftest import Site, events_of, finding, policies

CASES = 20


async def _issue(cast: Cast, n: int, grade: str) -> str:
    """A case issued at once by the key that may state grades."""
    receipt = await cast.one("integration").api.report(finding(n, grade=grade))
    assert receipt.status == "open" and receipt.id, receipt
    return receipt.id


async def test_every_wakeup_and_reaction_survives_the_loss_of_the_engine(tmp_path: Path) -> None:
    # Half the cases fall due while everything is down, the others after it is up again.
    soon = policies(tmp_path / "policies", plan="PT4S", evidence="PT5S", closure="PT6S")
    site = Site(tmp_path / "data", soon, {"CLOSEOUT_SWEEP_EVERY": "PT1S", "CLOSEOUT_SWEEP_GRACE": "PT1S"})
    async with site.running() as (up, cast):
        early = [await _issue(cast, n, "major") for n in range(CASES // 2)]
        policies(tmp_path / "policies", plan="PT12S", evidence="PT13S", closure="PT14S")
        await up.stop()
    # A policy holds for what is issued from now on: the cases so far keep theirs.
    async with site.running() as (up, cast):
        late = [await _issue(cast, n, "major") for n in range(CASES // 2, CASES)]
        await up.kill()
    lost = list((tmp_path / "data").rglob("temporal*.db*")) + list((tmp_path / "data").rglob("*.sqlite*"))
    assert lost, "the engine keeps its file under another name"
    for file in lost:
        file.unlink()
    await asyncio.sleep(3)

    async with site.running() as (_, cast):
        manager = cast.one("scheme_manager")
        for case in (*early, *late):
            await _until_reviewed(cast, case)
        for case in (*early, *late):
            events = await events_of(manager.http, case)
            clock = Counter((e["type"], e["data"].get("deadline"), e["data"].get("offset")) for e in events)
            dates = ("plan", "evidence", "closure")
            for date in dates:
                assert clock[("nonconformity.deadline_missed", date, None)] == 1, clock
                assert clock[("nonconformity.deadline_reminded", date, "-PT1S")] == 1, clock
            assert clock[("nonconformity.escalated", None, None)] == 1, clock
        reviews = await _all(cast, "/v1/committee-reviews")
        assert sorted(review["case_id"] for review in reviews) == sorted((*early, *late))


async def _until_reviewed(cast: Cast, case: str) -> None:
    manager = cast.one("scheme_manager")
    async with asyncio.timeout(60):
        while True:
            found = await manager.api.nonconformity(case)
            if found.review_ids:
                response = await manager.http.get(f"/v1/committee-reviews/{found.review_ids[0]}")
                if response.is_success:
                    return
            await asyncio.sleep(0.2)


async def _all(cast: Cast, path: str) -> list[dict[str, Any]]:
    return [item async for item in cast.one("scheme_manager").api.pages(path)]


async def test_a_repeat_is_answered_the_same_after_kill_and_close(tmp_path: Path) -> None:
    site = Site(tmp_path / "data", policies(tmp_path / "policies"))
    said: list[tuple[str, str, dict[str, Any], bytes]] = []

    async def ask(cast: Cast, case: str, command: str, body: dict[str, Any], key: str, role: str = "auditor") -> bytes:
        response = await cast.one(role).http.post(
            f"/v1/nonconformities/{case}/{command}", json=body, headers={"Idempotency-Key": key}
        )
        assert response.is_success, response.text
        return response.content

    async with site.running() as (up, cast):
        case = await _issue(cast, 1, "ofi")
        for n in range(3):
            body = {"text": f"Remark {n}."}
            said.append((f"key-{n}", "comment", body, await ask(cast, case, "comment", body, f"key-{n}")))
        await up.kill()
    async with site.running() as (up, cast):
        for key, command, body, first in said:
            assert await ask(cast, case, command, body, key) == first
        await cast.one("reviewer").sign(case, "close", statement="Noted.")
        for key, command, body, first in said:
            assert await ask(cast, case, command, body, key) == first
        other = await cast.one("auditor").http.post(
            f"/v1/nonconformities/{case}/comment", json={"text": "Else."}, headers={"Idempotency-Key": "key-0"}
        )
        assert (other.status_code, other.json()["code"]) == (422, "key_reused")
        assert len(await events_of(cast.one("auditor").http, case)) == 6  # reported, issued, three remarks, closed
