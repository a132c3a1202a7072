"""Who the caller is, as this installation sees it."""

from fastapi import APIRouter
from starlette.responses import Response

from services.api.answers import Json
from services.api.context import TheCaller

router = APIRouter(tags=["me"])


@router.get("/v1/me", summary="Who am I")
async def me(caller: TheCaller) -> Response:
    """The caller's id, roles and bounds."""
    told = caller.actor.model_dump(mode="json", exclude={"roles"})
    rights = {"tenant": caller.tenant, "may_create_clients": caller.may_create_clients}
    return Json({**told, "roles": sorted(caller.actor.roles), **rights})
