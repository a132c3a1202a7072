"""Papers as answers: rendered by the press, in the tenant's own template where it has one, as files to be kept."""

import re
from pathlib import Path
from typing import Any

from starlette.responses import Response

from services.api.context import Api
from services.auth import Caller
from services.confined import Busy
from services.problems import Problem
from services.reports.apart import Asked, Format, Printable
from services.reports.paper import own
from services.reports.press import Unrendered
from workflows.sentences import Sentence

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_STATUS = {"bad_template": 409, "too_large": 413, "too_slow": 413}
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")


async def printed(api: Api, caller: Caller, paper: Printable, format: Format, name: str) -> Response:
    """A paper as a file of that name; a problem where it cannot be made."""
    template = _template(api, caller, paper) if format == "docx" else None
    asked = Asked(paper=paper, format=format, template=template, fonts=api.settings.report_fonts)
    try:
        document = await api.press.render(asked)
    except Unrendered as error:
        raise _problem(error, caller, paper) from None
    except Busy:
        raise busy() from None
    return Response(document, headers=headers(name, format))


def documents(*formats: str) -> dict[str, Any]:
    """What OpenAPI says of an answer in one of several formats."""
    content = {
        MEDIA_TYPES[one].partition(";")[0]: {"schema": {"type": "string", "format": "binary"}} for one in formats
    }
    return {"responses": {"200": {"description": "The document.", "content": content}}}


def headers(name: str, format: str) -> dict[str, str]:
    """The headers of a file that is kept, and not shown in place."""
    return {
        "Content-Type": MEDIA_TYPES[format],
        "Content-Disposition": f'attachment; filename="{_NOT_IN_NAMES.sub("-", name)}.{format}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }


def busy() -> Problem:
    """Where nobody gets a turn in time."""
    return Problem(503, "busy", Sentence("Too many reports are being made: ask again."), headers={"Retry-After": "5"})


def _template(api: Api, caller: Caller, paper: Printable) -> Path | None:
    """The tenant's own template; None where it has none."""
    folder = api.settings.report_templates
    kept = None if folder is None else folder / caller.tenant / own(type(paper))
    return kept if kept is not None and kept.exists() else None


def _problem(error: Unrendered, caller: Caller, paper: Printable) -> Problem:
    detail = str(error)
    if error.code == "bad_template":
        detail = f"The template {caller.tenant}/{own(type(paper))} cannot be used: {detail}"
    return Problem(_STATUS[error.code], error.code, detail)
