"""What happens in the demonstration: an import, a case carried to its close-out, a case that runs over."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from services.client import Import, Receipt
from services.demo.cast import Cast, Player

CAUSE: Mapping[str, Any] = {
    "method": "five_whys",
    "steps": ["Why was it open? It was created by hand.", "Why by hand? The template did not cover it."],
    "causes": [{"key": "template", "text": "The baseline template leaves this setting out.", "category": "method"}],
}
EVIDENCE = b"user;role;reviewed_on;decision\nsvc-deploy;admin;2026-11-02;removed\n"


@dataclass(frozen=True, slots=True)
class Imports:
    """Importing the same document twice, and what became of its items the first time."""

    first: Import
    receipts: Sequence[Receipt]
    second: Import


async def import_findings(cast: Cast, document: bytes) -> Imports:
    """Imports the scanner's document, and imports it again as scanners do."""
    scanner = cast.one("integration").api
    first, second = [
        await scanner.imported(await scanner.import_document(document, format="asff", client="acme")) for _ in range(2)
    ]
    return Imports(first, [receipt async for receipt in scanner.receipts(first)], second)


async def issue_failing(cast: Cast, receipts: Sequence[Receipt]) -> list[str]:
    """An auditor issues what the scanner reported: the first two as majors, the rest as minors. Answers their ids."""
    auditor = cast.one("auditor").api
    created = {receipt.id: receipt.status for receipt in receipts if receipt.result == "created" and receipt.id}
    for n, (case, status) in enumerate(created.items()):
        if status == "reported":
            await auditor.command(case, "issue", grade="major" if n < 2 else "minor")
    return list(created)


async def carry_to_close(cast: Cast, case: str) -> None:
    """The auditor issued it; owner, approver, internal auditor and two reviewers carry it to its close-out."""
    owner, approver, internal = cast.one("client_owner"), cast.one("client_approver"), cast.one("internal_auditor")
    reviewer, closer = cast.one("reviewer"), cast.one("reviewer", 1)
    today = datetime.now(UTC).date()

    await owner.api.command(
        case, "record-correction", text="The access was blocked at once.", done_on=today.isoformat()
    )
    await owner.api.command(
        case,
        "record-cause",
        **CAUSE,
        extent={"looked_at": ["all accounts"], "found": ["one more account, corrected"]},
    )
    await owner.api.command(
        case,
        "plan-action",
        key="baseline",
        text="Add the setting to the baseline and have it enforced.",
        causes=["template"],
        owner=owner.id,
        due_on=(today + timedelta(days=10)).isoformat(),
    )
    await owner.api.command(case, "propose-plan", note="Ready for signature.")
    await approver.sign(case, "submit-plan")
    await reviewer.api.command(
        case, "return-plan", sections=[{"section": "extent", "reason": "Say which accounts were looked at."}]
    )
    await owner.api.command(
        case,
        "record-cause",
        **CAUSE,
        extent={"looked_at": ["production", "staging", "sandbox"], "found": ["sandbox, corrected"]},
    )
    await approver.sign(case, "submit-plan")
    await reviewer.sign(case, "accept-plan", note="Cause and action fit.")
    await owner.api.command(
        case,
        "attach-evidence",
        shows=["baseline"],
        name="access-review.csv",
        sha256=hashlib.sha256(EVIDENCE).hexdigest(),
        media_type="text/csv",
        size=len(EVIDENCE),
        produced_on=today.isoformat(),
    )
    await owner.api.command(case, "complete-action", key="baseline", done_on=today.isoformat())
    await internal.sign(case, "confirm-effectiveness", statement="Sampled three accounts: the baseline holds.")
    await approver.sign(case, "submit-evidence")
    await reviewer.sign(case, "verify", statement="Re-ran the check on a sample; it passes.")
    await closer.sign(case, "close", statement="Correction and corrective action are effective.")


async def let_committee_decide(cast: Cast, case: str, patience: timedelta = timedelta(seconds=60)) -> str:
    """Nobody answers: the clock calls the committee, whose members vote and decide. Answers the review's id."""
    members = cast.all("committee_member")
    review = await _convened(cast.one("scheme_manager"), case, patience)
    for member in members:
        seen = await member.api.review(review)
        await member.api.sign(seen, "vote", choice="suspend", reason="Ninety days passed without a plan.")
    seen = await members[0].api.review(review)
    await members[0].api.sign(seen, "decide", reason="Unanimous: no plan, no evidence, no answer.")
    return review


async def _convened(manager: Player, case: str, patience: timedelta) -> str:
    async with asyncio.timeout(patience.total_seconds()):
        while True:
            found = (await manager.api.nonconformity(case)).review_ids
            reviews = [review["id"] async for review in manager.api.pages("/v1/committee-reviews")]
            if found and found[-1] in reviews:
                return found[-1]
            await asyncio.sleep(0.1)
