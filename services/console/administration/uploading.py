"""A form with a document in it, as a browser sends it: held to its bounds, and proven to be one of the session."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from fastapi import Request

from services.api import bodies
from services.evidence import forms, names
from services.evidence.forms import LONGEST_FIELD, BadForm
from services.problems import Problem
from services.signin import forms as arriving
from services.signin.forms import Arrived, Filled
from services.signin.viewer import FIELD, Former, Viewer, carries, check_origin

ENVELOPE = 2**16
"""Bytes by which a form may be longer than what it is sent for."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it was sent: its fields, the document in it, and the media type that the browser gives it."""

    fields: Mapping[str, str] = field(default_factory=dict)
    document: bytes = b""
    media_type: str = ""


async def sent(request: Request, viewer: Viewer, most: int, longest: int = LONGEST_FIELD) -> Sent:
    """A form of at most so many bytes and ENVELOPE; no field has more than `longest`. The document's name is `name`.

    Raises Problem; Forged where another site had it sent; and Former where another session did, and where it comes from
    a page that kept its texts: `keeping.sent` then says what was in it.
    """
    check_origin(request)
    if not arriving.carries_files(request):
        await arriving.received(request)
        raise Former
    whole = await bodies.received(request, most + ENVELOPE)

    async def stream() -> AsyncIterator[bytes]:
        yield whole

    try:
        form = forms.Form(request.headers.get("content-type", ""), stream(), longest)
        await form.to_file()
        document = b"".join([piece async for piece in form.data()])
    except BadForm as bad:
        raise Problem(400, "bad_form", str(bad)) from None
    is_own = carries(viewer, form.fields.pop(FIELD, None))
    name = names.fit(names.stated(form.disposition)) if document else ""
    arriving.note(request, Arrived(Filled(form.fields), (name,) if name else ()))
    if not is_own:
        raise Former
    if document:
        form.fields["name"] = name
    return Sent(form.fields, document, (form.media_type or "application/octet-stream")[:200])
