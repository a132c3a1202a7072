"""Certificates at the console: which there are; and one with its term, its history, and the cases that bear on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import get_args

from fastapi import APIRouter, Request
from starlette.responses import Response

from activities.reads.nonconformities import LONG, Wanted, counted
from services.api import certificates as api_certificates
from services.api import streams
from services.api.certificates import CertificateFilters
from services.api.context import Api, TheApi, now, of
from services.auth import Caller
from services.console.audits import listing
from services.console.audits.beginning import begun_by
from services.console.forms.acts import acts
from services.console.forms.subject import seen
from services.console.frame import words
from services.console.frame.catalogue import mark
from services.console.frame.following import Rows, followed
from services.console.frame.navigation import PATHS
from services.console.frame.paged import Paged
from services.console.frame.rendering import page
from services.console.things import history
from services.signin.viewer import TheViewer, Viewer
from workflows.audit.standing import covers
from workflows.certificate.certificate import Certificate
from workflows.certificate.events import Reached
from workflows.entries import MOST_CASES, CaseEntry, CaseQuery

KIND = "certificate"

SUSPENDS = mark("It is a cause of the suspension.")
DECIDED = mark("The committee decided on it, and about this certificate.")
CAME = mark("It was open at the other body when the certificate was taken over.")
OPEN = mark("It is open, and on a standard of this certificate.")

SHOWN = 20
"""So many cases that bear on a certificate are shown, what is decided of it first."""

GRADES: Sequence[str | None] = ("major", "minor")
"""In this order they are shown; then what has another grade."""

router = APIRouter(prefix=PATHS[KIND], route_class=Paged, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Bearing:
    """A case that bears on a certificate, and why, in words that are translated when shown."""

    case: CaseEntry
    why: str


@dataclass(frozen=True, slots=True)
class Bearings:
    """The first of the cases that bear on a certificate, of how many, and how many more of its client are in triage."""

    shown: Sequence[Bearing]
    count: str
    triage: str

    @property
    def is_all(self) -> bool:
        """Whether all are shown."""
        return self.count == str(len(self.shown))


@router.get("")
async def index(request: Request, api: TheApi, viewer: TheViewer) -> Response:
    """The certificates by key; a client's people see their own."""
    return await listing.listed(
        "certificates",
        request,
        viewer,
        CertificateFilters,
        partial(api_certificates.listed, api, viewer.caller),
        statuses=get_args(Reached),
        begins=begun_by(viewer.caller, "apply", "transfer_in"),
    )


@followed("certificates", PATHS[KIND], KIND)
async def rows(request: Request, viewer: Viewer) -> Rows:
    """What a page of certificates shows."""
    return await listing.rows(request, CertificateFilters, partial(api_certificates.listed, of(request), viewer.caller))


@router.get("/{key}")
async def detail(key: str, request: Request, api: TheApi, viewer: TheViewer, recorded: str = "") -> Response:
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
        recorded=found.recorded(recorded),
    )


async def _bearing(api: Api, caller: Caller, key: str, certificate: Certificate) -> Bearings:
    """The cases that bear on a certificate, as far as somebody sees them. Raises Unavailable."""
    found = await _bear(api, caller, key, certificate)
    # Nobody has said of what is in triage that it is a nonconformity: it is counted, never told one by one.
    triage = Wanted(status=("reported",), client=(certificate.client,)) if certificate.client else None
    [waiting] = await counted(api.database, caller.scope, [(triage, False)], now(), MOST_CASES, LONG) if triage else [0]
    shown = sorted(found, key=_order)[:SHOWN]
    return Bearings(shown, words.counted(len(found), MOST_CASES), words.counted(waiting, MOST_CASES))


def _order(one: Bearing) -> tuple[bool, int, str]:
    grade = GRADES.index(one.case.grade) if one.case.grade in GRADES else len(GRADES)
    return one.why == OPEN, grade, one.case.number or ""


async def _bear(api: Api, caller: Caller, key: str, certificate: Certificate) -> Sequence[Bearing]:
    suspends = {one.case for one in certificate.suspension.causes} if certificate.suspension else set()
    named = {*suspends, *certificate.cases, *(one.cause.case for one in certificate.reductions)} - {None}
    living = CaseQuery(client=certificate.client, living=True, unsettled=True)
    unsettled = await streams.cases(api, caller.scope, living) if certificate.client else ()
    others = await streams.cases(api, caller.scope, CaseQuery(ids=tuple(sorted(filter(None, named))))) if named else ()
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
