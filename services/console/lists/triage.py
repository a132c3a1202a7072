"""The triage queue: many findings issued or dismissed at once, each by its own command and with its own answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from fastapi import APIRouter, Request
from starlette.responses import Response
from uuid_utils.compat import uuid7

from activities.reads import desk
from services.api import commands, streams
from services.api.context import Api, TheApi, now, request_id
from services.auth import Caller
from services.console.case.page import KIND
from services.console.forms.fields import Advice, Asking, Field, fields, schema_of
from services.console.forms.sent import anew, key_of, seq
from services.console.frame.catalogue import gettext
from services.console.frame.navigation import HOME
from services.console.frame.paged import Paged
from services.console.frame.rendering import page
from services.console.frame.words import humanised
from services.console.lists.items import LAW, PAGE
from services.console.things import clients
from services.problems import Fault, Problem, UnknownThing
from services.ready import CONSOLE
from services.signin.viewer import Sender, TheSender
from workflows.decider import Command
from workflows.nonconformity.case import Case
from workflows.nonconformity.commands import Issue
from workflows.nonconformity.refusals import FindingIncomplete
from workflows.sentences import Fact, Parts, Sentence

router = APIRouter(prefix=f"{CONSOLE}/triage", route_class=Paged, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one finding: its number once issued, or the rule that stood against it.

    It `lacks` something where somebody can complete it before it is issued.
    """

    id: str
    title: str
    number: str | None
    refusal: str | None
    lacks: bool = False


GRADES = ("major", "minor", "ofi")
"""What a finding is issued as."""

DISMISS = "dismiss"


def note(text: str, fault: str = "") -> Field:
    """The field for the reason that stands with all that is picked."""
    advice = {"reason": Advice(needed=gettext("needed to dismiss"))}
    faults = {"/reason": fault} if fault else {}
    asked = fields(Asking(schema_of(Issue), {"reason": [text]}, faults=faults, advice=advice))
    return next(one for one in asked if one.name == "reason")


@router.post("")
async def decide(request: Request, api: TheApi, sender: TheSender) -> Response:
    """Issues or dismisses what was picked, and tells what became of each; or shows it again, and says why.

    Several are shown together once more before anything is recorded.
    """
    sent = sender.form
    act, reason, picked = sent.get("act", ""), sent.get("reason", "").strip(), sent.getlist("pick")[:PAGE]
    if not sender.is_own:
        return await _again(request, api, sender, anew(sender.looks, sender.form))
    if act not in (*GRADES, DISMISS):
        return await _again(request, api, sender, Problem(422, "shape", gettext("Say whether to issue or to dismiss.")))
    if act == DISMISS and picked and not reason:
        unsaid = gettext("Say why they are dismissed.")
        return await _again(request, api, sender, Problem(422, "shape", unsaid, (Fault("/reason", unsaid),)))
    if len(picked) > 1 and sent.get("_confirmed") != act:
        return await _again(request, api, sender)
    told = {"reason": reason} if reason else {}
    told |= {} if act == DISMISS else {"grade": act}
    name = DISMISS if act == DISMISS else "issue"
    viewer, key = sender.viewer, key_of(sent) or str(uuid7())
    outcomes = [await _one(request, api, viewer.caller, one, name, told, key) for one in picked]
    return page(request, "triage_done.html", viewer, outcomes=outcomes, command=name, act=act, reason=reason)


async def _again(request: Request, api: Api, sender: Sender, problem: Problem | None = None) -> Response:
    """What was picked, each at the event at which it was, with the reason as it was typed, to be gone on with."""
    sent = sender.form
    picked = {one.partition("@")[0]: one for one in sent.getlist("pick")[:PAGE]}
    known = [one for one in picked if one.isascii() and one.isprintable()]
    stood = await desk.cases(api.database, sender.looks.caller.scope, known, LAW)
    cases = [(picked[one], one, case) for one in known if one in stood and isinstance(case := stood[one].state, Case)]
    faults = {fault.pointer: fault.detail for fault in problem.errors} if problem else {}
    return page(
        request,
        "triage_again.html",
        sender.looks,
        status=problem.status if problem else 200,
        place=HOME,
        items=cases,
        clients=await clients.named(api, sender.looks.caller, [case.client for _, _, case in cases]),
        reason=note(sent.get("reason", "").strip(), faults.get("/reason", "")),
        refusal=problem.detail if problem else "",
        confirmed=sent["act"] if problem is None or faults else "",
        key=key_of(sent) or str(uuid7()),
    )


async def _one(
    request: Request, api: Api, caller: Caller, picked: str, name: str, body: dict[str, str], key: str
) -> Outcome:
    """One finding, as it was when it was picked: `id@seq`. A form that is sent twice gives each command once."""
    case, _, at = picked.partition("@")
    try:
        stream = await streams.visible(api, caller, KIND, case)
    except UnknownThing as unknown:
        return Outcome(case, case, None, str(unknown))
    title = stream.state.finding.title if isinstance(stream.state, Case) and stream.state.finding else case
    command = Command(
        id=str(uuid5(NAMESPACE_URL, f"{key}#{case}")),
        name=name,
        body=body,
        actor=caller.actor,
        received_at=now(),
        if_match=seq(at),
        correlation_id=request_id(request),
    )
    try:
        with commands.told(api, KIND, name):
            await commands.give(api, caller, await streams.met(api, caller, KIND, case, command), command)
    except Problem as problem:
        if problem.code == FindingIncomplete.code:
            return Outcome(case, title, None, problem.detail, lacks=True)
        return Outcome(case, title, None, _said(problem.errors) or problem.detail)
    after = await streams.visible(api, caller, KIND, case)
    return Outcome(case, title, after.state.number if isinstance(after.state, Case) else None, None)


def _said(faults: Sequence[Fault]) -> Fact:
    says = "{field}: {problem}"
    each = tuple(Sentence(says, field=humanised(one.pointer.strip("/")), problem=one.detail) for one in faults)
    return Fact("; ".join(each), Parts(each, "; "))
