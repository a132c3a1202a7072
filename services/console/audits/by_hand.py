"""A finding that an auditor writes down by hand: reported as through the API, under a reference of their own."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Request
from pydantic import Field, StringConstraints
from starlette.responses import RedirectResponse, Response
from uuid_utils.compat import uuid7

from activities.ledger.protocol import Unavailable
from services.api import audits, findings, streams
from services.api.admission import admit
from services.api.audits import AuditFilters
from services.api.context import Api, TheApi
from services.api.findings import REPORTERS, Reading
from services.api.lists import MOST
from services.auth import Caller
from services.console.administration.asking import Form
from services.console.audits.beginning import NEW
from services.console.forms.choices import Chosen
from services.console.forms.existing import clients_offered, existing
from services.console.forms.fields import Advice, Options, schema_of
from services.console.forms.sent import anew, away, client_of, key_of, typed_of
from services.console.forms.typed import Typed
from services.console.frame.asked import address
from services.console.frame.catalogue import gettext
from services.console.frame.navigation import HOME, PATHS
from services.console.frame.paged import Paged
from services.console.frame.words import word
from services.problems import Fault, Problem
from services.reporting import MANUAL
from services.signin.viewer import TheSender, TheViewer
from workflows.audit.audit import Audit, Reached
from workflows.findings.model import SYSTEM
from workflows.findings.values import MANY, REQUIREMENTS, TITLE, Name, Text
from workflows.people import Frozen
from workflows.procedure import Key
from workflows.sentences import mark

PATH = f"{NEW}/report"
"""Where the form is."""

OVER: tuple[Reached, ...] = ("concluded", "lapsed", "cancelled")
"""Audits in which nothing is found any more."""

NEEDED = ("requirements", "statement", "objective_evidence")
"""What a finding has to have before it is issued."""

PLACES: Mapping[str, str] = {"source": "reference"}
"""The fields of a finding that are called otherwise here."""

router = APIRouter(prefix=PATH, route_class=Paged, include_in_schema=False)

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TITLE)]


class ByHand(Frozen):
    """A finding as an auditor writes it.

    `requirements` are lines such as `ISO/IEC 27001:2022 A.5.18`, `audit` is the key of the one in which it was found,
    and `reference` the auditor's own word by which it is known again: given twice, it is the same finding.
    """

    client: Key
    audit: Key | None = None
    title: Line
    requirements: Annotated[tuple[Line, ...], Field(max_length=REQUIREMENTS)] = ()
    statement: Text = ""
    objective_evidence: Text = ""
    sites: Annotated[tuple[Name, ...], Field(max_length=MANY)] = ()
    department: Name | None = None
    process: Name | None = None
    reference: Annotated[str, StringConstraints(strip_whitespace=True, max_length=SYSTEM)] | None = None


@router.get("")
async def show(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The form, begun with what the address says."""
    _admit(viewer.caller)
    typed = {name: [text] for name, text in request.query_params.items()}
    form = await _form(api, viewer.caller, typed)
    return form.page(request, viewer, typed)


@router.post("")
async def report(request: Request, api: TheApi, sender: TheSender) -> Response:
    """Has it recorded, and leads to its case; or shows the form again as it was filled in."""
    _admit(sender.looks.caller)
    typed, key = typed_of(sender.form), key_of(sender.form) or str(uuid7())
    form = await _form(api, sender.looks.caller, typed)
    if not sender.is_own:
        return form.page(request, sender.looks, typed, anew(sender.looks, sender.form), key)
    viewer = sender.viewer
    try:
        finding = await _finding(api, viewer.caller, form.read(request, typed), key)
        document, wanted = json.dumps(finding).encode(), Reading(format="json")
        _, [entry] = await findings.recorded(request, api, viewer.caller, document, wanted, key=key)
        if entry.problem is not None:
            raise entry.problem
    except Problem as problem:
        return form.page(request, viewer, typed, _here(problem))
    except Unavailable:
        return form.page(request, viewer, typed, away(), key)
    is_new = entry.result in ("created", "recurred")
    return RedirectResponse(f"{PATHS['nonconformity']}/{entry.id}{'?recorded=1' if is_new else ''}", 303)


def begun_for(caller: Caller, key: str, audit: Audit) -> str | None:
    """The form begun for an audit; None where nothing is found in it any more, or who asks reports nothing."""
    if not caller.holds(*REPORTERS) or audit.status in OVER or audit.outline is None:
        return None
    return address(PATH, {"client": audit.outline.client, "audit": key})


def _admit(caller: Caller) -> None:
    admit(caller, REPORTERS, mark("Reporting belongs to: {roles}."))


async def _form(api: Api, caller: Caller, typed: Typed) -> Form[ByHand]:
    options: Options = {**await clients_offered(api, caller), **await _audits(api, caller)}
    title = word("command", "report")
    lead = gettext("It goes to triage. Issued, it gets its number and its dates, and the client is told.")
    known = await existing(api, caller, schema_of(ByHand), client_of(typed), typed)
    back = f"{HOME}?view=triage"
    advice = {name: Advice(needed=gettext("needed to issue it")) for name in NEEDED}
    return Form(ByHand, title, title, back, lead, options, known, template="begin.html", place=HOME, advice=advice)


async def _audits(api: Api, caller: Caller) -> Options:
    """The audits in which something may be found, those that somebody sees."""
    states = tuple(one for one in get_args(Reached) if one not in OVER)
    found = await audits.listed(api, caller, AuditFilters(status=states, limit=MOST))
    return {"audit": [_called(one) for one in json.loads(found.items)]} if found.last is None else {}


def _called(one: Mapping[str, Any]) -> Chosen:
    stage = word("stage", one["stage"]) if one.get("stage") else ""
    return one["key"], ", ".join(part for part in (f"{one['key']}: {one.get('client', '')}", stage) if part)


async def _finding(api: Api, caller: Caller, said: ByHand, key: str) -> dict[str, Any]:
    """The finding as the API takes it. Raises a problem (422) for an audit that is none of the client's."""
    told = said.model_dump(mode="json", exclude_none=True, exclude={"reference", "audit"})
    told["source"] = {"system": MANUAL, "external_id": said.reference or key}
    if said.audit is not None:
        stream = await streams.visible(api, caller, "audit", said.audit)
        outline = stream.state.outline if isinstance(stream.state, Audit) else None
        if outline is None or outline.client != said.client:
            detail = gettext("It is no audit of this client.")
            raise Problem(422, "audit", detail, (Fault("/audit", detail),))
        told["audit"] = {"ref": said.audit, "stage": outline.stage}
    return told


def _here(problem: Problem) -> Problem:
    """The same problem at the fields of the form."""
    placed = tuple(Fault(_field(one.pointer), one.detail) for one in problem.errors)
    return Problem(problem.status, problem.code, problem.detail, placed, problem.headers, problem.more)


def _field(pointer: str) -> str:
    name = pointer.strip("/").partition("/")[0]
    return f"/{PLACES.get(name, name)}" if name else ""
