"""Uploads of evidence: one file out of a request, raw or in a form. The console shares it."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Annotated

from fastapi import Request
from pydantic import StringConstraints, ValidationError

from activities.directory import files
from activities.directory.files import File
from activities.ledger.protocol import Unavailable
from activities.ledger.refusals import KeyReused
from activities.reads import clients
from services.api import admission, bodies, lists
from services.api.context import Api, now
from services.api.files import visible
from services.auth import Caller
from services.evidence import names, sniffing
from services.evidence import refusals as r
from services.evidence.forms import BadForm, Bounds, Form
from services.evidence.keeping import LONGEST, Keeping, Meter, TooLarge, measured
from services.problems import Problem, UnknownThing, invalid
from services.settings import Settings
from workflows.people import CB_SIDE, CLIENT_SIDE, Frozen, Role
from workflows.procedure import Day
from workflows.sentences import Sentence, mark
from workflows.shapes import Kept

UPLOADERS = frozenset({*CLIENT_SIDE, *CB_SIDE, Role.INTEGRATION})
FORM = "multipart/form-data"
FIELDS = Bounds()
"""The bounds of what is told with a file in a form; the forms of pages have those of the settings."""

_Word = Annotated[Kept, StringConstraints(max_length=1000)]


Admit = Callable[[Form], Mapping[str, str]]
"""Is given a form as far as its file, and says which of its texts are told with it; raises where it is refused."""


class Told(Frozen):
    """What is told with a file, in the query or the fields of a form.

    `name` is what the file is called (else what Content-Disposition says), `client` whose it is, `produced_on` the day
    of the evidence itself, `revises` the id of the file that it takes the place of.
    """

    name: _Word | None = None
    client: _Word | None = None
    produced_on: Day | None = None
    revises: _Word | None = None


async def take(request: Request, api: Api, caller: Caller, admit: Admit | None = None) -> tuple[File, bool]:
    """Takes the file in a request, raw or in a form, and whether the same was taken before under the same key.

    With `admit` it is a form of a page, within the bounds of those: what is told with its file comes before it. Raises
    Problem, Refusal and Unavailable.
    """
    admission.admit(caller, UPLOADERS, mark("Uploading evidence belongs to: {roles}."))
    most, told, key = api.settings.evidence_bytes, lists.query(Told, request), bodies.key(request)
    _check_encoding(request)
    try:
        return await _taken(request, api, caller, admit, told, key)
    except TooLarge:
        raise _too_large(most) from None
    except BadForm as bad:
        raise Problem(400, "bad_form", str(bad)) from None


async def _taken(
    request: Request,
    api: Api,
    caller: Caller,
    admit: Admit | None,
    told: Told,
    key: str | None,
) -> tuple[File, bool]:
    content_type = request.headers.get("content-type", "")
    form: Form | None = None
    fields: Mapping[str, str] = {}
    most = api.settings.evidence_bytes
    disposition, parts = request.headers.get("content-disposition"), bodies.stream(request)
    if sniffing.essence(content_type) == FORM:
        bounds = FIELDS if admit is None else bounds_of_page(api.settings)
        form = Form(content_type, parts, bounds, repeats=admit is not None)
        await form.to_file()
        fields = form.fields if admit is None else admit(form)
        _check_length(request, most, bounds.beside)
        content_type, disposition, parts = form.media_type or "", form.disposition, form.data()
    elif admit is not None:
        raise BadForm("A form is expected here, as a page sends one with a file.")
    else:
        _check_length(request, most)
        # Before its bytes, which the fields of a form may follow.
        await _client(api, caller, told)

    async def described(id: str, object: str, meter: Meter) -> File:
        if meter.size == 0:
            raise r.EmptyFile
        said = told if form is None else _with(told, fields)
        declared, shown = sniffing.essence(content_type), sniffing.sniffed(meter.head)
        client = await _client(api, caller, said)
        await _check_revised(api, caller, said, client)
        return File(
            id=id,
            client=client,
            object=object,
            sha256=meter.sha256,
            size=meter.size,
            media_type=sniffing.taken_for(declared, shown),
            declared_type=declared,
            sniffed_type=shown,
            name=names.fit(said.name or names.stated(disposition)),
            produced_on=said.produced_on,
            revises=said.revises,
            uploaded_by=caller.actor.id,
            uploaded_at=now(),
            key=key,
        )

    most = api.settings.evidence_bytes
    if key is not None and (known := await files.asked(api.database, caller.tenant, caller.actor.id, key)) is not None:
        return _same(known, await described(known.id, known.object, await measured(parts, most))), True
    file: File | None = None
    try:
        async with Keeping(api.database, api.evidence, most).arriving(caller.tenant, parts) as arrived:
            file = await described(arrived.id, arrived.object, arrived.measured)
            await files.keep(api.database, caller.tenant, file, now() - LONGEST)
    except files.Overtaken:
        known = None if key is None else await files.asked(api.database, caller.tenant, caller.actor.id, key)
        if known is None or file is None:
            raise Unavailable("the upload took too long, and was given up") from None
        return _same(known, file), True
    api.recording.metrics.evidenced("kept")
    return file, False


def _same(known: File, again: File) -> File:
    """The file that was kept under a key; refuses another one under it."""
    alike = {"sha256", "client", "name", "produced_on", "revises", "declared_type"}
    if known.model_dump(include=alike) != again.model_dump(include=alike):
        raise KeyReused
    return known


async def _client(api: Api, caller: Caller, told: Told) -> str:
    """Whose evidence it is: the key of a registered client, of a merged one the survivor's."""
    own = caller.actor.client
    if own is not None and told.client not in (None, "", own):
        raise r.ForAnotherClient("/client", own=own)
    wanted = own or told.client
    if not wanted:
        raise r.ForWhom("/client")
    key = (await clients.called(api.database, caller.tenant, {wanted})).keys.get(wanted)
    if key is None:
        raise r.UnknownClient("/client", key=wanted[:200])
    return key


