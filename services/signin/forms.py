"""Forms as they arrive: their texts, read within the bounds that the settings say, and kept beside their request.

Starlette's own reader writes the files of any form to the disk, however many and however large, before anybody is
asked who sends them. Here a form of texts takes no file; those that take one (`services.evidence.forms`) read it as it
comes. What was read once stays with its request, so that whoever refuses it can show what was typed.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.datastructures import ImmutableMultiDict

from services.api import bodies, context, uploads
from services.evidence import names, sniffing
from services.evidence.forms import BadForm, Form
from services.problems import Problem
from services.settings import Settings

TEXTS = "application/x-www-form-urlencoded"
FILES = "multipart/form-data"

Filled = ImmutableMultiDict[str, str]
"""What a form says: texts by name, in its order; several under one name where several may be chosen."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """What is known of a form that arrived: its texts, the names of files that are not kept, and why it is not taken.

    What follows a large file is not read. `problem` is None for a form within its bounds.
    """

    texts: Filled
    files: Sequence[str] = ()
    problem: Problem | None = None


async def received(request: Request) -> Filled:
    """The texts of a form that takes no file. Raises a problem: 413 names the setting that bounds it, 415 the type."""
    if carries_files(request):
        raise Problem(415, "files_not_taken", f"This form takes texts alone: it comes as {TEXTS}.")
    found = await arrived(request)
    if found.problem is not None:
        raise found.problem
    return found.texts


async def arrived(request: Request) -> Arrived:
    """What there is of a form, whatever is wrong with it; read at the first call."""
    found = known(request)
    if found is None:
        found = await _read(request)
        note(request, found)
    return found


def note(request: Request, arrived: Arrived) -> None:
    """Keeps beside its request what was read of a form; so does whoever reads one with its file."""
    request.state.arrived = arrived


def known(request: Request) -> Arrived | None:
    """What was read of a form; None while nothing was."""
    found: Arrived | None = getattr(request.state, "arrived", None)
    return found


def carries_files(request: Request) -> bool:
    """Whether a form comes as one that may hold files."""
    return _kind(request) == FILES


def _kind(request: Request) -> str | None:
    return sniffing.essence(request.headers.get("content-type", ""))


async def _read(request: Request) -> Arrived:
    kind = _kind(request)
    if kind == TEXTS:
        return await _texts(request, context.of(request).settings)
    if kind == FILES:
        return await _beside_its_file(request, context.of(request).settings)
    return Arrived(Filled())


async def _texts(request: Request, settings: Settings) -> Arrived:
    most = settings.form_bytes
    try:
        whole = await bodies.received(request, most)
    except Problem as problem:
        if problem.status == 413:
            detail = f"The form has more than {most:,} bytes (setting form_bytes), and was not read."
            problem = Problem(413, "too_many_bytes", f"{detail} Your browser leads back to it as you filled it in.")
        return Arrived(Filled(), problem=problem)
    many = whole.count(b"&") + 1
    if many > settings.form_fields:
        detail = f"The form has {many:,} fields, and at most {settings.form_fields:,} are read (setting form_fields)."
        return Arrived(Filled(), problem=Problem(413, "too_many_fields", detail))
    texts = parse_qsl(whole.decode("latin-1"), keep_blank_values=True, errors="replace")
    longest = settings.form_field_bytes
    for name, text in texts:
        if len(name.encode()) + len(text.encode()) > longest:
            detail = f"The field {name[:80]!r} has more than {longest:,} bytes (setting form_field_bytes)."
            return Arrived(Filled(texts), problem=Problem(413, "field_too_long", detail))
    return Arrived(Filled(texts))


async def _beside_its_file(request: Request, settings: Settings) -> Arrived:
    form: Form | None = None
    try:
        form = uploads.of_page(request, settings, bodies.stream(request))
        await form.to_file()
    except BadForm as bad:
        texts = Filled(form.texts if form is not None else ())
        return Arrived(texts, problem=Problem(400, "bad_form", str(bad)))
    passed = 0
    with suppress(BadForm):
        async for piece in form.data():
            passed += len(piece)
            if passed > settings.form_bytes:
                break
    name = names.stated(form.disposition)
    return Arrived(Filled(form.texts), (names.fit(name),) if name else ())
