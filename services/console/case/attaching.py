"""The file that evidence is: an upload, told as it is held and by nobody's typing; or one kept elsewhere, described.

A form names uploads by their ids alone. What is recorded of each, its name, digest, type and size, is what is held.
"""

from collections.abc import Container, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from activities.directory.files import File
from activities.reads import desk
from services.api import files
from services.api.context import Api
from services.auth import Caller
from services.console.forms.fields import Field
from services.console.forms.sent import REVISES, UPLOAD
from services.console.forms.typed import Typed, written
from services.console.frame.catalogue import gettext
from services.problems import UnknownThing
from services.signin.forms import Filled
from workflows.nonconformity.case import Case
from workflows.nonconformity.commands import AttachEvidence
from workflows.nonconformity.parts import Evidence

COMMAND = AttachEvidence.command
"""The command by which a file becomes evidence, and whose form uploads it."""

CHOSEN = "file"
"""The field in which a file is chosen; a form that uploads none says its name there."""

DESCRIBED = frozenset({"name", "sha256", "media_type", "size"})
"""What is said of a file that is kept elsewhere, and is known of an upload."""

CARRIED = frozenset({"shows", "produced_on", "site", UPLOAD})
"""What else its form asks, and what was uploaded for it before: it is carried over an upload."""

MOST = 20
"""Uploads that one form names."""

PLACES = {f"/{CHOSEN}", f"/{REVISES}"}
"""What an upload can be at fault in, where the page of the form shows it."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that the case names: what somebody may upload another in place of."""

    file: File
    piece: Evidence


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to be attached, the one that it is in place of, and the piece of the `same` content, if any."""

    file: File
    revised: File | None
    same: Attached | None


@dataclass(frozen=True, slots=True)
class Attaching:
    """The file of a form: the `uploads` that it names, or `elsewhere`, the fields by which one is described.

    `is_described` says whether there is anything in these. `attached` are files that the case names already, the newest
    upload of each content. `names` has who uploaded them, who need have no part in the case.
    """

    uploads: Sequence[Upload]
    attached: Sequence[Attached]
    elsewhere: Sequence[Field]
    is_described: bool
    names: Mapping[str, str]


async def held(api: Api, caller: Caller, case: Case, typed: Typed) -> Sequence[File]:
    """The uploads that a form names, of the case's client, as far as they are there and seen."""
    found: list[File] = []
    for upload in named(typed):
        with suppress(UnknownThing):
            file = await files.visible(api, caller, upload)
            found += [file] if file.client == case.client else []
    return found


def named(typed: Typed) -> Sequence[str]:
    """The ids of the uploads that a form names, each once."""
    return [*dict.fromkeys(one for one in typed.get(UPLOAD, ()) if one)][:MOST]


def without(typed: Typed, uploads: Container[str]) -> Typed:
    """What is typed into a form that names some uploads no more."""
    return {**typed, UPLOAD: [one for one in typed.get(UPLOAD, ()) if one not in uploads]}


def left(sent: Filled, attached: Sequence[File]) -> Filled:
    """What was sent, without the uploads that were attached."""
    gone = {file.id for file in attached}
    return Filled([(name, text) for name, text in sent.multi_items() if name != UPLOAD or text not in gone])


def amiss(typed: Typed, uploads: Sequence[File]) -> str:
    """Why a form is about no file, or not about all that it names; empty where it is."""
    chosen = next((one for one in typed.get(CHOSEN, ()) if one), "")
    if len(uploads) < len(named(typed)):
        return gettext("This upload is not there, or you may not see it. Upload the file again.")
    if chosen:
        said = gettext("%(name)s was chosen, but not uploaded. Choose it again, and press “Upload”.")
        return said % {"name": chosen}
    if not uploads and not is_described(typed):
        return gettext("Upload the file, or describe one that is kept elsewhere.")
    return ""


def described(typed: Typed, file: File | None) -> Typed:
    """What is typed, with what is held of its upload instead of anything said of it."""
    if file is None:
        return typed
    return {**typed, **written(file.model_dump(mode="json", include=set(DESCRIBED)))}


def is_described(typed: Typed) -> bool:
    """Whether anything is said of a file that is kept elsewhere."""
    return any(text.strip() for name in DESCRIBED for text in typed.get(name, ()))


async def attaching(
    api: Api, caller: Caller, case: Case, typed: Typed, fields: Sequence[Field], faults: Mapping[str, str]
) -> Attaching:
    """What the form of COMMAND shows of its file. Raises Unavailable."""
    kept = await files.of_case(api, case, caller.tenant)
    newest: dict[str, File] = {}
    for file in kept:
        newest.setdefault(file.sha256, file)
    pieces = {piece.sha256: piece for piece in case.evidence}
    attached = [Attached(file, pieces[sha256]) for sha256, file in newest.items()]
    uploads = await held(api, caller, case, typed)
    revised = {file.id: file for file in kept}
    same = {one.file.sha256: one for one in attached}
    elsewhere = [one for one in fields if one.name in DESCRIBED]
    for one in elsewhere:
        one.required = False  # whoever uploads says none of it
    return Attaching(
        uploads=[Upload(file, revised.get(file.revises or ""), same.get(file.sha256)) for file in uploads],
        attached=attached,
        elsewhere=elsewhere,
        is_described=not uploads and (is_described(typed) or any(f"/{name}" in faults for name in DESCRIBED)),
        names=await desk.names(api.database, caller.scope, [file.uploaded_by for file in uploads]) if uploads else {},
    )