async def _check_revised(api: Api, caller: Caller, told: Told, client: str) -> None:
    if told.revises:
        try:
            revised = await visible(api, caller, told.revises)
        except UnknownThing:
            revised = None
        if revised is None or revised.client != client:
            raise r.RevisedUnknown("/revises", id=told.revises[:128])


def bounds_of_page(settings: Settings) -> Bounds:
    """The bounds of the fields of a page's form."""
    return Bounds(settings.form_field_bytes, settings.form_fields, settings.form_bytes, named=True)


def of_page(request: Request, settings: Settings, parts: AsyncIterator[bytes]) -> Form:
    """A form of a page with a file in it, within the bounds of the forms of pages. Raises BadForm."""
    return Form(request.headers.get("content-type", ""), parts, bounds_of_page(settings), repeats=True)


def _with(told: Told, fields: Mapping[str, str]) -> Told:
    """What the query tells, and the fields of a form; an empty field is none."""
    given = {name: value for name, value in fields.items() if value}
    try:
        return Told.model_validate({**told.model_dump(exclude_none=True), **given})
    except ValidationError as error:
        raise invalid(error) from None


def _check_encoding(request: Request) -> None:
    encoding = request.headers.get("content-encoding", "").strip()
    if encoding.casefold() not in ("", "identity"):
        detail = f"The body is encoded as {encoding[:80]}: send it as it is."
        raise Problem(415, "unsupported_encoding", detail, headers={"Accept-Encoding": "identity"})


def _check_length(request: Request, most: int, beside: int = 0) -> None:
    """That a request is no longer than its file and what is told `beside` it may be, where it says how long it is."""
    stated = request.headers.get("content-length", "")
    if stated.isascii() and stated.isdecimal() and (len(stated) > 18 or int(stated) > most + beside):
        raise _too_large(most)


def _too_large(most: int) -> Problem:
    says = "A file of evidence has at most {most} bytes (setting evidence_bytes)."
    return Problem(413, "too_many_bytes", Sentence(says, most=f"{most:,}"))
