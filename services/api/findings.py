"""Findings: one, many, or a document of another format; recorded by the ledger alone, the engine is not asked."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import StringConstraints
from starlette.responses import Response

from activities.directory import documents
from activities.ledger.protocol import Outcome, Report
from activities.reads import clients, nonconformities
from services import intake
from services.api import bodies, commands, lists, reporting
from services.api.answers import Json
from services.api.context import Api, TheApi, TheCaller, new_id, now, request_id
from services.api.direct import Direct
from services.api.openapi import IDEMPOTENCY_KEY, answers, body, parameters
from services.api.problems import Problem
from services.api.reporting import Delivery, Entry
from services.auth import Caller
from services.intake import Context, Found, Item, Limits, TooLarge, UnknownFormat, Unreadable
from workflows.decider import stream_of
from workflows.findings import Finding
from workflows.people import Frozen, Role

REPORTERS = (Role.INTEGRATION, Role.AUDITOR)
LIMITS = Limits()

_ONE = {
    "type": "object",
    "required": ["id", "number", "status", "result"],
    "properties": {"id": {"type": ["string", "null"]}, "result": {"type": "string"}},
}
_MANY = {
    "type": "object",
    "required": ["accepted", "duplicates", "skipped", "rejected", "items"],
    "properties": {"items": {"type": "array", "items": {"type": "object"}}},
}
OUTCOMES = {
    **answers({"anyOf": [_ONE, _MANY]}, status="201", says="Reported.")["responses"],
    **answers({"anyOf": [_ONE, _MANY]}, says="Known already, or a repeat, or nothing to report.")["responses"],
    **answers(_MANY, status="207", says="Many, each with what became of it.")["responses"],
}

router = APIRouter(prefix="/v1/findings", tags=["findings"], route_class=Direct)


class Reading(Frozen):
    """How a document is to be read: its format, and the client of findings that name none."""

    format: Annotated[str, StringConstraints(max_length=40)] | None = None
    client: Annotated[str, StringConstraints(pattern=r"^[^\x00]+$", max_length=200)] | None = None


@router.post(
    "",
    summary="Report findings",
    status_code=201,
    operation_id="report_findings",
    openapi_extra=body(Finding)
    | {"parameters": [*parameters(Reading)["parameters"], IDEMPOTENCY_KEY], "responses": OUTCOMES},
)
async def receive(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """Records each finding once; one that states its grade, from someone who may, is issued at once."""
    if not caller.holds(*REPORTERS):
        raise Problem(403, "role", f"Reporting belongs to: {', '.join(sorted(REPORTERS))}.")
    if "if-match" in request.headers:
        raise Problem(422, "if_match", "If-Match does not apply to findings: their source's reference names them.")
    reading, key = lists.query(Reading, request), bodies.key(request)
    document = await bodies.received(request, LIMITS.bytes)
    called, items = await asyncio.to_thread(_read, document, reading, caller, request.headers.get("content-type"))
    delivery = Delivery(
        caller=caller,
        at=now(),
        request_id=request_id(request),
        new_id=new_id(request),
        key=key,
        single=called == "json" and len(items) == 1 and document.lstrip()[:1] == b"{",
    )
    if not delivery.single:
        source = caller.actor.source or reporting.MANUAL
        media_type = request.headers.get("content-type", "application/octet-stream")
        kept = await documents.keep(api.database, caller.tenant, document, source, media_type)
        delivery = replace(delivery, document=kept)
    with commands.told(api, "nonconformity", "report"):
        entries = await _record(api, delivery, items)
    return _one(entries[0]) if delivery.single else _many(entries)


def _read(document: bytes, reading: Reading, caller: Caller, media_type: str | None) -> tuple[str, list[Item]]:
    """The document's format and items; apart from the event loop, which a large document would hold up."""
    actor = caller.actor
    context = Context(client=reading.client or actor.client, system=actor.source or reporting.MANUAL, limits=LIMITS)
    try:
        called = reading.format or intake.detect(document, media_type, limits=LIMITS)
        return called, list(intake.read(document, called, context))
    except Unreadable as error:
        raise bodies.unreadable(error) from None
    except TooLarge as error:
        raise Problem(413, error.code, error.detail) from None
    except UnknownFormat as error:
        raise Problem(415, error.code, error.detail, more={"formats": list(error.considered)}) from None


async def _record(api: Api, delivery: Delivery, items: Sequence[Item]) -> list[Entry]:
    """What the answer says of each item, in their order."""
    delivery = await _naming(api, delivery, items)
    reports = {place: reporting.report(delivery, item) for place, item in enumerate(items) if isinstance(item, Found)}
    sent = {place: report for place, report in reports.items() if isinstance(report, Report)}
    tenant = delivery.caller.tenant
    became = dict(zip(sent, await api.recording.report(tenant, list(sent.values()), delivery.at), strict=True))
    asked = _numbered(became.values())
    known = await nonconformities.known(api.database, tenant, asked) if asked else {}
    api.nudges.soon(tenant, _born(became.values()))
    entries = [
        reporting.told(
            item,
            became.get(place) or _problem(reports.get(place)),
            known,
            keyed=delivery.key is not None,
        )
        for place, item in enumerate(items)
    ]
    for entry in entries:
        api.recording.metrics.received(entry.result)
    return entries


async def _naming(api: Api, delivery: Delivery, items: Sequence[Item]) -> Delivery:
    """The delivery with the clients that are named; unknown ones are registered where the source may do so."""
    caller = delivery.caller
    called = reporting.names(items)
    if not called:
        return delivery
    known = await clients.called(api.database, caller.tenant, called)
    if caller.may_create_clients and caller.actor.client is None:
        for name in sorted(called - known.keys.keys() - known.ambiguous):
            command = reporting.registration(delivery, name)
            if command is not None:
                await api.recording.transact(caller.tenant, stream_of("client", name), command, delivery.at)
    return replace(delivery, clients=known.keys, ambiguous=known.ambiguous)


def _numbered(outcomes: Iterable[Outcome]) -> list[str]:
    """The cases of which an outcome does not say all: those with a number, and those that an earlier request made."""
    return sorted({one.stream.partition("/")[2] for one in outcomes if one.stream and not reporting.says_all(one)})


def _born(outcomes: Iterable[Outcome]) -> list[str]:
    """The new cases that need a workflow."""
    return [
        outcome.stream
        for outcome in outcomes
        if outcome.result in ("created", "recurred") and outcome.stream and outcome.answer and outcome.answer.lives
    ]


def _problem(report: Report | Problem | None) -> Problem | None:
    return report if isinstance(report, Problem) else None


def _one(entry: Entry) -> Response:
    """The answer to a single finding."""
    if entry.problem is not None:
        raise entry.problem
    new = entry.result in ("created", "recurred") and not entry.repeated
    return Json(entry.view(), 201 if new else 200, {"Location": f"/v1/nonconformities/{entry.id}"})


def _many(entries: Sequence[Entry]) -> Response:
    """The answer to many: 207 where any of them was not created."""
    counts = Counter(entry.result for entry in entries)
    told = {
        "accepted": counts["created"] + counts["recurred"],
        "duplicates": counts["duplicate"],
        "skipped": counts["skipped"],
        "rejected": counts["rejected"],
        "items": [entry.view() for entry in entries],
    }
    return Json(told, 200 if not entries else 201 if counts.keys() == {"created"} else 207)
