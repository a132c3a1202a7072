"""The triage queue: many findings issued or dismissed at once, each by its own command and with its own answer."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response
from uuid_utils.compat import uuid7

from services.api import commands, streams
from services.api.context import Api, TheApi, now, request_id
from services.auth import Caller
from services.console.case.page import KIND
from services.console.frame.catalogue import gettext
from services.console.frame.paged import Paged
from services.console.frame.rendering import page
from services.console.frame.words import humanised
from services.console.lists.inbox import PAGE
from services.problems import Problem
from services.ready import CONSOLE
from services.signin.viewer import TheActor
from workflows.decider import Command
from workflows.nonconformity.case import Case

router = APIRouter(prefix=f"{CONSOLE}/triage", route_class=Paged, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one finding: its number once issued, or the rule that stood against it."""

    id: str
    title: str
    number: str | None
    refusal: str | None


@router.post("")
async def decide(request: Request, api: TheApi, viewer: TheActor) -> Response:
    """Issues or dismisses what was picked, and tells what became of each."""
    sent = await request.form()
    picked = [one for one in sent.getlist("pick") if isinstance(one, str)][:PAGE]
    act, reason = str(sent.get("act", "")), str(sent.get("reason", "")).strip()
    if act == "dismiss":
        told = {"reason": reason}
    elif act in ("major", "minor", "ofi"):
        told = {"grade": act} | ({"reason": reason} if reason else {})
    else:
        raise Problem(422, "shape", gettext("Say whether to issue or to dismiss."))
    name = "dismiss" if act == "dismiss" else "issue"
    outcomes = [await _one(request, api, viewer.caller, one, name, told) for one in picked]
    return page(request, "triage_done.html", viewer, outcomes=outcomes, command=name, act=act)


async def _one(request: Request, api: Api, caller: Caller, picked: str, name: str, body: dict[str, str]) -> Outcome:
    """One finding, as it was when it was picked: `id@seq`."""
    case, _, seq = picked.partition("@")
    stream = await streams.visible(api, caller, KIND, case)
    title = stream.state.finding.title if isinstance(stream.state, Case) and stream.state.finding else case
    command = Command(
        id=str(uuid7()),
        name=name,
        body=body,
        actor=caller.actor,
        received_at=now(),
        if_match=int(seq) if seq.isdecimal() and len(seq) < 10 else None,
        correlation_id=request_id(request),
    )
    try:
        with commands.told(api, KIND, name):
            await commands.give(api, caller, stream, command)
    except Problem as problem:
        said = "; ".join(f"{humanised(one.pointer.strip('/'))}: {one.detail}" for one in problem.errors)
        return Outcome(case, title, None, said or problem.detail)
    after = await streams.visible(api, caller, KIND, case)
    return Outcome(case, title, after.state.number if isinstance(after.state, Case) else None, None)
