"""Runs the demonstration against the real servers, and says whether everything that it claims was found true."""

import asyncio
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from pathlib import Path

from rich.console import Console

from activities.ledger.protocol import Ledger, Scope
from services.bootstrap import introduce
from services.connections import open_engine, open_ledger
from services.demo.cast import Cast
from services.demo.claims import (
    Claims,
    check_closed,
    check_engine,
    check_import,
    check_ledger,
    check_mail,
    check_ran_over,
    print_timeline,
)
from services.demo.story import carry_to_close, import_findings, issue_failing, let_committee_decide
from services.demo.view import View
from services.embedded.mailbox import mails
from services.mailbox.box import Box
from services.settings import Settings
from services.stack import Stack
from workflows.policy_book import read

POLICIES = Path(__file__).parent / "policies"


async def demonstrate(settings: Settings, document: Path, ready_file: Path | None, console: Console) -> bool:
    """Starts everything in the settings' data folder, tells the story, checks the claims, stops everything."""
    swift = settings.model_copy(update={"policies": POLICIES, "sweep_every": timedelta(seconds=2)})
    stack = Stack(swift, ready_file=ready_file, introduce=introduce)
    async with AsyncExitStack() as exits:
        ready = await exits.enter_async_context(stack)
        running = stack.settings
        console.print(
            f"everything runs: {ready.api}, engine {ready.temporal}, web UI {ready.temporal_ui}\n", markup=False
        )
        ledger = await open_ledger(running)
        exits.push_async_callback(ledger.close)
        engine = await open_engine(running)
        cast = await Cast.of(ready)
        exits.push_async_callback(cast.leave)

        view = exits.enter_context(View(console))
        view.introduce(cast.names())
        watching = asyncio.create_task(_watch(ledger, running.tenant, view))
        try:
            imports = await import_findings(cast, document.read_bytes())
            cases = await issue_failing(cast, imports.receipts)
            closed, over = cases[0], cases[1]
            await carry_to_close(cast, closed)
            review = await let_committee_decide(cast, over)
            heads = await _settled(cast, closed, over, review)
            await asyncio.sleep(0.5)
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
        view.__exit__()

        claims = Claims(console)
        histories = {stream: await ledger.history(Scope(running.tenant), stream) for stream in heads}
        closed_stream, over_stream, review_stream = heads
        names = cast.names()
        for stream, history in histories.items():
            print_timeline(console, stream, history, names)
        console.print()
        policy = read(POLICIES / "default.toml")
        check_import(claims, imports)
        check_closed(claims, histories[closed_stream], {player.id for player in cast.all("integration")})
        check_ran_over(claims, histories[over_stream], policy)
        await check_engine(claims, engine, running.tenant, [closed_stream, review_stream], [over_stream])
        await check_ledger(claims, ledger, running.tenant, heads)
        if ready.mailbox:
            await check_mail(claims, ledger, running.tenant, Box(mails(running.data)))
        return claims.all_hold


async def _watch(ledger: Ledger, tenant: str, view: View) -> None:
    position: str | None = None
    while True:
        for recorded in await ledger.feed(Scope(tenant), position):
            view.show(recorded)
            position = recorded.position
        await asyncio.sleep(0.1)


async def _settled(cast: Cast, closed: str, over: str, review: str) -> dict[str, str]:
    """The heads of the three streams once the committee's decision has reached its case, as the API says them."""
    api = cast.one("scheme_manager").api
    case = await api.nonconformity(over)
    async with asyncio.timeout(30):
        while case.raw["escalation"]["state"] != "decided":
            await asyncio.sleep(0.1)
            case = await api.nonconformity(over)
    return {
        f"nonconformity/{closed}": (await api.nonconformity(closed)).head,
        f"nonconformity/{over}": case.head,
        f"committee_review/{review}": (await api.review(review)).head,
    }
