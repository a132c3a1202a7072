"""Certificates at the console: which there are; and one with its term, its history, and the cases that bear on it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.api import certificates as api_certificates
from services.api.certificates import CertificateFilters
from services.api.context import Api, TheApi
from services.auth import Caller
from services.console.administration.sections import begins, following
from services.console.audits.beginning import begun_by
from services.console.forms.acts import acts, recorded
from services.console.forms.subject import PATHS, seen
from services.console.frame.asked import understood
from services.console.frame.catalogue import mark
from services.console.frame.paged import Paged
from services.console.frame.rendering import page
from services.console.things import history
from services.signin.viewer import TheViewer
from workflows.audit.standing import covers
from workflows.certificate.certificate import Certificate
from workflows.certificate.events import Reached
from workflows.decider import Wants
from workflows.entries import CaseEntry, CaseQuery

KIND = "certificate"

SUSPENDS = mark("It is a cause of the suspension.")
DECIDED = mark("The committee decided on it, and about this certificate.")
CAME = mark("It was open at the other body when the certificate was taken over.")
OPEN = mark("It is open, and on a standard of this certificate.")

router = APIRouter(prefix=PATHS[KIND], route_class=Paged, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Bearing:
    """A case that bears on a certificate, and why, in words that are translated when shown."""

    case: CaseEntry
    why: str


@router.get("")
async def index(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The certificates by key; a client's people see their own."""
    wanted, faults = understood(CertificateFilters, request)
    wanted = wanted.model_copy(update={"cursor": begins(request, wanted, faults)})
    found = await api_certificates.listed(api, viewer.caller, wanted)
    items: list[dict[str, Any]] = json.loads(found.items)
    filters = {name: ",".join(getattr(wanted, name)) for name in ("client", "status")}
    return page(
        request,
        "certificates.html",
        viewer,
        items=items,
        asked=wanted,
        faults=faults,
        statuses=get_args(Reached),
        begins=begun_by(viewer.caller, "apply", "transfer_in"),
        more=following(request, found.last, **filters, standard=wanted.standard),
    )


@router.get("/{key}")
async def detail(key: str, request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """One certificate."""
    found = await seen(api, viewer.caller, KIND, key)
    certificate: Certificate = found.state
    return page(
        request,
        "certificate.html",
        viewer,
        found=found,
        certificate=certificate,
        told=api_certificates.view(key, certificate),
        audits={one.key: one for one in found.beside.audits} if found.beside else {},
        moves=history.moves(found.stream.name, found.history),
        bearing=await _bearing(api, viewer.caller, key, certificate),
        acts=acts(found),
        signings=history.signings(found.history),
        recorded=recorded(found, request.query_params.get("recorded", "")),
    )


async def _bearing(api: Api, caller: Caller, key: str, certificate: Certificate) -> Sequence[Bearing]:
    """The cases that bear on a certificate, as far as somebody sees them. Raises Unavailable."""
    suspends = {one.case for one in certificate.suspension.causes} if certificate.suspension else set()
    named = {*suspends, *certificate.cases, *(one.cause.case for one in certificate.reductions)} - {None}
    unsettled = await _cases(api, caller, CaseQuery(client=certificate.client, unsettled=True))
    others = await _cases(api, caller, CaseQuery(ids=tuple(sorted(filter(None, named))))) if named else ()
    found: list[Bearing] = []
    for case in {one.id: one for one in (*others, *unsettled)}.values():
        if case.id in suspends:
            found.append(Bearing(case, SUSPENDS))
        elif key in case.certificates:
            found.append(Bearing(case, DECIDED))
        elif case.id in certificate.cases:
            found.append(Bearing(case, CAME))
        elif covers(certificate.standards, case):
            found.append(Bearing(case, OPEN))
    return found


async def _cases(api: Api, caller: Caller, query: CaseQuery) -> Sequence[CaseEntry]:
    return (await api.ledger.facts(caller.scope, Wants(cases=query))).cases
