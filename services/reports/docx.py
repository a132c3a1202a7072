"""A paper as DOCX, in a template of the certification body's own or in ours.

A template is data of its tenant: it is rendered in a sandbox without a loader, and what is wrong with it is said with
its place. What a paper says is escaped whole, braces included, so that no text of it is ever read as a template.
"""

import io
import re
from collections.abc import Iterator
from types import TracebackType

from docxtpl import DocxTemplate  # type: ignore[import-untyped]
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from services.reports.direction import marked
from services.reports.paper import Paper

_PARAGRAPH = re.compile(r"<w:p([ >])")
_TAG = re.compile(r"<[^>]+>")
_SHOWN = 120
"""Characters of a paragraph at fault that are quoted."""


class BadTemplate(ValueError):
    """A template that cannot be used; it says where in it, and why."""


def docx(paper: Paper, template: bytes) -> bytes:
    """The paper in a template. Raises BadTemplate, and MemoryError where it asks for more than there is."""
    made = io.BytesIO()
    try:
        document = DocxTemplate(io.BytesIO(template))
        document.init_docx()
    except Exception as error:  # noqa: BLE001 - the boundary to a file of others, which fails in as many ways as zip and XML do
        raise BadTemplate(f"it is no Word document (.docx): {_words(error)}") from None
    context, environment = paper.model_dump(), _environment()
    try:
        document.render(context, environment, autoescape=True)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - the boundary to a template of others, whose expressions raise anything
        raise BadTemplate(_place(document, environment, paper, error)) from None
    document.core_properties.title = paper.heading
    document.save(made)
    return marked(made.getvalue())


def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined, finalize=_shown)


def _shown(value: object) -> object:
    """A value as XML in which nothing looks like a template: the writer turns `{_{` into braces, among others."""
    if isinstance(value, Markup):
        return value
    return Markup(str(escape("" if value is None else value)).replace("{", "&#123;").replace("}", "&#125;"))  # noqa: S704 - escaped


def _place(document: DocxTemplate, environment: ImmutableSandboxedEnvironment, paper: Paper, error: Exception) -> str:
    """Where a template fails, and why: part and paragraph, as far as they can be told."""
    for part, source in _parts(document):
        text = _PARAGRAPH.sub(r"\n<w:p\1", document.patch_xml(source))
        try:
            environment.from_string(text).render(paper.model_dump())
        except MemoryError:
            raise
        except Exception as found:  # noqa: BLE001 - as in `docx`
            near = _paragraph(text, found)
            return f"{part}{near}: {_words(found)}"
    return _words(error)


def _parts(document: DocxTemplate) -> Iterator[tuple[str, str]]:
    """Name and XML of each part that is rendered."""
    document.init_docx()
    yield "word/document.xml", document.get_xml()
    for address in (document.HEADER_URI, document.FOOTER_URI):
        for _, part in document.get_headers_footers(address):
            yield str(part.partname).lstrip("/"), document.get_part_xml(part)


def _paragraph(text: str, error: Exception) -> str:
    line = error.lineno if isinstance(error, TemplateSyntaxError) else _line(error.__traceback__)
    lines = text.splitlines()
    if line is None or not 0 < line <= len(lines):
        return ""
    said = " ".join(_TAG.sub("", lines[line - 1]).split())
    return f", in the paragraph {said[:_SHOWN]!r}" if said else ""


def _line(trace: TracebackType | None) -> int | None:
    """The line of the template in which an error arose."""
    line = None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in {"<template>", "<unknown>"}:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _words(error: Exception) -> str:
    said = " ".join(str(error).split())[:300]
    return said if isinstance(error, TemplateError) and said else f"{type(error).__name__}: {said}"
