"""Reports: a nonconformity as PDF or DOCX, the log of many as XLSX or CSV. Who sees what is as in detail and list."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing
from functools import partial
from typing import BinaryIO, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.responses import Response

from services import cells
from services.api import lists, streams
from services.api.context import TheApi, TheCaller, now
from services.api.direct import Direct
from services.api.nonconformities import KIND, Which
from services.api.openapi import parameters
from services.api.printing import busy, documents, headers, printed
from services.confined import Busy
from services.problems import Problem
from services.reports import apart, log
from services.reports.filling import fill
from services.reports.gathering import Logbook, papers
from services.reports.wording import Reader
from services.reports.workbook import MOST, TooManyRows, Workbook
from services.streamed import Streamed, begun
from workflows.people import Frozen
from workflows.zones import Zone

router = APIRouter(prefix="/v1", tags=["reports"], route_class=Direct)

_CHUNK = 2**16


class Wanting(Frozen):
    """As what a nonconformity is reported, and in which zone its reader is; the case's own where none is named."""

    format: apart.Format = "pdf"
    zone: Zone | None = None


class LogWanting(Which):
    """Which nonconformities the log tells of, as what, and in which zone its reader is."""

    format: Literal["xlsx", "csv"] = "xlsx"
    zone: Zone = "UTC"


@router.get(
    "/nonconformities/{id}/report",
    summary="Report a nonconformity",
    operation_id="report_nonconformity",
    responses={409: {}, 413: {}},
    openapi_extra=parameters(Wanting) | documents("pdf", "docx"),
)
async def report(id: str, request: Request, api: TheApi, caller: TheCaller) -> Response:
    """The form of a nonconformity as it stands: a tagged PDF, or a DOCX in the certification body's own template."""
    wanted = lists.query(Wanting, request)
    stream = await streams.visible(api, caller, KIND, id)
    body = api.settings.body_name(caller.tenant)
    told = await papers(api.ledger, api.database, caller.scope, stream, body)
    reader = Reader(ZoneInfo(wanted.zone or told.case.zone))
    form = await asyncio.to_thread(fill, told, reader, now())
    return await printed(api, caller, form, wanted.format, told.case.number or f"finding-{id}")


@router.get(
    "/nonconformity-log",
    summary="Export the nonconformity log",
    operation_id="export_nonconformity_log",
    responses={413: {}},
    openapi_extra=parameters(LogWanting) | documents("xlsx", "csv"),
)
async def export_log(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A row for each nonconformity that the caller may see, the newest report first, by the filters of the list."""
    wanted = lists.query(LogWanting, request)
    reader = Reader(ZoneInfo(wanted.zone))
    book = Logbook(api.ledger, api.database, caller.scope, wanted.wanted(), reader, now())
    kept = headers("nonconformity-log", wanted.format)
    if wanted.format == "csv":
        return Streamed(await begun(_lines(log.header(reader), book.pages())), headers=kept)
    try:
        async with api.bindery.turn():
            file = await _workbook(book, log.header(reader))
    except Busy:
        raise busy() from None
    return Streamed(_chunks(file), headers=kept)


async def _lines(header: Sequence[str], pages: AsyncIterator[Sequence[Sequence[str]]]) -> AsyncIterator[str]:
    """The log as CSV, a page at a time."""
    above = cells.line(header)
    async for page in pages:
        yield above + "".join(map(cells.line, page))
        above = ""


async def _workbook(book: Logbook, header: Sequence[str]) -> BinaryIO:
    """The log as a workbook in a file without a name, which ends with its handle."""
    file: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - the answer reads it, and closes it
    try:
        with Workbook(file, "Nonconformity log", header) as made:
            async with aclosing(book.pages()) as pages:
                async for page in pages:
                    await _apart(partial(made.add, page))
            await _apart(made.complete)
    except TooManyRows:
        file.close()
        detail = f"The log has more than {MOST:,} rows: filter them, or ask for format=csv."
        raise Problem(413, "too_many_items", detail) from None
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


async def _apart(work: Callable[[], None]) -> None:
    """Works in a thread, to the end also where nobody waits for it any more: then what it works on is closed."""
    working = asyncio.create_task(asyncio.to_thread(work))
    try:
        await asyncio.shield(working)
    finally:
        await asyncio.wait([working])


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk
