"""Accepting several minors at once: picked, confirmed with exactly what is signed of each, and each a command.

The confirmation binds each case to the event and the digest that it shows: what moved since is refused by the rule
that refuses it anywhere else. Authentication is asked for once, before anything is recorded.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import Response

from activities.ledger.protocol import Unavailable
from activities.reads import nonconformities as reads
from services.api import commands, streams
from services.api.context import Api, TheApi, now, request_id
from services.api.lists import Word
from services.auth import Caller
from services.console.acceptance.minors import MOST, STATUS, Minor, Of, open_now, picks, row_of, standing
from services.console.case.page import KIND
from services.console.forms.faults import above
from services.console.forms.sent import anew
from services.console.frame.asked import understood
from services.console.frame.catalogue import gettext
from services.console.frame.freshness import stale
from services.console.frame.navigation import HOME
from services.console.frame.paged import Paged
from services.console.frame.rendering import page
from services.console.things import clients
from services.problems import Problem
from services.ready import CONSOLE
from services.signin.viewer import TheSender, TheViewer, Viewer
from workflows.decider import Command
from workflows.people import Frozen

WORDS: Mapping[Of, str] = {"plan": "note", "evidence": "statement"}
"""The field of each command that says the same of all."""

ANEW = frozenset({"authenticate_afresh", "shape"})
"""Refusals for which the form is shown again while nothing is recorded: of who signs, and of what they wrote."""

STALE = 412

router = APIRouter(prefix=f"{CONSOLE}/acceptance", route_class=Paged, include_in_schema=False)


class Asked(Frozen):
    """What an address says: whether plans or evidence are to be accepted, and after which case a page begins."""

    of: Of = "plan"
    after: Word | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case, and the rule's own words where it was not accepted."""

    minor: Minor
    became: Literal["accepted", "refused", "changed", "unanswered"]
    said: str = ""


@router.get("")
async def choose(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The minors that the reader could accept now, some to be picked."""
    asked, _ = understood(Asked, request)
    caller = viewer.caller
    wanted = reads.Wanted(status=(STATUS[asked.of],), grade=("minor",), asks="certification_body")
    found = await reads.listed(api.database, caller.scope, wanted, now(), asked.after, MOST)
    minors = await open_now(api, caller, asked.of, [row["id"] for row in json.loads(found.items)])
    return page(
        request,
        "acceptance.html",
        viewer,
        place=HOME,
        asked=asked,
        minors=minors,
        clients=await clients.named(api, caller, [minor.case.client for minor in minors]),
        following=found.last,
    )


@router.get("/confirm")
async def confirm(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """What would be signed, case by case; what moved since it was picked is named, and not among them."""
    asked, _ = understood(Asked, request)
    minors = await standing(api, viewer.caller, asked.of, picks(request.query_params.getlist("pick")))
    return await _confirmation(request, api, viewer, asked.of, minors)


@router.post("")
async def accept(request: Request, api: TheApi, sender: TheSender) -> Response:
    """Has each acceptance recorded, and tells what became of each; of an earlier session's form, asks anew."""
    sent = sender.form
    of: Of = "evidence" if sent.get("of") == "evidence" else "plan"
    words = sent.get(WORDS[of], "").strip()
    minors = await standing(api, sender.looks.caller, of, picks(sent.getlist("sign")))
    if not sender.is_own:
        return await _confirmation(request, api, sender.looks, of, minors, words, anew(sender.looks, sent))
    viewer = sender.viewer
    outcomes: list[Outcome] = []
    for minor in minors:
        try:
            outcomes.append(await _one(request, api, viewer.caller, of, minor, words))
        except Problem as problem:
            if problem.code in ANEW and all(one.became != "accepted" for one in outcomes):
                return await _confirmation(request, api, viewer, of, minors, words, problem)
            became: Literal["changed", "refused"] = "changed" if problem.status == STALE else "refused"
            outcomes.append(Outcome(minor, became, problem.detail))
    return page(request, "acceptance_done.html", viewer, place=HOME, of=of, outcomes=outcomes, words=words)


async def _one(request: Request, api: Api, caller: Caller, of: Of, minor: Minor, words: str) -> Outcome:
    """One case, as it was when it was confirmed. Raises Problem for what the rules refuse."""
    if not minor.is_one:
        return Outcome(minor, "refused", minor.why_not)
    row, pick = row_of(of), minor.pick
    signature = {"content_sha256": pick.sha256, "meaning": row.meaning}
    command = Command(
        id=pick.key,
        name=row.command,
        body={**({WORDS[of]: words} if words else {}), "signature": signature},
        actor=caller.actor,
        received_at=now(),
        if_match=pick.seq,
        correlation_id=request_id(request),
    )
    try:
        with commands.told(api, KIND, row.command):
            await commands.give(api, caller, await streams.met(api, caller, KIND, pick.id, command), command)
    except Unavailable:
        said = gettext("The record cannot be reached now. Send the same form again: nothing is accepted twice.")
        return Outcome(minor, "unanswered", said)
    return Outcome(minor, "accepted")


async def _confirmation(
    request: Request,
    api: Api,
    viewer: Viewer,
    of: Of,
    minors: Sequence[Minor],
    words: str = "",
    problem: Problem | None = None,
) -> Response:
    return page(
        request,
        "acceptance_confirm.html",
        viewer,
        status=problem.status if problem else 200,
        place=HOME,
        of=of,
        row=row_of(of),
        minors=[minor for minor in minors if not minor.why_not],
        left=[minor for minor in minors if minor.why_not],
        clients=await clients.named(api, viewer.caller, [minor.case.client for minor in minors]),
        words=words,
        field=WORDS[of],
        refusal=above(problem) if problem else "",
        fault=next((one.detail for one in problem.errors if one.pointer == f"/{WORDS[of]}"), "") if problem else "",
        stale=stale(request, viewer, HOME),
    )
