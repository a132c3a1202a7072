"""The lives that clients lead cases through, each from the report to where its client leaves it."""

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.chaos.clients import Desk, Refused
from tests.chaos.journal import Journal
from tests.chaos.site import today

THINKING = 0.12
"""Mean seconds between the answer to one command and the next."""

REVIEW_PATIENCE = 90.0
"""Seconds in which the clock has to call the committee, faults and all."""


@dataclass(slots=True)
class Life:
    """One case in the hands of its people. `choices` are what its committee may decide."""

    desk: Desk
    journal: Journal
    rng: random.Random
    choices: Sequence[str]
    stream: str = ""
    decisions: dict[str, str] = field(default_factory=dict)

    async def report(self, grade: str | None) -> None:
        """A finding comes in: graded and so issued at once, or into triage."""
        finding: dict[str, Any] = {
            "source": {"system": "chaos", "external_id": str(uuid4())},
            "client": "acme",
            "requirements": [{"standard": "ISO/IEC 27001", "edition": "2022", "clause": "A.5.18"}],
            "title": "Access rights are not reviewed",
            "statement": "Access rights of leavers were not removed.",
            "objective_evidence": "Three of ten sampled leavers still had accounts.",
        }
        source = "intake" if grade is None else "scanner"
        token = self.desk.token(source)
        self.stream = f"nonconformity/{await self.desk.report(token, finding | ({'grade': grade} if grade else {}))}"

    async def give(self, role: str, command: str, n: int = 0, **body: Any) -> None:
        """A command on the case, after some thought."""
        await asyncio.sleep(self.rng.expovariate(1 / THINKING))
        await self.desk.give(self.stream, command, self.desk.token(role, n), **body)

    async def sign(self, role: str, command: str, n: int = 0, **body: Any) -> None:
        """A signed command on the case, after some thought."""
        await asyncio.sleep(self.rng.expovariate(1 / THINKING))
        await self.desk.sign(self.stream, command, self.desk.token(role, n), **body)

    async def case(self) -> dict[str, Any]:
        """The case as the scheme manager sees it."""
        name = self.stream.partition("/")[2]
        return await self.desk.get(f"/v1/nonconformities/{name}", self.desk.token("scheme_manager"))

    async def begin(self, grade: str) -> None:
        """An issued case."""
        if self.rng.random() < 0.5:
            await self.report(grade)
        else:
            await self.report(None)
            await self.give("auditor", "issue", grade=grade)

    async def plan(self) -> None:
        """Correction, cause, action, and the approver's signature."""
        await self.give("client_owner", "record-correction", text="The access was removed.", done_on=today())
        await self.give(
            "client_owner",
            "record-cause",
            method="five_whys",
            steps=["HR tells IT by mail, when somebody thinks of it."],
            causes=[{"key": "mail", "text": "Leavers reach IT by chance."}],
            extent={"looked_at": ["all leavers of the year"], "found": ["four more accounts, removed"]},
        )
        await self.give(
            "client_owner",
            "plan-action",
            key="feed",
            text="Feed leavers from the HR system to the directory.",
            causes=["mail"],
            owner="Mara Lindqvist",
            due_on=today(),
        )
        await self.sign("client_approver", "submit-plan")

    async def close(self, grade: str) -> None:
        """From a submitted plan to the close-out."""
        if self.rng.random() < 0.3:
            section = {"section": "extent", "reason": "Say which accounts were looked at."}
            await self.give("reviewer", "return-plan", sections=[section])
            await self.sign("client_approver", "submit-plan")
        await self.sign("reviewer", "accept-plan")
        digest = hashlib.sha256(self.stream.encode()).hexdigest()
        evidence: dict[str, Any] = {"name": "leavers.csv", "media_type": "text/csv", "sha256": digest}
        await self.give("client_owner", "attach-evidence", shows=["feed"], **evidence)
        await self.give("client_owner", "complete-action", key="feed", done_on=today())
        await self.sign("client_approver", "submit-evidence")
        if grade == "major" or self.rng.random() < 0.5:
            await self.sign("reviewer", "verify", statement="Ten leavers sampled, no account left.")
        await self.sign("reviewer", "close", n=1, statement="Effective; closed out.")

    async def review(self) -> str:
        """Waits until the clock has called the committee, which votes and decides; answers what.

        Where the date that they voted for is past before they decide, they vote anew; where the decision arrives so
        late that it is past by then, the committee is called again.
        """
        async with asyncio.timeout(REVIEW_PATIENCE):
            while not (reviews := (await self.case())["review_ids"]) or not await self._opened(reviews[-1]):
                await asyncio.sleep(0.3)
        review = f"committee_review/{reviews[-1]}"
        choice = self.rng.choice(self.choices)
        until = (datetime.now(UTC) + timedelta(seconds=20)).isoformat() if choice == "extend" else None
        try:
            for n in range(3):
                await asyncio.sleep(self.rng.expovariate(1 / THINKING))
                member = self.desk.token("committee_member", n)
                vote = {"choice": choice, "reason": "The date passed.", **({"until": until} if until else {})}
                await self.desk.sign(review, "vote", member, **vote)
            await self.desk.sign(review, "decide", self.desk.token("committee_member"), reason="Unanimous.")
        except Refused as refused:
            if choice != "extend" or refused.code not in ("until_past", "not_signable"):
                raise
            return await self.review()
        self.decisions[reviews[-1]] = choice
        async with asyncio.timeout(REVIEW_PATIENCE):
            while (case := await self.case())["escalation"]["state"] != "decided":
                if case["review_ids"][-1] != reviews[-1]:
                    break
                await asyncio.sleep(0.2)
            else:
                return choice
        return await self.review()

    async def _opened(self, review: str) -> bool:
        try:
            await self.desk.get(f"/v1/committee-reviews/{review}", self.desk.token("scheme_manager"))
        except Refused as refused:
            if refused.code == "not_found":
                return False
            raise
        return True

    def leave(self, status: str, *, lapsed: bool = False) -> None:
        """The client is done with it."""
        self.journal.note("left", stream=self.stream, status=status, decisions=self.decisions, lapsed=lapsed)


