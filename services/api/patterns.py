"""Patterns across cases: what failed before, what together is one, what to do first; and the check of a text."""

from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from activities.reads.living import living
from services.api import bodies, lists, streams
from services.api.answers import Json
from services.api.context import TheApi, TheCaller, now
from services.api.direct import Direct
from services.api.openapi import answers, body, parameters
from services.problems import Problem
from workflows.audit.audit import Audit
from workflows.entries import MOST_CASES, CaseEntry, CaseQuery
from workflows.findings import Finding, missing_for_issue
from workflows.nonconformity.case import Case
from workflows.nonconformity.entry import case_entry
from workflows.nonconformity.wording import marks
from workflows.patterns import priorities, proposals, repeats
from workflows.people import CB_SIDE, Frozen, Role
from workflows.policy import Case as Chosen
from workflows.policy import Patterns
from workflows.sentences import Sentence

router = APIRouter(prefix="/v1", tags=["patterns"], route_class=Direct)

LINEAGE = {
    "type": "object",
    "required": ["repeats", "repeated_by", "recurrence_of", "recurrences", "aggregates", "superseded_by"],
    "properties": {
        "repeats": {"type": "array"},
        "repeated_by": {"type": "array"},
        "recurrence_of": {"type": ["string", "null"], "description": "the closed case that this is again"},
        "recurrences": {"type": "array", "description": "the cases that are this one again"},
    },
}
ITEMS = {"type": "object", "required": ["items"], "properties": {"items": {"type": "array"}}}
CHECKED = {
    "type": "object",
    "required": ["marks", "missing"],
    "properties": {"marks": {"type": "array"}, "missing": {"type": "array"}},
}


class Most(Frozen):
    """How many are wanted."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50


@router.get(
    "/nonconformities/{id}/lineage",
    summary="Read what a nonconformity comes from and leads to",
    operation_id="nonconformity_lineage",
    openapi_extra=answers(LINEAGE),
)
async def lineage(id: str, api: TheApi, caller: TheCaller) -> Response:
    """Earlier and later cases of the client on the same requirement, and cases that this one is, was or replaces."""
    stream = await streams.visible(api, caller, "nonconformity", id)
    case = stream.state if isinstance(stream.state, Case) else Case()
    own = case_entry(id, case)
    others = await streams.cases(api, caller.scope, CaseQuery(client=case.client)) if case.client else ()
    terms = case.policy.patterns if case.policy else Patterns()
    # A systemic major and the minors that it replaced are one failure: neither repeats the other.
    same = {minor.id for minor in case.aggregates} | {case.superseded_by}
    others = tuple(other for other in others if other.id not in same)
    return Json(
        {
            "repeats": [one.model_dump(mode="json") for one in repeats(own, others, terms)],
            "repeated_by": [_short(other) for other in others if repeats(other, (own,), terms)],
            "recurrence_of": own.recurrence_of,
            "recurrences": [_short(other) for other in others if other.recurrence_of == id],
            "aggregates": [minor.model_dump(mode="json") for minor in case.aggregates],
            "superseded_by": case.superseded_by,
        }
    )


@router.get(
    "/audits/{key}/proposals",
    summary="Read what of an audit might be one systemic nonconformity",
    operation_id="audit_proposals",
    responses={403: {}},
    openapi_extra=answers(ITEMS),
)
async def proposed(key: str, api: TheApi, caller: TheCaller) -> Response:
    """Open minors that share a requirement, a department or a process, as many as the policy asks for."""
    if not caller.holds(*CB_SIDE, Role.ADMIN):
        raise Problem(403, "role", Sentence("Proposals to aggregate are for the certification body."))
    stream = await streams.visible(api, caller, "audit", key)
    audit = stream.state if isinstance(stream.state, Audit) else Audit()
    found = await streams.cases(api, caller.scope, CaseQuery(client=audit.client, audit=key))
    outline = audit.outline
    chosen = Chosen(caller.tenant, outline.standards if outline else (), outline.stage if outline else None, "minor")
    terms = api.policies.choose(chosen, now().astimezone(ZoneInfo(audit.zone)).date()).patterns
    return Json({"items": [one.model_dump(mode="json") for one in proposals(found, terms)]})


@router.get(
    "/clients/{key}/priorities",
    summary="Read which actions of a client would settle most",
    operation_id="client_priorities",
    responses={403: {}},
    openapi_extra=parameters(Most) | answers(ITEMS),
)
async def prioritised(key: str, request: Request, api: TheApi, caller: TheCaller) -> Response:
    """The actions that are still to be done in a client's open cases, the most useful first."""
    wanted = lists.query(Most, request)
    if caller.actor.kind == "key":
        raise Problem(403, "role", Sentence("Priorities are for people."))
    await streams.visible(api, caller, "client", key)
    found = priorities(await living(api.database, caller.scope, key, MOST_CASES))
    return Json({"items": [one.model_dump(mode="json") for one in found[: wanted.limit]]})


@router.post(
    "/findings/check",
    summary="Check the text of a finding",
    operation_id="check_finding",
    openapi_extra=body(Finding) | {"responses": answers(CHECKED)["responses"]},
)
async def check(request: Request, caller: TheCaller) -> Response:  # noqa: ARG001 - whoever is known may ask
    """What a finding lacks to be issued, and the words in it that suggest a cause or a solution. Records nothing."""
    finding = await bodies.read(Finding, request)
    return Json(
        {
            "marks": [mark.model_dump(mode="json") for mark in marks(finding)],
            "missing": [{"pointer": pointer, "detail": rule} for pointer, rule in missing_for_issue(finding)],
        }
    )


def _short(case: CaseEntry) -> dict[str, object]:
    return case.model_dump(mode="json", include={"id", "number", "status", "grade", "audit", "issued_at"})
