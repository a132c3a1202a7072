"""From a template and values to a page: escaped everywhere, nothing inline, nothing from elsewhere.

What browsers are told beside it (`services.signin.headers`) allows nothing else.

A text of the record may hold anything: marks for what could not be recorded (`workflows.canonical.escape`), control
characters, letters that run from right to left. `clean` makes the first two visible, and what has letters read in
another order than they stand in; templates isolate what people wrote with `bdi`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from services.about import own_version
from services.api.context import now, of
from services.console.frame import explaining, words
from services.console.frame.catalogue import catalogue
from services.console.frame.navigation import PATHS, places
from services.console.frame.reader import Reader, reader
from services.console.frame.static_files import address
from services.console.frame.telling import told
from services.ready import CONSOLE
from services.signin.viewer import FIELD, Viewer
from workflows.durations import Duration
from workflows.sentences import Fact, Sentence

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", re.ASCII)
UNHELD = "\N{REPLACEMENT CHARACTER}"
_MARK = re.compile("\x1a[0-9a-f]{4}")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202d\u202e\ud800-\udfff]")
"""With the overrides of direction (Unicode Standard Annex 9), which no language needs: letters know theirs."""


def clean(text: str) -> str:
    """A text as it can be shown: control characters as pictures, overrides and what could not be recorded as marks."""
    if "\x1a" in text:
        text = _MARK.sub(UNHELD, text)
    return _CONTROL.sub(_picture, text)


def _picture(found: "re.Match[str]") -> str:
    code = ord(found[0])
    return "\N{SYMBOL FOR DELETE}" if code == 0x7F else chr(0x2400 + code) if code < 0x20 else UNHELD


@pass_context
def _shown(context: Context, value: Any) -> Any:
    kind = type(value)
    if kind is str:
        return clean(value)
    return clean(told(value, _reader(context).zone)) if kind is Sentence or kind is Fact else value


@pass_context
def _moment(context: Context, at: datetime) -> str:
    return _reader(context).moment(at)


@pass_context
def _day(context: Context, at: datetime | date) -> str:
    return _reader(context).day(at)


@pass_context
def _explained(context: Context, value: object, field: str, names: Mapping[str, str]) -> str:
    """What a value of exact content means: who, what, how long, or when by the reader's clock."""
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        with suppress(ValueError, OverflowError):  # somebody's own words, which only look like an instant
            return _reader(context).moment(datetime.fromisoformat(value))
    return words.explained(value, field, names)


@pass_context  # else Jinja would call a constant by one language for good, while it compiles the template
def _word(_: Context, value: str, table: str) -> str:
    return words.word(table, value)


@pass_context
def _away(context: Context, at: datetime) -> str:
    return _reader(context).away(at)


@pass_context
def _because(context: Context, line: str, zone: str) -> str:
    return explaining.because(line, ZoneInfo(zone), _reader(context).zone)


def _reader(context: Context) -> Reader:
    known: Reader = context["reader"]
    return known


_CELL = re.compile(r"<(tr|th|td)(?=[\s>])")


def _labelled(rows: str, heads: Sequence[str]) -> Markup:
    """Rows of a table in which each cell carries what heads its column, for a phone, where rows stand as cards."""
    column = 0

    def labelled(found: "re.Match[str]") -> str:
        nonlocal column
        if found[1] == "tr":
            column = 0
            return found[0]
        column += 1
        return f'{found[0]} data-label="{escape(heads[column - 1])}"' if found[1] == "td" else found[0]

    return Markup(_CELL.sub(labelled, rows))  # noqa: S704  # what it was, with texts that are escaped


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # else each page looks at the files of all its parts
        extensions=["jinja2.ext.i18n"],
    )
    install: Callable[..., None] = made.install_gettext_translations  # type: ignore[attr-defined]  # the extension's
    install(catalogue(), newstyle=True)
    made.filters |= {
        "moment": _moment,
        "day": _day,
        "away": _away,
        "word": _word,
    }
    made.filters |= {"humanised": words.humanised, "happened": words.happened}
    made.filters |= {"explained": _explained, "because": _because, "limit": explaining.limit}
    made.filters |= {"effect": explaining.effect, "labelled": _labelled}
    made.filters["elapsed"] = lambda seconds: words.lasting(Duration(exact=timedelta(seconds=seconds)))
    made.globals |= {
        "static": address,
        "version": own_version(),
        "console": CONSOLE,
        "csrf_field": FIELD,
        "paths": PATHS,
    }
    return made


ENVIRONMENT = _environment()


def page(
    request: Request,
    template: str,
    viewer: Viewer | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    place: str = "",
    **values: Any,
) -> HTMLResponse:
    """A page, or a part of one, as somebody sees it; without a viewer, as anybody does.

    `place` is the path of the one in the navigation to which it belongs, where its own path does not say so.
    """
    told: dict[str, Any] = {
        "viewer": viewer,
        "actor": viewer.caller.actor if viewer else None,
        "certification_body": of(request).settings.body_name(viewer.caller.tenant) if viewer else "",
        "places": places(viewer.caller, place or request.url.path) if viewer else (),
        "reader": reader(request, now()),
        "here": request.url.path,
        "answers_form": request.method == "POST",
        **values,
    }
    text = ENVIRONMENT.get_template(template).render(told)
    return HTMLResponse(text.encode("utf-8", "replace"), status, dict(headers or {}))


def part(request: Request, template: str, **values: Any) -> str:
    """A part of a page alone, as text."""
    return ENVIRONMENT.get_template(template).render({"reader": reader(request, now()), **values})
