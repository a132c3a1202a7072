"""Documents for other systems, had from the API by the command line."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Literal

from services.client import Closeout, Failed, Unreached
from services.runs import Unusable, running
from services.sending import Address, told
from services.settings import Settings


def address(api: str | None, bearer: str | None, data: Path | None) -> Address:
    """Where the API is, and who asks it: as given, or somebody of the certification body, on the running stack."""
    if api and bearer:
        return Address(api, bearer)
    ready = running(Settings.load({"data": data}).data)
    tokens = [bearer] if bearer else [person.token for person in ready.people if person.client is None]
    if not tokens:
        raise Unusable("no token, and no key that is bound to the client: give one with --key or CLOSEOUT_KEY")
    return Address(api or ready.api, tokens[0])


async def poam(client: str, to: Address, file: Path | None) -> None:
    """Writes a client's POA&M to a file, else to the standard output. Unusable where there is none to be had."""
    document = await _had(to, lambda api: api.poam(client))
    if file is None:
        sys.stdout.buffer.write(document + b"\n")
        return
    _write(document, file)


async def report(id: str, format: Literal["pdf", "docx"], zone: str | None, to: Address, file: Path) -> None:
    """Writes the report of a nonconformity to a file. Unusable where there is none to be had."""
    _write(await _had(to, lambda api: api.document(id, format=format, zone=zone)), file)


async def _had(to: Address, asking: Callable[[Closeout], Awaitable[bytes]]) -> bytes:
    async with to.open() as api:
        try:
            return await asking(api)
        except Failed as failed:
            raise Unusable(told(failed.trouble)) from None
        except Unreached as error:
            raise Unusable(f"{to.api}: {error}") from None


def _write(document: bytes, file: Path) -> None:
    try:
        file.write_bytes(document)
    except OSError as error:
        raise Unusable(f"{file}: {error.strerror}") from None
