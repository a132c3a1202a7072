"""The file that evidence is: an upload, told as it is held and by nobody's typing; or one kept elsewhere, described.

A form names an upload by its id alone. What is recorded of it, its name, digest, type and size, is what is held.
"""

from collections.abc import Mapping, Sequence
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
from workflows.nonconformity.case import Case
from workflows.nonconformity.commands import AttachEvidence
from workflows.nonconformity.parts import Evidence

COMMAND = AttachEvidence.command
"""The command by which a file becomes evidence, and whose form uploads it."""

CHOSEN = "file"
"""The field in which a file is chosen; a form that uploads none says its name there."""

DESCRIBED = frozenset({"name", "sha256", "media_type", "size"})
"""What is said of a file that is kept elsewhere, and is known of an upload."""

CARRIED = frozenset({"shows", "produced_on", "site"})
"""What else its form asks: it is carried over an upload."""

PLACES = {f"/{CHOSEN}", f"/{REVISES}"}
"""What an upload can be at fault in, where the page of the form shows it."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that the case names: what somebody may upload another in place of."""

    file: File
    piece: Evidence


@dataclass(frozen=True, slots=True)
class Attaching:
    """The file of a form: the `upload` that it names, or `elsewhere`, the fields by which one is described.

    `is_described` says whether there is anything in these. `attached` are files that the case names already, the newest
    upload of each content; `revised` the one of them in whose place the upload is, `same` the one of its content.
    `names` has who uploaded it, who need have no part in the case.
    """

    upload: File | None
    revised: File | None
    attached: Sequence[Attached]
    elsewhere: Sequence[Field]
    is_described: bool
    same: Attached | None
    names: Mapping[str, str]


async def held(api: Api, caller: Caller, case: Case, typed: Typed) -> File | None:
    """The upload that a form names, of the case's client; None where it names none, or none that they may see."""
    upload = named(typed)
    if not upload:
        return None
    try:
        file = await files.visible(api, caller, upload)
    except UnknownThing:
        return None
    return file if file.client == case.client else None


def named(typed: Typed) -> str:
    """The id of the upload that a form names; empty for none."""
    return next((one for one in typed.get(UPLOAD, ()) if one), "")


def amiss(typed: Typed, file: File | None) -> str:
    """Why a form is about no file; empty where it is about one."""
    if file is not None:
        return ""
    if named(typed):
        return gettext("This upload is not there, or you may not see it. Upload the file again.")
    chosen = next((one for one in typed.get(CHOSEN, ()) if one), "")
    if chosen:
        said = gettext("%(name)s was chosen, but not uploaded. Choose it again, and press “Upload”.")
        return said % {"name": chosen}
    if not is_described(typed):
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
    upload = await held(api, caller, case, typed)
    elsewhere = [one for one in fields if one.name in DESCRIBED]
    for one in elsewhere:
        one.required = False  # whoever uploads says none of it
    return Attaching(
        upload=upload,
        revised=next((file for file in kept if upload and file.id == upload.revises), None),
        attached=attached,
        elsewhere=elsewhere,
        is_described=upload is None and (is_described(typed) or any(f"/{name}" in faults for name in DESCRIBED)),
        same=next((one for one in attached if upload and one.file.sha256 == upload.sha256), None),
        names=await desk.names(api.database, caller.scope, [upload.uploaded_by]) if upload else {},
    )
