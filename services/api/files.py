"""Files of evidence for who asks: which they may see, how one fits what is attached. The console shares it."""

from collections.abc import Sequence

from activities.directory import files
from activities.directory.files import File
from activities.ledger.protocol import Scope, Stream
from services.api import streams
from services.api.context import Api
from services.auth import Caller
from services.evidence import refusals as r
from services.evidence import sniffing
from services.problems import UnknownThing
from workflows.decider import Command
from workflows.nonconformity.case import Case
from workflows.nonconformity.commands import AttachEvidence

SEVERAL = 20
"""Uploads of one content that are looked at."""


async def visible(api: Api, caller: Caller, id: str) -> File:
    """The file, where the caller may see it; UnknownThing otherwise, whether it is there or not.

    A client's people see their client's files; whoever uploaded one sees it; anybody else sees those that a case names
    which they may see.
    """
    if len(id) <= 128 and "\x00" not in id:
        file = await files.find(api.database, caller.scope, id)
        if file is not None and await _shown(api, caller, file):
            return file
    raise UnknownThing(thing="file", id=id[:128])


async def attached(api: Api, caller: Caller, file: File) -> Sequence[str]:
    """The ids of cases that name the file, as far as the caller may see them, the newest first."""
    found = await files.cases(api.database, caller.tenant, file)
    return [case for case in found if await _sees(api, caller, case)]


async def _shown(api: Api, caller: Caller, file: File) -> bool:
    actor = caller.actor
    if caller.scope.client is not None or actor.id == file.uploaded_by:
        return True  # of its own client alone, by row-level security
    if actor.client not in (None, file.client):
        return False
    for case in await files.cases(api.database, caller.tenant, file):
        if await _sees(api, caller, case):
            return True
    return False


async def _sees(api: Api, caller: Caller, case: str) -> bool:
    try:
        await streams.visible(api, caller, "nonconformity", case)
    except UnknownThing:
        return False
    return True


async def of_case(api: Api, case: Case, tenant: str) -> Sequence[File]:
    """The files that a case names, the newest first: for whoever may see the case."""
    contents = sorted({piece.sha256 for piece in case.evidence})
    if not contents or case.client is None:
        return []
    return await files.listed(
        api.database, Scope(tenant), None, len(contents) + SEVERAL, client=case.client, contents=contents
    )


async def fits(api: Api, stream: Stream, command: Command) -> None:
    """Raises FileDiffers for evidence that is attached as something else than what its client uploaded.

    What others uploaded counts for nothing, and is not told: what nobody uploaded is evidence kept elsewhere.
    """
    if command.name != AttachEvidence.command or not isinstance(stream.state, Case) or stream.state.client is None:
        return
    body = command.shaped(AttachEvidence)
    found = await files.listed(
        api.database, Scope(stream.tenant), None, SEVERAL, client=stream.state.client, contents=[body.sha256]
    )
    if not found:
        return
    size = found[0].size
    if body.size not in (None, size):
        raise r.FileDiffers("/size", what="the size", known=size, stated=body.size)
    stated = sniffing.essence(body.media_type)
    if not any(_is_of(stated, file) for file in found):
        types = " or ".join(sorted({file.media_type for file in found}))
        raise r.FileDiffers("/media_type", what="the type", known=types, stated=body.media_type[:80])


def _is_of(stated: str | None, file: File) -> bool:
    if stated is None:
        return False
    return stated in (file.media_type, file.declared_type) or (
        file.sniffed_type is not None and sniffing.agrees(stated, file.sniffed_type)
    )
