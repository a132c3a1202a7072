"""Whether the process lives, whether it can do its work, and its numbers."""

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import JSONResponse, PlainTextResponse, Response

from services import readiness
from services.api.context import TheApi
from services.problems import Problem
from services.readiness import OK

router = APIRouter(tags=["health"])


@router.get("/livez", summary="Does the process live")
async def livez() -> Response:
    """It does, as it answers."""
    return JSONResponse({"status": OK})


@router.get("/readyz", summary="Can it do its work", responses={503: {}})
async def readyz(api: TheApi) -> Response:
    """Asks the database, whether it is migrated, and the engine, whether it knows the namespace."""
    parts = await readiness.parts(api.database, api.engine.client)
    faults = [f"{name} ({said})" for name, said in parts.items() if said != OK]
    if not faults:
        return JSONResponse({"status": OK, **parts})
    raise Problem(503, "not_ready", f"Not ready: {', '.join(faults)}.", headers={"Retry-After": "1"}, more=parts)


@router.get("/metrics", summary="Numbers for Prometheus", response_class=PlainTextResponse)
async def metrics(api: TheApi) -> Response:
    """The counters of this process, and of its client of the engine."""
    numbers = api.recording.metrics.text() + (await api.sdk.text() if api.sdk else b"")
    return Response(numbers, media_type=CONTENT_TYPE_LATEST)
