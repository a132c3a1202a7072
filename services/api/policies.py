"""Deadline policies, as the installation holds them: those for everybody, and a tenant's own."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from services.api import lists
from services.api.answers import Json
from services.api.context import Api, TheApi, TheCaller, now
from services.api.direct import Direct
from services.api.lists import Filters, Word
from services.api.openapi import PAGE, POLICY, answers, parameters
from services.auth import Caller
from services.problems import UnknownThing
from workflows.policy import Policy

router = APIRouter(prefix="/v1/policies", tags=["policies"], route_class=Direct)


class PolicyFilters(Filters):
    """Which policies."""

    name: Word | None = None
    scheme: Word | None = Field(default=None, description="a standard or scheme that the policy names")


@router.get(
    "",
    summary="List deadline policies",
    operation_id="list_policies",
    openapi_extra=parameters(PolicyFilters) | answers(PAGE),
)
async def index(request: Request, api: TheApi, caller: TheCaller) -> Response:
    """A page of policies by name, each version whole, the oldest first."""
    wanted = lists.query(PolicyFilters, request)
    found = [policy for policy in own(api, caller) if wanted.cursor is None or _place(policy) > wanted.cursor]
    if wanted.name is not None:
        found = [policy for policy in found if policy.name == wanted.name]
    if wanted.scheme is not None:
        scheme = wanted.scheme.casefold()
        found = [policy for policy in found if scheme in {named.casefold() for named in policy.schemes}]
    shown, following = lists.cut(found, wanted.limit, _place)
    return Json(lists.body(request, [view(policy, caller) for policy in shown], following))


@router.get("/{name}", summary="Read a deadline policy", operation_id="read_policy", openapi_extra=answers(POLICY))
async def detail(name: str, api: TheApi, caller: TheCaller) -> Response:
    """A policy by its name: the version that is in force, whole, and every version, the newest first."""
    versions = [policy for policy in reversed(own(api, caller)) if policy.name == name]
    if not versions:
        raise UnknownThing(thing="policy", id=name[:128])
    today = now().date()
    valid = next((policy for policy in versions if policy.effective_from <= today), None)
    return Json(
        {
            "name": name,
            "in_force": valid and view(valid, caller),
            "versions": [
                {"version": policy.version, "effective_from": policy.effective_from.isoformat()} for policy in versions
            ],
        }
    )


def own(api: Api, caller: Caller) -> Sequence[Policy]:
    """The policies that hold for everybody or for the caller's tenant, in order; what others agreed is theirs."""
    held = (policy for policy in api.policies.policies if not policy.tenants or caller.tenant in policy.tenants)
    return sorted(held, key=_place)


def _place(policy: Policy) -> str:
    """Where a policy stands in the list: by its name, then the date from which it holds, then its version."""
    return f"{policy.name} {policy.effective_from.isoformat()} {policy.version}"


def view(policy: Policy, caller: Caller) -> dict[str, Any]:
    """A version whole, without the names of other tenants."""
    own = {"tenants": [tenant for tenant in policy.tenants if tenant == caller.tenant]}
    return policy.model_dump(mode="json") | own
