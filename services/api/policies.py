"""Deadline policies, as the installation holds them."""

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from services.api import lists
from services.api.context import TheApi, TheCaller

router = APIRouter(prefix="/v1/policies", tags=["policies"])


@router.get("", summary="List deadline policies")
async def index(api: TheApi, caller: TheCaller) -> Response:  # noqa: ARG001 - whoever is known may read them
    """Every policy, whole."""
    return JSONResponse(lists.body([policy.model_dump(mode="json") for policy in api.policies.policies]))
