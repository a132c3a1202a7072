import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from services.routing import Found, take

PATTERNS = ("/", "/cases", "/cases/{id}", "/cases/{id}/close", "/cases/{id}/files/{name:path}", "/{kind}/{id}/events")
PATHS = (
    *("/", "/cases", "/cases/", "/cases/1", "/cases/1/close", "/cases//close", "/cases/1/2/close", "/cases/close"),
    *("/cases/1/files/a/close", "/cases/1/files/", "/audits/1/events", "/cases/1/events", "/case", "/cases/1/closed"),
)


async def nothing() -> None:
    pass


@pytest.mark.parametrize("root", ["", "/behind"])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_look_at_both_ends_of_a_path_changes_no_match(pattern: str, root: str) -> None:
    found = []
    for path in PATHS:
        scope = {"type": "http", "method": "GET", "path": f"{root}{path}", "root_path": root}
        [is_seen, known] = [route(pattern, nothing).matches(dict(scope))[0] for route in (Found, APIRoute)]
        assert is_seen == known, path
        found.append(is_seen)
    assert len(set(found)) == 2


async def test_an_app_answers_at_the_routes_that_it_takes() -> None:
    app, router = FastAPI(), APIRouter(prefix="/cases", route_class=Found)

    @router.get("/{id}")
    async def read(id: str) -> str:
        return id

    @router.post("/{id}/close")
    async def close(id: str) -> str:
        return f"{id} is closed"

    take(app, router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as http:
        assert (await http.get("/cases/1")).json() == "1"
        assert (await http.post("/cases/1/close")).json() == "1 is closed"
        refused = await http.get("/cases/1/close")
        assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
        assert (await http.get("/cases/1/open")).status_code == 404
    assert set(app.openapi()["paths"]) == {"/cases/{id}", "/cases/{id}/close"}
