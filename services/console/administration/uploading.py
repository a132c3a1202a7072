"""A form with a document in it, as a browser sends it: held to its bounds, and proven to be one of the session."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from fastapi import Request

from services.api import bodies, uploads
from services.console.frame.catalogue import gettext
from services.evidence import names
from services.evidence.forms import BadForm
from services.problems import Fault, Problem
from services.settings import Settings
from services.signin import forms as arriving
from services.signin.forms import Arrived, Filled
from services.signin.viewer import FIELD, Former, Viewer, carries, check_origin


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it was sent: its fields, the document in it, and the media type that the browser gives it."""

    fields: Mapping[str, str] = field(default_factory=dict)
    document: bytes = b""
    media_type: str = ""


async def sent(request: Request, viewer: Viewer, settings: Settings) -> Sent:
    """A form within the bounds that settings say for pages and their documents. The document's name is `name`.

    Raises Problem; Forged where another site had it sent; and Former where another session did, and where it comes from
    a page that kept its texts: `keeping.sent` then says what was in it.
    """
    check_origin(request)
    if not arriving.carries_files(request):
        await arriving.received(request)
        raise Former
    try:
        whole = await bodies.received(request, settings.document_bytes + uploads.bounds_of_page(settings).beside)
    except Problem as problem:
        raise (too_large(settings) if problem.status == 413 else problem) from None

    async def stream() -> AsyncIterator[bytes]:
        yield whole

    try:
        form = uploads.of_page(request, settings, stream())
        await form.to_file()
        document = b"".join([piece async for piece in form.data()])
    except BadForm as bad:
        raise Problem(400, "bad_form", str(bad)) from None
    is_own = carries(viewer, form.fields.pop(FIELD, None))
    name = names.fit(names.stated(form.disposition)) if document else ""
    arriving.note(request, Arrived(Filled(form.texts), (name,) if name else ()))
    if not is_own:
        raise Former
    if document:
        form.fields["name"] = name
    return Sent(form.fields, document, (form.media_type or "application/octet-stream")[:200])


def too_large(settings: Settings) -> Problem:
    """The problem of a document beyond its bound."""
    said = gettext("A document has at most %(most)s bytes (setting document_bytes).")
    detail = said % {"most": f"{settings.document_bytes:,}"}
    return Problem(413, "too_many_bytes", detail, (Fault("/file", detail),))
