"""Findings: one, many, or a document of another format; recorded by the ledger alone, the engine is not asked."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import StringConstraints
from starlette.responses import JSONResponse, Response

from activities.directory import documents
from activities.ledger.protocol import Outcome, Report
from activities.reads import clients, nonconformities
from services import intake
from services.api import bodies, lists, reporting
from services.api.context import Api, TheApi, TheCaller, now, request_id
from services.api.openapi import body, parameters
from services.api.problems import Problem
from services.api.reporting import Delivery, Entry
from services.auth import Caller
from services.intake import Context, Found, Item, Limits, TooLarge, UnknownFormat, Unreadable
from workflows.decider import stream_of
from workflows.findings import Finding
from workflows.people import Frozen, Role

REPORTERS = (Role.INTEGRATION, Role.AUDITOR)
LIMITS = Limits()

router = APIRouter(prefix="/v1/findings", tags=["findings"])


class Reading(Frozen):
    """How a document is to be read: its format, and the client of findings that name none."""

    format: Annotated[str, StringConstraints(max_length=40)] | None = None
    client: Annotated[str, StringConstraints(pattern=r"^[^\x00]+$", max_length=200)] | None = None


@router.post(
    "",
    summary="Report findings",
    status_code=201,
    openapi_extra=body(Finding) | {"parameters": parameters(Reading)["parameters"]},
)
async def receive(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """Records each finding once; one that states its grade, from someone who may, is issued at once."""
    if not caller.holds(*REPORTERS):
        raise Problem(403, "role", f"Reporting belongs to: {', '.join(sorted(REPORTERS))}.")
    reading = lists.query(Reading, request)
    document = await bodies.received(request, LIMITS.bytes)
    called, items = await asyncio.to_thread(_read, document, reading, caller, request.headers.get("content-type"))
    delivery = Delivery(
        caller=caller,
        at=now(),
        request_id=request_id(request),
        key=bodies.key(request),
        single=called == "json" and len(items) == 1 and document.lstrip()[:1] == b"{",
    )
    if not delivery.single:
        source = caller.actor.source or reporting.MANUAL
        media_type = request.headers.get("content-type", "application/octet-stream")
        kept = await documents.keep(api.database, caller.tenant, document, source, media_type)
        delivery = replace(delivery, document=kept)
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
    delivery = replace(delivery, clients=await _clients(api, delivery, items))
    reports = {place: reporting.report(delivery, item) for place, item in enumerate(items) if isinstance(item, Found)}
    sent = {place: report for place, report in reports.items() if isinstance(report, Report)}
    tenant = delivery.caller.tenant
    became = dict(zip(sent, await api.ledger.report(tenant, list(sent.values()), delivery.at), strict=True))
    known = await nonconformities.known(api.database, tenant, _cases(became.values()))
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
        api.metrics.received(entry.result)
    return entries


async def _clients(api: Api, delivery: Delivery, items: Sequence[Item]) -> dict[str, str]:
    """The keys of the clients that are named; unknown ones are registered where the source may do so."""
    caller = delivery.caller
    called = reporting.names(items)
    keys = await clients.keys_of(api.database, caller.tenant, called) if called else {}
    if caller.may_create_clients and caller.actor.client is None:
        for name in sorted(called - keys.keys()):
            command = reporting.registration(delivery, name)
            if command is not None:
                await api.ledger.transact(caller.tenant, stream_of("client", name), command, delivery.at)
    return keys


def _cases(outcomes: Iterable[Outcome]) -> list[str]:
    return sorted({outcome.stream.partition("/")[2] for outcome in outcomes if outcome.stream})


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
    return JSONResponse(entry.view(), 201 if new else 200, {"Location": f"/v1/nonconformities/{entry.id}"})


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
    return JSONResponse(told, 200 if not entries else 201 if counts.keys() == {"created"} else 207)
