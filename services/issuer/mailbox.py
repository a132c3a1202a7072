"""The pages of the mails to sample people: who was written to, what came, and each mail with nothing in it at work."""

from collections import Counter
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from services.api import context
from services.embedded.mailbox import mails
from services.issuer.pages import TheProvider
from services.mailbox.box import HEAD, Box, came
from services.mailbox.reading import Mail, bodies, listed
from services.problems import Problem
from services.ready import MAILBOX
from services.signin import rendering

ALONE = {
    "Content-Security-Policy": "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'",
    "Cross-Origin-Opener-Policy": "unsafe-none",
    "Referrer-Policy": "no-referrer",
}
"""What is shown of others runs nothing, fetches nothing, and is of no origin; its links lead out of it."""

OUTWARD = '<!doctype html><meta charset="utf-8"><base target="_blank">'


async def _opened(request: Request, _: TheProvider) -> Box:
    return Box(mails(context.of(request).settings.data))


def _found(box: "TheBox", id: UUID) -> bytes:
    content = box.whole(id)
    if content is None:
        raise Problem(404, "not_found", "There is no such mail; the oldest go.")
    return content


TheBox = Annotated[Box, Depends(_opened)]
TheContent = Annotated[bytes, Depends(_found)]

router = APIRouter(prefix=MAILBOX, include_in_schema=False)


@router.get("")
def mailbox(issuer: TheProvider, box: TheBox, to: str = "") -> Response:
    """All mails, or those to one person."""
    found = [listed(*each) for each in box.heads()]
    names = {one.claims(issuer.tenant)["email"]: one.name for one in issuer.people.values()}
    people = [
        {"address": address, "name": names.get(address, address), "mails": count}
        for address, count in sorted(Counter(one.to for one in found).items())
    ]
    shown = [_said(one, names) for one in found if to in ("", one.to)]
    values = {"title": "Mailbox", "people": people, "mails": shown, "to": to, "mailbox": MAILBOX}
    return rendering.page("mailbox.html", values)


@router.get("/{id}")
def one(id: UUID, content: TheContent) -> Response:
    """One mail, as HTML in a frame and as text."""
    mail, said = listed(id, content[:HEAD]), bodies(content)
    values = {"title": mail.subject, "mail": _said(mail, {}), "said": said, "mailbox": MAILBOX}
    return rendering.page("mail.html", values)


@router.get("/{id}/html")
def html(content: TheContent) -> Response:
    """Its HTML, for the frame."""
    return HTMLResponse((OUTWARD + bodies(content).html).encode("utf-8", "replace"), headers=ALONE)


@router.get("/{id}/source")
def source(content: TheContent) -> Response:
    """All of it, as it came."""
    return Response(content, media_type="text/plain; charset=utf-8", headers=ALONE)


def _said(mail: Mail, names: dict[str, str]) -> dict[str, object]:
    return {
        "href": f"{MAILBOX}/{mail.id}",
        "subject": mail.subject,
        "sender": mail.sender,
        "to": names.get(mail.to, mail.to),
        "at": came(mail.id),
    }
