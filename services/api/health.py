"""Whether the process lives, whether it can do its work, and its numbers."""

import asyncio
from datetime import timedelta

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import JSONResponse, Response
from temporalio.service import RPCError

from activities.engine import Engine
from activities.ledger.database import Database
from activities.ledger.protocol import Unavailable
from activities.ledger.queries import query
from services.api.context import TheApi
from services.api.problems import Problem

PATIENCE = timedelta(seconds=2)

router = APIRouter(tags=["health"])


@router.get("/livez", summary="Does the process live")
async def livez() -> Response:
    """It does, as it answers."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz", summary="Can it do its work")
async def readyz(api: TheApi) -> Response:
    """Asks the database and the engine."""
    database, engine = await asyncio.gather(_database(api.database), _engine(api.engine))
    parts = {"database": database, "engine": engine}
    if all(parts.values()):
        return JSONResponse({"status": "ok", **dict.fromkeys(parts, "ok")})
    away = [name for name, well in parts.items() if not well]
    more = {name: "ok" if well else "away" for name, well in parts.items()}
    raise Problem(503, "not_ready", f"Away: {', '.join(away)}.", headers={"Retry-After": "1"}, more=more)


@router.get("/metrics", summary="Numbers for Prometheus")
async def metrics(api: TheApi) -> Response:
    """The counters of this process."""
    return Response(api.metrics.text(), media_type=CONTENT_TYPE_LATEST)


async def _database(database: Database) -> bool:
    try:
        async with database.transaction() as connection:
            await connection.fetchval(query("read_epoch"))
    except Unavailable:
        return False
    return True


async def _engine(engine: Engine) -> bool:
    try:
        return await engine.client.service_client.check_health(timeout=PATIENCE)
    except (RPCError, RuntimeError):  # a lazy client says a refused first connection as RuntimeError
        return False