async def closed(life: Life) -> None:
    """Carried to its close-out, in time or not."""
    grade = life.rng.choice(["major", "minor"])
    await life.begin(grade)
    await life.plan()
    await life.close(grade)
    life.leave("closed")


async def noted(life: Life) -> None:
    """An opportunity for improvement: acknowledged, talked about, closed."""
    await life.begin("ofi")
    await life.give("client_owner", "acknowledge")
    await life.give("auditor", "comment", text="Worth doing.")
    await life.sign("reviewer", "close", statement="Noted.")
    life.leave("closed")


async def withdrawn(life: Life) -> None:
    """Issued by mistake: two persons withdraw it."""
    await life.begin("major")
    await life.give("auditor", "propose-withdrawal", reason="Another organisation's.")
    await life.give("reviewer", "confirm-withdrawal", reason="Another organisation's.")
    life.leave("withdrawn")


async def dismissed(life: Life) -> None:
    """No nonconformity, said in triage."""
    await life.report(None)
    await life.give("auditor", "dismiss", reason="A test account.")
    life.leave("dismissed")


async def planned(life: Life) -> None:
    """Left with the certification body, which never answers."""
    await life.begin("minor")
    await life.plan()
    life.leave("plan_submitted")


async def lapsed(life: Life) -> None:
    """Nobody answers: every date passes, the clock calls the committee, which decides; some are closed then."""
    await life.begin("major")
    choice = await life.review()
    if choice == "dismiss":
        life.leave("dismissed", lapsed=True)
    elif life.rng.random() < 0.5:
        await life.plan()
        await life.close("major")
        life.leave("closed", lapsed=True)
    else:
        life.leave("open", lapsed=True)


LIVES: dict[Callable[[Life], Awaitable[None]], int] = {
    closed: 40,
    lapsed: 30,
    withdrawn: 10,
    noted: 8,
    planned: 7,
    dismissed: 5,
}
"""Each with its weight."""


async def walk(desk: Desk, journal: Journal, rng: random.Random, choices: Sequence[str], stop: asyncio.Event) -> None:
    """Leads one case after another until told to stop; the last one to its end. What goes wrong is journalled."""
    while not stop.is_set():
        [live] = rng.choices(list(LIVES), list(LIVES.values()))
        life = Life(desk, journal, rng, choices)
        try:
            await live(life)
        except (Refused, TimeoutError) as error:
            journal.note("broken", life=f"{live.__name__} {life.stream}", why=f"{type(error).__name__} {error}")
