"""Deadline policies, as the installation holds them."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.api import lists
from services.api.answers import Json
from services.api.context import TheApi, TheCaller

router = APIRouter(prefix="/v1/policies", tags=["policies"])


@router.get("", summary="List deadline policies")
async def index(request: Request, api: TheApi, caller: TheCaller) -> Response:  # noqa: ARG001 - whoever is known may read them
    """Every policy, whole."""
    return Json(lists.body(request, [policy.model_dump(mode="json") for policy in api.policies.policies]))
