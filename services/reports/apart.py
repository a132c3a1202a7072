"""Rendering in a process of its own: `python -m services.reports`, a paper on its input, a document on its output.

Templates are data of tenants, and typst is a library in another language: who takes too long is ended, who takes too
much memory ends itself, and neither takes the API along. What goes to this process is one JSON value; what comes back
is one line of JSON and, where it went well, the document.
"""

import json
from pathlib import Path
from typing import BinaryIO, Literal

from services.bounds import keep_within
from services.reports.form import Form
from services.reports.minutes.form import Minutes
from services.reports.paper import ours
from workflows.people import Frozen

Format = Literal["pdf", "docx"]
Printable = Form | Minutes

SECONDS = 20
"""Seconds of processor time that one document may take."""

MEMORY = 2**30
"""Bytes of memory that it may take."""


class Asked(Frozen):
    """A paper, and as what it is to be rendered; `template` of a DOCX and `fonts` of a PDF are paths, None for ours."""

    paper: Printable
    format: Format
    template: Path | None = None
    fonts: Path | None = None


class Answer(Frozen):
    """How it went: `fault` is None where a document follows."""

    fault: Literal["bad_template", "too_large"] | None = None
    detail: str = ""


def main(source: BinaryIO, sink: BinaryIO) -> None:
    """Renders one document."""
    asked = Asked.model_validate_json(source.read())
    keep_within(SECONDS, MEMORY)
    answer, document = _render(asked)
    sink.write(json.dumps(answer.model_dump()).encode() + b"\n" + document)
    sink.flush()


def _render(asked: Asked) -> tuple[Answer, bytes]:
    # Each library is half the work of starting: none is loaded for the other's sake.
    try:
        if asked.format == "pdf":
            from services.reports.pdf import pdf  # noqa: PLC0415

            return Answer(), pdf(asked.paper, asked.fonts)
        from services.reports.docx import BadTemplate, docx  # noqa: PLC0415

        try:
            template = asked.template or ours(type(asked.paper), "docx")
            return Answer(), docx(asked.paper, template.read_bytes())
        except BadTemplate as error:
            return Answer(fault="bad_template", detail=str(error)), b""
        except OSError as error:
            return Answer(fault="bad_template", detail=f"it cannot be read: {error.strerror}"), b""
    except MemoryError:
        return Answer(fault="too_large", detail=f"It takes more than {MEMORY:,} bytes of memory."), b""
