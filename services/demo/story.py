"""What happens in the demonstration: an import, a case carried to its close-out, a case that runs over."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from services.demo.cast import Cast

CAUSE: Mapping[str, Any] = {
    "method": "five_whys",
    "steps": ["Why was it open? It was created by hand.", "Why by hand? The template did not cover it."],
    "causes": [{"key": "template", "text": "The baseline template leaves this setting out.", "category": "method"}],
}
EVIDENCE = b"user;role;reviewed_on;decision\nsvc-deploy;admin;2026-11-02;removed\n"


@dataclass(frozen=True, slots=True)
class Import:
    """The receipts of importing the same document twice."""

    first: dict[str, Any]
    second: dict[str, Any]


async def import_findings(cast: Cast, document: bytes) -> Import:
    """Posts the scanner's document, and posts it again as scanners do."""
    scanner = cast.one("integration")
    path = "/v1/findings?format=asff&client=acme"
    return Import(await scanner.upload(path, document), await scanner.upload(path, document))


async def issue_failing(cast: Cast, receipt: dict[str, Any]) -> list[str]:
    """An auditor issues what the scanner reported: the first two as majors, the rest as minors. Answers their ids."""
    auditor = cast.one("auditor")
    ids = list(dict.fromkeys(item["id"] for item in receipt["items"] if item["result"] == "created"))
    for n, case in enumerate(ids):
        if item_status(receipt, case) == "reported":
            await auditor.act(f"nonconformities/{case}", "issue", grade="major" if n < 2 else "minor")
    return ids


def item_status(receipt: dict[str, Any], case: str) -> str | None:
    """The status of a case as its receipt says."""
    return next((item["status"] for item in receipt["items"] if item["id"] == case), None)


async def carry_to_close(cast: Cast, case: str) -> None:
    """The auditor issued it; owner, approver, internal auditor and two reviewers carry it to its close-out."""
    thing = f"nonconformities/{case}"
    owner, approver, internal = cast.one("client_owner"), cast.one("client_approver"), cast.one("internal_auditor")
    reviewer, closer = cast.one("reviewer"), cast.one("reviewer", 1)
    today = datetime.now(UTC).date()

    await owner.act(thing, "record-correction", text="The access was blocked at once.", done_on=today.isoformat())
    await owner.act(
        thing,
        "record-cause",
        **CAUSE,
        extent={"looked_at": ["all accounts"], "found": ["one more account, corrected"]},
    )
    await owner.act(
        thing,
        "plan-action",
        key="baseline",
        text="Add the setting to the baseline and have it enforced.",
        causes=["template"],
        owner=owner.id,
        due_on=(today + timedelta(days=10)).isoformat(),
    )
    await owner.act(thing, "propose-plan", note="Ready for signature.")
    await approver.sign(thing, "submit-plan")
    await reviewer.act(
        thing, "return-plan", sections=[{"section": "extent", "reason": "Say which accounts were looked at."}]
    )
    await owner.act(
        thing,
        "record-cause",
        **CAUSE,
        extent={"looked_at": ["production", "staging", "sandbox"], "found": ["sandbox, corrected"]},
    )
    await approver.sign(thing, "submit-plan")
    await reviewer.sign(thing, "accept-plan", note="Cause and action fit.")
    await owner.act(
        thing,
        "attach-evidence",
        shows=["baseline"],
        name="access-review.csv",
        sha256=hashlib.sha256(EVIDENCE).hexdigest(),
        media_type="text/csv",
        size=len(EVIDENCE),
        produced_on=today.isoformat(),
    )
    await owner.act(thing, "complete-action", key="baseline", done_on=today.isoformat())
    await internal.sign(thing, "confirm-effectiveness", statement="Sampled three accounts: the baseline holds.")
    await approver.sign(thing, "submit-evidence")
    await reviewer.sign(thing, "verify", statement="Re-ran the check on a sample; it passes.")
    await closer.sign(thing, "close", statement="Correction and corrective action are effective.")


async def let_committee_decide(cast: Cast, case: str, patience: timedelta = timedelta(seconds=60)) -> str:
    """Nobody answers: the clock calls the committee, whose members vote and decide. Answers the review's id."""
    members = cast.all("committee_member")
    review = await _until(cast, case, "review_ids", patience)
    thing = f"committee-reviews/{review}"
    for member in members:
        await member.sign(thing, "vote", choice="suspend", reason="Ninety days passed without a plan.")
    await members[0].sign(thing, "decide", reason="Unanimous: no plan, no evidence, no answer.")
    return review


async def _until(cast: Cast, case: str, field: str, patience: timedelta) -> str:
    manager = cast.one("scheme_manager")
    async with asyncio.timeout(patience.total_seconds()):
        while True:
            found: list[str] = (await manager.get(f"/v1/nonconformities/{case}"))[field]
            if found and await _exists(cast, found[-1]):
                return found[-1]
            await asyncio.sleep(0.1)


async def _exists(cast: Cast, review: str) -> bool:
    reviews = (await cast.one("scheme_manager").get("/v1/committee-reviews"))["items"]
    return any(item["id"] == review for item in reviews)
